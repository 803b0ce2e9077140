import OfficeAdmin
import OfficeModel

// What takes longer than a request may.

extension RestoreBranch {
  func mayBlock(opening node: NodeID) -> Bool {
    switch RestoreNode(node) {
    case .item(_, .planText), .item(_, .planJSON): true
    default: false
    }
  }

  /// Waits for the plan; the first who reads it has it made.
  func prepare(
    _ node: NodeID, flags: OpenFlags, caller: Caller, isInterrupted: () -> Bool
  ) throws(OfficeError) {
    guard mayBlock(opening: node), !flags.contains(.write), let number = RestoreNode(node)?.staging
    else { return }
    let staging = try staging(number)
    while true {
      let (planning, hasPlan) = staging.state.withLock { ($0.planning, $0.plan != nil) }
      if planning == nil, hasPlan { return }
      let work: RestoreWork<Staging.Planned>
      if let planning { work = planning } else { work = try plan(staging, caller) }
      do throws(OfficeError) {
        _ = try work.wait(isInterrupted: isInterrupted)
        return
      } catch {
        // Another one was ordered meanwhile.
        guard work.isCancelled, !isInterrupted(), stagings[number] != nil else { throw error }
      }
    }
  }

  /// Begins a plan of what is chosen now; one that was being made is of no more use.
  func plan(
    _ staging: Staging, _ caller: Caller
  ) throws(OfficeError) -> RestoreWork<Staging.Planned> {
    let (choice, number) = try staging.choice()
    let work = RestoreWork<Staging.Planned>()
    let older = try staging.state.withLock {
      state -> Result<RestoreWork<Staging.Planned>?, OfficeError> in
      guard state.running == nil else { return .failure(Staging.running) }
      defer { state.planning = work }
      return .success(state.planning)
    }.get()
    older?.cancel()
    let job = mount.jobs.begin("plan of \(staging.path)", by: "\(caller)")
    crew.begin { [self] in
      let result: Result<Staging.Planned, OfficeError>
      do throws(OfficeError) {
        staging.state.withLock { $0.quiet }?.settle()
        let plan = try restores.plan(
          staging.set, choice, progress: { job.note($0) },
          isCancelled: { [crew] in work.isCancelled || crew.isStopping })
        result = .success(Staging.Planned(plan, summary(of: plan), choice: number))
        job.end("done")
      } catch {
        result = .failure(error)
        job.end("failed: \(error)")
      }
      staging.state.withLock { state in
        guard state.planning === work else { return }
        state.planning = nil
        if case .success(let planned) = result { state.plan = planned }
      }
      didChange()
      work.end(result)
    }
    return work
  }

  private func summary(of plan: RestorePlan) -> RestoreSummary {
    let touched = Set(plan.users.filter(\.isTouched).map(\.id))
    let ending = sessions.sessions.sessions { touched.contains($0) }
    return RestoreSummary(
      plan, loggedIn: sessions.sessions.count,
      sessions: ending.map {
        RestoreSummary.Session(
          session: $0.name.text, state: String(sessions.text(of: $0).dropLast()))
      },
      atWork: activity.entries.map(\.text))
  }

  /// `touch confirm-<code>`: begins the restore that was planned.
  func confirm(
    _ name: [UInt8], _ staging: Staging, _ caller: Caller
  ) throws(OfficeError) -> (Attributes, BranchFile) {
    let code = String(decoding: name.dropFirst(RestoreBranch.confirm.count), as: UTF8.self)
    let work = RestoreWork<RestoreReport>()
    let (planned, quiet) = try staging.state.withLock {
      state -> Result<(Staging.Planned, WriterGate.Quiet?), OfficeError> in
      guard state.running == nil else { return .failure(Staging.running) }
      guard let planned = state.plan else { return .failure(RestoreBranch.unplanned) }
      guard planned.plan.code == code else {
        return .failure(
          planned.plan.refusals.first ?? RestoreBranch.wrongCode(Escaped.line(code)))
      }
      guard planned.choice == state.choice else { return .failure(RestoreBranch.otherChoice) }
      state.run = Staging.Run(code: code, work: work)
      state.report = nil
      return .success((planned, state.quiet))
    }.get()
    let job = mount.jobs.begin("restore of \(staging.path)", by: "\(caller)")
    let who = "\(caller)"
    crew.begin { [self] in run(planned, staging, work, job, who, quiet) }
    didChange()
    return (
      file(.confirm(staging.number), staging),
      RestoreBranch.writer(isNew: true) { (isInterrupted) throws(OfficeError) in
        _ = try work.wait(isInterrupted: isInterrupted)
      }
    )
  }

  private func run(
    _ planned: Staging.Planned, _ staging: Staging, _ work: RestoreWork<RestoreReport>,
    _ job: Job, _ caller: String, _ quiet: WriterGate.Quiet?
  ) {
    do throws(OfficeError) {
      let result = try restores.run(
        planned.plan, caller: caller, holding: quiet, progress: { job.note($0) },
        isCancelled: { [crew] in crew.isStopping })
      let users = result.users.map(\.id)
      didRestore(planned.plan)
      let report = RestoreReport(result, sessions: end(of: Set(users)))
      staging.end(report)
      staging.state.withLock { $0.quiet = nil }
      quiet?.release()
      job.end("done")
      work.end(.success(report))
    } catch {
      // What ended all writing may have come behind the commit.
      if mount.store.isReadOnly { didRestore(planned.plan) }
      var failure = error
      let code = planned.plan.code ?? ""
      mount.errors.append(
        "\(staging.path)/confirm-\(code) \(error.code) restore by \(caller): \(error)")
      failure.isRecorded = true
      let report = RestoreReport(
        failure: error, archive: staging.set.archiveName, at: mount.clock.seconds)
      staging.end(report)
      job.end("failed: \(error)")
      work.end(.failure(failure))
    }
    didChange()
  }

  /// Ends the sessions of some users; returns their names.
  private func end(of users: Set<UserID>) -> [String] {
    let ending = sessions.sessions.sessions { users.contains($0) }
    for session in ending { _ = sessions.sessions.remove(session.name.bytes) }
    return ending.map(\.name.text)
  }

  private static let unplanned = OfficeError(
    .invalid, "nothing was planned yet", remedy: "read plan.txt; the code stands at its end")

  private static let otherChoice = OfficeError(
    .stale, "the choice has changed since the plan was made",
    remedy: "touch plan.txt and read it again; the code stands at its end")

  private static func wrongCode(_ code: String) -> OfficeError {
    OfficeError(
      .invalid, "this is not the code of the plan", item: code,
      remedy: "read plan.txt; the code stands at its end")
  }
}

extension Job {
  fileprivate func note(_ progress: RestoreProgress) {
    note(progress.done, of: progress.total, step: progress.step.rawValue)
  }
}
