"""Whether torture can fail: what is broken on purpose has to be found. Standard library only."""

import os

import office
import torture_crashes as crashes
import torture_errors as errors
import torture_shim as shim

DEBUG = office.SCRIPTS.parent / ".build/debug/officefs"


def omitting(kinds):
    """These calls do nothing and say that they did."""
    return lambda library: library.arm(kinds, shim.OMIT, lasts=True)


def without(kinds, kind):
    def round_of(tally, directory, source):
        crashes.power(kind)(tally, directory, source, cycles=3, sabotage=omitting(kinds))
    return round_of


def unfolded(tally, directory, source):
    crashes.commands(tally, directory, source, sabotage=omitting(shim.SYNC_FOLDER))


def unchecked(tally, directory, source):
    """Flipped bytes read by a test build that compares nothing with its check."""
    if not os.access(DEBUG, os.X_OK):
        tally.skipped = "needs the debug build, which alone can switch its checks off"
        return
    before = os.environ.get("OFFICEFS_BINARY")
    os.environ["OFFICEFS_BINARY"] = str(DEBUG)
    try:
        errors.damage(tally, directory, source, environment={"OFFICEFS_UNCHECKED": "1"})
    finally:
        os.environ.pop("OFFICEFS_BINARY")
        if before:
            os.environ["OFFICEFS_BINARY"] = before


SABOTAGE = {
    "no fsync, ext4": without(shim.SYNC | shim.SYNC_FOLDER, "ext4"),
    "no fsync, xfs": without(shim.SYNC | shim.SYNC_FOLDER, "xfs"),
    "no fsync of folders": unfolded,
    "no verification": unchecked,
}
