extension Culture {
  static let indian = Culture(
    "hi", site: "Bengaluru", city: "बेंगलुरु", country: "भारत", zone: .kolkata, phone: "+91 80",
    needsReading: true,
    women: """
      प्रिया:priya अनीता:anita दीपा:deepa कविता:kavita लक्ष्मी:lakshmi मीना:meena सुनीता:sunita उषा:usha
      """,
    men: """
      राहुल:rahul अर्जुन:arjun विक्रम:vikram गौरव:gaurav हर्ष:harsh मोहन:mohan नवीन:naveen सुरेश:suresh
      """,
    surnames: """
      शर्मा:sharma वर्मा:verma पटेल:patel सिंह:singh गुप्ता:gupta राव:rao नायर:nair अय्यर:iyer
      मेहता:mehta जोशी:joshi कुलकर्णी:kulkarni देसाई:desai चौधरी:chaudhary मिश्रा:mishra भट्ट:bhatt
      रेड्डी:reddy मेनन:menon बनर्जी:banerjee दास:das कपूर:kapoor
      """,
    greeting: "नमस्ते", closing: "Thanks & regards", vacation: "Annual leave", sick: "Sick leave",
    sentences: """
      Please find attached the papers for Thursday's meeting.
      कृपया शुक्रवार तक पहली तिमाही के आँकड़े जाँच लें।
      The client has asked to postpone the call to next week.
      आज तीन बजे के बाद मैं कार्यालय में नहीं रहूँगा।
      The quotation comes to ₹ 1,24,000 plus GST.
      जल्दी उत्तर देने के लिए धन्यवाद!
      The lift will be serviced on Wednesday morning.
      मसौदा अच्छा है, केवल शीर्षक बदलना चाहिए।
      Kindly fill in your timesheets before the month ends.
      The courier is expected between 8 and 10.
      प्रशिक्षण के लिए अब तक ग्यारह लोगों ने नाम दिया है।
      We found the issue: the attachment was too large.
      Let us discuss this briefly over the phone.
      The minutes are in the shared folder.
      """,
    subjects: """
      Papers for Thursday
      कोटेशन के बारे में प्रश्न
      Minutes of the meeting
      बैठक कक्ष का आरक्षण
      Visitors next week
      Invoice 2026-1310
      अग्नि सुरक्षा अभ्यास
      New furniture
      """,
    meetings: """
      साप्ताहिक बैठक
      Budget review
      Design walkthrough
      Client visit
      Project hand-over
      सूचना सुरक्षा प्रशिक्षण
      """,
    appointments: """
      दंत चिकित्सक
      Parent-teacher meeting
      Car service
      Lunch with Deepa
      Tax filing; bring the documents
      Yoga class
      """,
    todos: """
      Travel claim
      कोटेशन तैयार करना
      Revise the presentation
      Gift for Meena
      Check, sign and return the contract
      Back up the old laptop
      छुट्टी का आवेदन
      Sort the notes
      """,
    places: """
      Cauvery room
      Main hall, 3rd floor
      Canteen
      Cabin 214
      """,
    streets: """
      12 MG Road
      45 Residency Road
      7 Brigade Road
      """,
    companies: """
      Sharma Traders Pvt. Ltd.
      Northern Logistics
      हरित मुद्रणालय
      Mysore Furniture
      """,
    holidays: """
      1 26 गणतंत्र दिवस
      3 4 होली
      4 3 Good Friday
      5 1 May Day
      10 2 गांधी जयंती
      10 20 दशहरा
      11 9 दीपावली
      12 25 Christmas
      """)
}
