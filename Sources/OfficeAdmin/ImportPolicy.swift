/// What an import does where the user has data already. Cells that the archive does not hold stay, whatever the policy.
public enum ImportPolicy: String, CaseIterable, Sendable {
  /// Each cell that the archive holds takes the place of the user's.
  case replace
  /// Everything of both; the archive's where both have an object.
  case merge
  /// Everything of both; the user's own where both have an object.
  case skip
  /// Nothing is changed; the report says what `replace` would do.
  case preview

  var explanation: String {
    switch self {
    case .replace: "replace: each area that the archive holds takes the place of the user's"
    case .merge: "merge: everything of both, the archive's where both have an object"
    case .skip: "skip: everything of both, the user's own where both have an object"
    case .preview:
      "preview: nothing is changed; a plain import would do this, merge and skip remove nothing of it"
    }
  }
}
