"""Counts which files of a folder anyone opens, by inotify(7): the kernel itself tells, whatever the program says."""

import ctypes
import os
import struct

IN_OPEN, IN_Q_OVERFLOW, IN_ISDIR = 0x20, 0x4000, 0x40000000


class Opens:
    """The names of files opened in these folders, in order. Folders themselves do not count."""

    def __init__(self, *folders):
        self.libc = ctypes.CDLL(None, use_errno=True)
        self.queue = self.libc.inotify_init1(os.O_NONBLOCK | os.O_CLOEXEC)
        for folder in folders:
            if self.libc.inotify_add_watch(self.queue, os.fsencode(folder), IN_OPEN) < 0:
                raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()), folder)
        self.prove(folders[0])

    def prove(self, folder):
        """An open of our own has to be seen, else the count would always be 0."""
        name = os.listdir(folder)[0]
        os.close(os.open(os.path.join(folder, name), os.O_RDONLY))
        if self.take() != [name]:
            raise RuntimeError("inotify does not see opens here")

    def take(self):
        """The opens since the last call."""
        names = []
        while True:
            try:
                data = os.read(self.queue, 1 << 16)
            except BlockingIOError:
                return names
            while data:
                _, mask, _, length = struct.unpack_from("iIII", data)
                name, data = data[16:16 + length].rstrip(b"\0"), data[16 + length:]
                if mask & IN_Q_OVERFLOW:
                    raise RuntimeError("more opens than inotify could tell of")
                if not mask & IN_ISDIR:
                    names.append(os.fsdecode(name))

    def close(self):
        os.close(self.queue)
