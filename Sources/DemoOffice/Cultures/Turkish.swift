extension Culture {
  static let turkish = Culture(
    "tr", site: "Istanbul", city: "İstanbul", country: "Türkiye", zone: .istanbul, phone: "+90 212",
    women: "Ayşe:ayse Elif Gülşen:gulsen Hatice İpek:ipek Merve Özlem:ozlem Zeynep",
    men: "Ahmet Burak Çağrı:cagri Emre Hüseyin:huseyin Işık:isik Mehmet Şükrü:sukru",
    surnames: """
      Yılmaz:yilmaz Kaya Demir Şahin:sahin Çelik:celik Yıldız:yildiz Yıldırım:yildirim Öztürk:ozturk
      Aydın:aydin Özdemir:ozdemir Arslan Doğan:dogan Kılıç:kilic Aslan Çetin:cetin Kara Koç:koc
      Kurt Özkan:ozkan Şimşek:simsek
      """,
    greeting: "Merhaba", closing: "Saygılarımla", vacation: "Yıllık izin", sick: "Raporlu",
    sentences: """
      Perşembe günkü toplantının belgeleri ektedir.
      Lütfen ilk çeyrek rakamlarını cumaya kadar kontrol edin.
      Müşteri görüşmeyi gelecek haftaya erteledi.
      Bugün saat 15'ten sonra dışarıdayım, yarın sabah buradayım.
      Teklif tutarı KDV hariç 124.000 TL.
      Hızlı yanıtınız için teşekkürler!
      Çarşamba sabahı asansör bakıma alınacak.
      Taslak güzel olmuş, yalnızca başlığı değiştirirdim.
      Ay sonuna kadar mesai girişlerini unutmayın.
      Teslimat 8 ile 10 arasında bekleniyor.
      Eğitime şimdiye kadar on bir kişi kaydoldu.
      Hatayı bulduk: ek dosya çok büyükmüş.
      Bunu kısaca telefonda konuşmayı öneriyorum.
      Tutanak ortak klasörde.
      """,
    subjects: """
      Perşembe belgeleri
      Teklif hakkında soru
      Toplantı tutanağı
      Toplantı odası ayırtma
      Gelecek haftaki ziyaretçiler
      Fatura 2026-1299
      Tahliye tatbikatı
      Yeni koltuklar
      """,
    meetings: """
      Haftalık toplantı
      Bütçe görüşmesi
      Tasarım sunumu
      Müşteri ziyareti
      Proje devri
      Güvenlik eğitimi
      """,
    appointments: """
      Diş hekimi
      Veli toplantısı
      Arabayı servisten al
      Özlem ile öğle yemeği
      Muhasebeci; fişleri getir
      İngilizce kursu
      """,
    todos: """
      Yol masrafları
      Teklifi hazırla
      Sunumu düzelt
      İpek için hediye
      Sözleşmeyi incele, imzala, geri gönder
      Eski bilgisayarı yedekle
      İzin dilekçesi
      Notları düzenle
      """,
    places: """
      Boğaziçi odası
      Büyük salon, 3. kat
      Yemekhane
      Oda 214
      """,
    streets: """
      İstiklal Caddesi 12
      Bağdat Caddesi 45
      Büyükdere Caddesi 7
      """,
    companies: """
      Çelik Kardeşler A.Ş.
      Kuzey Nakliyat
      Yeşil Matbaa
      Şahin Mobilya
      """,
    holidays: """
      1 1 Yılbaşı
      3 20 Ramazan Bayramı
      4 23 Ulusal Egemenlik ve Çocuk Bayramı
      5 1 Emek ve Dayanışma Günü
      5 19 Gençlik ve Spor Bayramı
      5 27 Kurban Bayramı
      5 28 Kurban Bayramı
      5 29 Kurban Bayramı
      7 15 Demokrasi ve Millî Birlik Günü
      10 29 Cumhuriyet Bayramı
      """)
}
