import TestSupport
import Testing

/// Real tools on a real mount. Skipped, with the reason shown, where this machine can't mount.
///
/// Everything here runs one after the other: a test has its own office, but they share the processors.
@Suite(
  "On a real mount", .serialized, .timeLimit(.minutes(10)),
  .enabled(
    if: Officefs.canMount,
    "needs root, /dev/fuse, python3 and the built officefs (or OFFICEFS_BINARY)"))
enum RealMount {}
