extension Culture {
  static let brazilian = Culture(
    "pt-BR", site: "Sao-Paulo", city: "São Paulo", country: "Brasil", zone: .saoPaulo,
    phone: "+55 11",
    women:
      "Beatriz Conceição:conceicao Débora:debora Fernanda Luíza:luiza Renata Tânia:tania Vitória:vitoria",
    men:
      "André:andre Caio Gonçalo:goncalo Henrique João:joao Murilo Rogério:rogerio Sebastião:sebastiao",
    surnames: """
      Silva Santos Oliveira Souza Lima Araújo:araujo Gonçalves:goncalves Barbosa Ribeiro Carvalho
      Teixeira Moura Nascimento Cardoso Assunção:assuncao Pinheiro Rocha Dias Farias Magalhães:magalhaes
      """,
    greeting: "Olá", closing: "Atenciosamente", vacation: "Férias", sick: "Licença médica",
    sentences: """
      Segue em anexo o material para a reunião de quinta-feira.
      Por favor, confiram os números do primeiro trimestre até sexta.
      O cliente adiou a reunião para a próxima semana.
      Hoje depois das 15h estarei fora, volto amanhã de manhã.
      O orçamento ficou em R$ 12.400,00 sem impostos.
      Obrigado pela resposta rápida!
      O elevador estará em manutenção na quarta de manhã.
      Gostei do rascunho, só mudaria o título.
      Não se esqueçam de registrar o ponto até o fim do mês.
      A entrega está prevista entre 8h e 10h.
      Onze pessoas já se inscreveram no treinamento.
      Encontramos o erro: o anexo era grande demais.
      Sugiro conversarmos rapidamente por telefone.
      A ata está na pasta compartilhada.
      """,
    subjects: """
      Material para quinta-feira
      Dúvida sobre o orçamento
      Ata da reunião
      Reserva da sala
      Visitas na próxima semana
      Fatura 2026-1077
      Simulado de evacuação
      Novas cadeiras
      """,
    meetings: """
      Reunião semanal
      Revisão do orçamento
      Apresentação dos layouts
      Reunião com o cliente
      Transição do projeto Verão
      Treinamento de segurança
      """,
    appointments: """
      Dentista
      Reunião na escola
      Buscar o carro na oficina
      Almoço com a Débora
      Contador; levar os recibos
      Aula de violão
      """,
    todos: """
      Reembolso da viagem
      Preparar o orçamento
      Revisar a apresentação
      Presente para a Luíza
      Conferir, assinar e devolver o contrato
      Backup do notebook antigo
      Pedir férias
      Organizar as anotações
      """,
    places: """
      Sala Ipê
      Auditório, 3º andar
      Refeitório
      Sala 214
      """,
    streets: """
      Avenida Paulista, 1200
      Rua Augusta, 45
      Rua da Consolação, 777
      """,
    companies: """
      Gonçalves & Irmãos Ltda.
      Transportes Norte
      Gráfica Açaí
      Móveis São José
      """,
    holidays: """
      1 1 Confraternização Universal
      2 16 Carnaval
      2 17 Carnaval
      4 3 Sexta-feira Santa
      4 21 Tiradentes
      5 1 Dia do Trabalho
      6 4 Corpus Christi
      9 7 Independência
      10 12 Nossa Senhora Aparecida
      11 2 Finados
      11 20 Consciência Negra
      12 25 Natal
      """)
}
