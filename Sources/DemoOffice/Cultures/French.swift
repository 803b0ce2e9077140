extension Culture {
  static let french = Culture(
    "fr", site: "Paris", city: "Paris", country: "France", zone: .paris, phone: "+33 1",
    women: "Chloé:chloe Hélène:helene Inès:ines Amélie:amelie Margaux Sophie Zoé:zoe Léa:lea",
    men: "François:francois Jérôme:jerome Benoît:benoit Gaël:gael Nicolas Olivier Théo:theo Yves",
    surnames: """
      Lefèvre:lefevre Dubois Moreau Laurent Garnier Fournier Girard Bonnet Mercier Blanc Guérin:guerin
      Boyer Chevalier Robin Masson Noël:noel Lemaître:lemaitre Renaud Perrin Marchand
      """,
    greeting: "Bonjour", closing: "Bien cordialement", vacation: "Congés", sick: "Arrêt maladie",
    sentences: """
      Vous trouverez ci-joint les documents pour la réunion de jeudi.
      Pourriez-vous vérifier les chiffres du premier trimestre avant vendredi ?
      Le client de Genève a repoussé le rendez-vous d'une semaine.
      Je serai absent cet après-midi, de retour demain matin.
      Le devis s'élève à 12 400 € hors taxes.
      Merci beaucoup pour votre réponse rapide !
      L'ascenseur sera en révision mercredi toute la matinée.
      Le brouillon me plaît, je changerais seulement le titre.
      N'oubliez pas de saisir vos heures avant la fin du mois.
      La livraison est prévue entre 8 h et 10 h.
      Onze personnes sont déjà inscrites à la formation.
      Nous avons trouvé l'erreur : la pièce jointe était trop volumineuse.
      Je propose qu'on en parle brièvement au téléphone.
      Le compte rendu se trouve dans le dossier partagé.
      """,
    subjects: """
      Documents pour jeudi
      Question au sujet du devis
      Compte rendu de la réunion
      Réservation de la salle
      Déménagement du 2e étage
      Facture 2026-0291
      Exercice d'évacuation
      Nouveaux fauteuils
      """,
    meetings: """
      Réunion hebdomadaire
      Point budget
      Présentation des maquettes
      Rendez-vous client à Genève
      Passation du projet Été
      Formation sécurité
      """,
    appointments: """
      Dentiste
      Réunion parents-élèves
      Chercher le vélo à l'atelier
      Déjeuner avec Hélène
      Comptable ; apporter les reçus
      Cours de poterie
      """,
    todos: """
      Note de frais
      Rédiger le devis pour Garnier
      Revoir la présentation
      Cadeau pour Zoé
      Relire, signer et renvoyer le contrat
      Sauvegarder l'ancien ordinateur
      Poser les congés d'été
      Classer les notes de l'entretien
      """,
    places: """
      Salle Seine
      Grande salle, 3e étage
      Cantine
      Bureau 214
      """,
    streets: """
      12 rue de l'Église
      3 allée des Tilleuls
      77 boulevard Voltaire
      """,
    companies: """
      Garnier et Fils SARL
      Transports Étoile
      Imprimerie du Chêne
      Meubles Lemaître
      """,
    holidays: """
      1 1 Jour de l'an
      4 6 Lundi de Pâques
      5 1 Fête du Travail
      5 8 Victoire 1945
      5 14 Ascension
      5 25 Lundi de Pentecôte
      7 14 Fête nationale
      11 11 Armistice
      12 25 Noël
      """)
}
