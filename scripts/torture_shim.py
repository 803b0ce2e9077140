"""The preloaded library of Tests/Torture/shim.c, and the file by which it is told what to do. Standard library only."""

import errno
import mmap
import os
import pathlib
import struct

import office

SOURCE = office.SCRIPTS.parent / "Tests/Torture/shim.c"
WRITE, SYNC, SYNC_FOLDER, NAME, SIZE, READ = 1, 2, 4, 8, 16, 32
PASS, DIE, FAIL, TEAR, WAIT, OMIT = range(6)
# struct control: countdown, kinds, what, error, lasts, milliseconds, -, seen, hits.
LAYOUT = struct.Struct("<qIIIIIIqq")


class Shim:
    """Compiled into `directory`, for the files below `under`."""

    def __init__(self, directory, under):
        self.library, self.file = directory / "shim.so", directory / "control"
        self.under = pathlib.Path(under).resolve()
        if not self.library.exists():
            office.run("cc", "-O2", "-shared", "-fPIC", "-o", self.library, SOURCE)
        # In place: a daemon may have it mapped.
        descriptor = os.open(self.file, os.O_RDWR | os.O_CREAT, 0o600)
        os.pwrite(descriptor, LAYOUT.pack(-1, 0, 0, 0, 0, 0, 0, 0, 0), 0)
        self.control = mmap.mmap(descriptor, LAYOUT.size)
        os.close(descriptor)

    def arm(self, kinds, what, nth=1, lasts=False, error=errno.EIO, milliseconds=0):
        """From the nth of these calls on, or to that one alone, this is done."""
        self.control[:] = LAYOUT.pack(-1, kinds, what, error, lasts, milliseconds, 0, 0, 0)
        # Last, since a daemon may be running.
        struct.pack_into("<q", self.control, 0, nth)

    def disarm(self):
        struct.pack_into("<q", self.control, 0, -1)
        struct.pack_into("<I", self.control, 12, PASS)

    @property
    def hits(self):
        return LAYOUT.unpack(self.control[:])[8]

    @property
    def environment(self):
        return {"TORTURE_CONTROL": str(self.file), "TORTURE_UNDER": str(self.under)}
