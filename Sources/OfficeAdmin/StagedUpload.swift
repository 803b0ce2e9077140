import BackupRepository
import OfficeArchive
import OfficeModel

/// A whole archive that was verified and whose content is in the repository, waiting for one commit to list it as a set.
public final class StagedUpload: Sendable {
  /// What was in the archive.
  public let report: IntakeReport
  let stage: UploadStage

  init(report: IntakeReport, stage: UploadStage) {
    self.report = report
    self.stage = stage
  }

  /// Throws the content away.
  public func discard() { stage.discard() }
}
