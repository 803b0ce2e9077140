extension Culture {
  static let mexican = Culture(
    "es-MX", site: "Mexico-City", city: "Ciudad de México", country: "México", zone: .mexicoCity,
    phone: "+52 55",
    women: "Lucía:lucia Carmen Esperanza Guadalupe Ximena Noemí:noemi Pilar Verónica:veronica",
    men:
      "José:jose Andrés:andres Íñigo:inigo Joaquín:joaquin Martín:martin Raúl:raul Tomás:tomas Hugo",
    surnames: """
      Hernández:hernandez García:garcia Martínez:martinez López:lopez González:gonzalez Pérez:perez
      Rodríguez:rodriguez Sánchez:sanchez Ramírez:ramirez Núñez:nunez Flores Muñoz:munoz Torres
      Vázquez:vazquez Jiménez:jimenez Ruiz Ortega Peña:pena Ibáñez:ibanez Cervantes
      """,
    greeting: "Buenos días", closing: "Saludos cordiales", vacation: "Vacaciones",
    sick: "Incapacidad",
    sentences: """
      Adjunto los documentos para la reunión del jueves.
      ¿Podrían revisar las cifras del primer trimestre antes del viernes?
      El cliente pospuso la cita una semana.
      Hoy después de las 15 h estaré fuera, mañana regreso temprano.
      La cotización es de $124,000 más IVA.
      ¡Gracias por la rápida respuesta!
      El elevador estará en mantenimiento el miércoles por la mañana.
      El borrador está muy bien, sólo cambiaría el título.
      No olviden registrar sus horas antes de fin de mes.
      La entrega se espera entre las 8 y las 10.
      Ya se inscribieron once personas en la capacitación.
      Encontramos el error: el archivo adjunto era demasiado grande.
      Propongo que lo platiquemos brevemente por teléfono.
      La minuta está en la carpeta compartida.
      """,
    subjects: """
      Documentos para el jueves
      Pregunta sobre la cotización
      Minuta de la reunión
      Reservación de la sala
      Visitas de la próxima semana
      Factura 2026-1421
      Simulacro de evacuación
      Sillas nuevas
      """,
    meetings: """
      Reunión semanal
      Revisión de presupuesto
      Presentación de diseños
      Cita con el cliente
      Entrega del proyecto Otoño
      Capacitación en seguridad
      """,
    appointments: """
      Dentista
      Junta de padres
      Recoger el coche del taller
      Comida con Verónica
      Contador; llevar los recibos
      Clase de natación
      """,
    todos: """
      Gastos de viaje
      Preparar la cotización
      Corregir la presentación
      Regalo para Ximena
      Revisar, firmar y devolver el contrato
      Respaldo de la computadora vieja
      Solicitar vacaciones
      Ordenar las notas
      """,
    places: """
      Sala Ceiba
      Auditorio, 3.er piso
      Comedor
      Oficina 214
      """,
    streets: """
      Av. Reforma 1200
      Calle Durango 45
      Av. Insurgentes Sur 777
      """,
    companies: """
      Peña e Hijos S.A. de C.V.
      Transportes del Norte
      Imprenta Nopal
      Muebles Coyoacán
      """,
    holidays: """
      1 1 Año Nuevo
      2 2 Día de la Constitución
      3 16 Natalicio de Benito Juárez
      5 1 Día del Trabajo
      9 16 Día de la Independencia
      11 16 Día de la Revolución
      12 25 Navidad
      """)
}
