extension Culture {
  static let english = Culture(
    "en", site: "New-York", city: "New York", country: "USA", zone: .newYork, phone: "+1 212",
    women: "Carol Erin Grace Judy Olivia Sybil Trudy Wendy",
    men: "Dave Frank Heath Ivan Mallory Peter Victor Walter",
    surnames: """
      Miller Baker O'Brien:obrien Carter Davies Evans Fletcher Green Harris Jackson Knight Lewis
      Mitchell Nelson Parker Quinn Roberts Stewart Turner Wright
      """,
    greeting: "Hi", closing: "Best regards", vacation: "Vacation", sick: "Sick leave",
    sentences: """
      Please find attached the figures for the first quarter.
      From Monday on, the canteen opens at half past eleven.
      The customer moved the call to next week, same time.
      Could you check whether the numbers on page 3 are right?
      I'm out of the office this afternoon and back tomorrow morning.
      Thanks for the quick reply, that is just what we needed.
      The printer on the second floor is being replaced on Wednesday.
      We should agree on the wording before it goes out.
      The draft looks good to me; only the heading needs another look.
      The courier will be here between 9 and 11.
      Let's keep it short: decide on the date, then on the room.
      Eleven people have signed up for the training so far.
      The old server is switched off at the end of the month.
      Nobody objected, so I ordered the blue ones.
      I've put the minutes into the shared folder.
      """,
    subjects: """
      Figures for the first quarter
      Meeting room on Thursday
      Minutes of the review
      Question about the offer
      Visitors next week
      Invoice 2026-0388
      Fire drill on Wednesday
      New chairs
      """,
    meetings: """
      Weekly meeting
      Design review
      Budget planning
      Customer call
      Project hand-over
      Security training
      """,
    appointments: """
      Dentist
      School concert
      Pick up the car
      Lunch with Grace
      Tax adviser; bring the receipts
      Running club
      """,
    todos: """
      Travel expenses
      Write the offer for Fletcher & Co.
      Revise the slides
      Present for Carol
      Check, sign and return the contract
      Back up the old laptop
      Renew the parking permit
      Sort the notes from the interview
      """,
    places: """
      Room Hudson
      Large hall, 3rd floor
      Canteen
      Office 1408
      """,
    streets: """
      118 West 57th Street
      40 Water Street
      9 Maple Avenue
      """,
    companies: """
      Fletcher & Co.
      Northern Freight Inc.
      Green Print LLC
      Hudson Furniture
      """,
    holidays: """
      1 1 New Year's Day
      1 19 Martin Luther King Jr. Day
      2 16 Presidents' Day
      5 25 Memorial Day
      6 19 Juneteenth
      7 3 Independence Day (observed)
      9 7 Labor Day
      11 26 Thanksgiving
      12 25 Christmas Day
      """)
}
