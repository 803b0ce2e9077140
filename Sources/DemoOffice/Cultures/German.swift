extension Culture {
  static let german = Culture(
    "de", site: "Berlin", city: "Berlin", country: "Deutschland", zone: .berlin, phone: "+49 30",
    women: "Anna Jana Käthe:kaethe Sabine Ulrike Heike Birgit Meike",
    men: "Jürgen:juergen Hans Götz:goetz Stefan Uwe Matthias Lars Dieter",
    surnames: """
      Weber Müller:mueller Schröder:schroeder Jäger:jaeger Krüger:krueger Groß:gross Hofmann Lehmann
      Schäfer:schaefer Vogel Becker Zimmermann Köhler:koehler Böhm:boehm Winkler Lorenz Franke
      Albrecht Ludwig Haas
      """,
    greeting: "Guten Tag", closing: "Viele Grüße", vacation: "Urlaub", sick: "krank",
    sentences: """
      Anbei die Unterlagen für die Besprechung am Donnerstag.
      Bitte prüft bis Freitag, ob die Zahlen für das erste Quartal stimmen.
      Der Kunde in Zürich hat den Termin um eine Woche verschoben.
      Die Übergabe an die Buchhaltung ist erledigt, es fehlen nur noch drei Belege.
      Ich bin heute ab 15 Uhr außer Haus und morgen wieder erreichbar.
      Könnt ihr mir die Größe der neuen Schränke durchgeben?
      Für die Schulung haben sich bisher elf Kolleginnen und Kollegen angemeldet.
      Das Angebot liegt bei 12.400 € zuzüglich Mehrwertsteuer.
      Wir haben den Fehler gefunden: Die Anlage war zu groß für das alte Postfach.
      Danke für die schnelle Rückmeldung!
      Im Aufzug hängt ein Zettel, dass er am Mittwoch gewartet wird.
      Der Entwurf gefällt mir gut, nur die Überschrift würde ich ändern.
      Bitte denkt an die Zeiterfassung, der Monat endet am Freitag.
      Die Lieferung kommt laut Spedition zwischen 8 und 10 Uhr.
      Ich schlage vor, dass wir das kurz am Telefon besprechen.
      """,
    subjects: """
      Unterlagen für Donnerstag
      Rückfrage zum Angebot
      Änderung der Öffnungszeiten
      Protokoll der Besprechung
      Schlüssel für den Besprechungsraum
      Rechnung 2026-0417
      Frühjahrsputz in der Küche
      Neue Büromöbel
      """,
    meetings: """
      Wochenbesprechung
      Rücksprache Budget
      Vorstellung der Entwürfe
      Kundentermin Zürich
      Übergabe Projekt Brücke
      Schulung Datenschutz
      """,
    appointments: """
      Zahnarzt
      Elternabend in der Schule
      Fahrrad aus der Werkstatt holen
      Mittagessen mit Käthe
      Steuerberater; Belege mitbringen
      Französischkurs
      """,
    todos: """
      Reisekosten abrechnen
      Angebot für Firma Böhm schreiben
      Präsentation überarbeiten
      Geschenk für Jürgen besorgen
      Vertrag prüfen, unterschreiben und zurückschicken
      Sicherung des alten Rechners
      Urlaubsantrag stellen
      Notizen aus dem Gespräch ordnen
      """,
    places: """
      Besprechungsraum Spree
      Großer Saal, 3. Stock
      Kantine
      Büro 214
      """,
    streets: """
      Lindenstraße 12
      Am Mühlgraben 3
      Kastanienallee 77
      """,
    companies: """
      Böhm & Söhne GmbH
      Spedition Nordlicht
      Druckerei Grünwald
      Möbelhaus Lehmann KG
      """,
    holidays: """
      1 1 Neujahr
      4 3 Karfreitag
      4 6 Ostermontag
      5 1 Tag der Arbeit
      5 14 Christi Himmelfahrt
      5 25 Pfingstmontag
      12 25 1. Weihnachtstag
      """)
}
