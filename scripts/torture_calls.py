"""What tools do on the mount, and threads that do one thing after another. Standard library only."""

import contextlib
import errno
import os
import random
import threading
import traceback


class Ended(Exception):
    """The daemon is gone, or the work is over."""


class Worker(threading.Thread):
    """Does one thing after another until the work is over."""

    def __init__(self, work, name, seed):
        super().__init__(daemon=True, name=name)
        self.work, self.subject, self.source = work, work.subject, random.Random(seed)

    def run(self):
        try:
            while not self.work.over:
                self.one()
        except Ended:
            pass
        except Exception:
            self.work.surprises.append(f"{self.name} broke off\n{traceback.format_exc()}")

    def remove(self, key, path):
        """Removes what the record has one value of."""
        value = self.subject.record.value(key)
        if self.work.attempt({key: None}, lambda: os.unlink(path)):
            self.subject.record.deleted[key] = (value, self.subject.sets.day)

    def put(self, key, value, act):
        """Writes what may have been removed before: if the process that removed it fails to write it, it is put back."""
        record, done = self.subject.record, False
        deleted = record.deleted.get(key)

        def write_over():
            if deleted:
                # A set that is made before the error gets here may hold it already.
                record.permit(key, deleted[0])
            act()

        try:
            done = self.work.attempt({key: value}, write_over)
        finally:
            if deleted and not done:
                record.permit(key, deleted[0])


def write(path, data, then=None):
    """What cp does, or with `then` what rsync does: a temporary file, fsync, rename."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    try:
        view = memoryview(data)
        while view:
            view = view[os.write(descriptor, view[:1 << 20]):]
        if then:
            os.fsync(descriptor)
    except OSError:
        with contextlib.suppress(OSError):
            os.close(descriptor)
        raise
    os.close(descriptor)
    if then:
        try:
            os.rename(path, then)
        except FileNotFoundError as error:
            # It is kept for an hour, and the daemon's clock may have moved on by a day: nothing changed.
            raise OSError(errno.ESTALE, error.strerror, str(path)) from None


def write_nothing(path):
    os.close(os.open(path, os.O_WRONLY | os.O_CREAT, 0o600))


def touch(path):
    """touch(1): creates, then sets the times, which is what waits."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_NONBLOCK, 0o600)
    try:
        os.utime(descriptor)
    finally:
        os.close(descriptor)
