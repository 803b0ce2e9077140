extension Culture {
  static let polish = Culture(
    "pl", site: "Warsaw", city: "Warszawa", country: "Polska", zone: .warsaw, phone: "+48 22",
    women: """
      Agnieszka Elżbieta:elzbieta Małgorzata:malgorzata Żaneta:zaneta Ewa Joanna Łucja:lucja
      Katarzyna
      """,
    men: """
      Krzysztof Paweł:pawel Michał:michal Łukasz:lukasz Grzegorz Wojciech Stanisław:stanislaw Tomasz
      """,
    surnames: """
      Kowalski:kowalski:Kowalska Nowak Wiśniewski:wisniewski:Wiśniewska:wisniewska
      Wójcik:wojcik Lewandowski:lewandowski:Lewandowska Zieliński:zielinski:Zielińska:zielinska
      Szymański:szymanski:Szymańska:szymanska Woźniak:wozniak Dąbrowski:dabrowski:Dąbrowska:dabrowska
      Kozłowski:kozlowski:Kozłowska:kozlowska Mazur Jankowski:jankowski:Jankowska
      Krawczyk Piotrowski:piotrowski:Piotrowska Grabowski:grabowski:Grabowska Pawlak
      Michalski:michalski:Michalska Król:krol Wróbel:wrobel Stępień:stepien
      """,
    greeting: "Dzień dobry", closing: "Pozdrawiam serdecznie", vacation: "Urlop",
    sick: "Zwolnienie lekarskie",
    sentences: """
      W załączniku przesyłam materiały na czwartkowe spotkanie.
      Proszę o sprawdzenie liczb za pierwszy kwartał do piątku.
      Klient przełożył spotkanie na przyszły tydzień.
      Dziś po 15:00 będę poza biurem, jutro już na miejscu.
      Oferta opiewa na 12 400 zł netto.
      Dziękuję za szybką odpowiedź!
      W środę rano winda będzie nieczynna z powodu przeglądu.
      Szkic mi się podoba, zmieniłbym tylko tytuł.
      Proszę pamiętać o uzupełnieniu listy obecności.
      Dostawa ma być między 8 a 10.
      Na szkolenie zgłosiło się jedenaście osób.
      Znaleźliśmy błąd: załącznik był zbyt duży.
      Proponuję omówić to krótko przez telefon.
      Protokół znajduje się we wspólnym folderze.
      """,
    subjects: """
      Materiały na czwartek
      Pytanie o ofertę
      Protokół ze spotkania
      Rezerwacja sali
      Goście w przyszłym tygodniu
      Faktura 2026-0855
      Próbna ewakuacja
      Nowe krzesła
      """,
    meetings: """
      Spotkanie tygodniowe
      Przegląd budżetu
      Prezentacja projektów
      Spotkanie z klientem
      Przekazanie projektu Łódź
      Szkolenie z bezpieczeństwa
      """,
    appointments: """
      Dentysta
      Zebranie w szkole
      Odebrać rower z serwisu
      Obiad z Elżbietą
      Urząd skarbowy; zabrać dokumenty
      Kurs hiszpańskiego
      """,
    todos: """
      Rozliczyć delegację
      Przygotować ofertę
      Poprawić prezentację
      Prezent dla Joanny
      Sprawdzić, podpisać i odesłać umowę
      Kopia starego komputera
      Wniosek urlopowy
      Uporządkować notatki
      """,
    places: """
      Sala Wisła
      Duża sala, 3. piętro
      Stołówka
      Pokój 214
      """,
    streets: """
      ul. Świętokrzyska 12
      ul. Długa 3
      al. Jerozolimskie 77
      """,
    companies: """
      Wróbel i Spółka
      Transport Północ
      Drukarnia Zielona
      Meble Kraków
      """,
    holidays: """
      1 1 Nowy Rok
      1 6 Święto Trzech Króli
      4 6 Poniedziałek Wielkanocny
      5 1 Święto Pracy
      6 4 Boże Ciało
      11 11 Święto Niepodległości
      12 24 Wigilia
      12 25 Boże Narodzenie
      """)
}
