extension Migration {
  /// Format 0 called the whereabouts `status.json`, and a whole office had no groups and settings.
  static let from0 = Migration(
    format: 0, renamed: ["status.json": "whereabouts.json"], hasRecord: false)
}
