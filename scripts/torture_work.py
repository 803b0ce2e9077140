"""People at work while things break: threads, and what becomes of the errors they get. Standard library only."""

import contextlib
import errno
import threading
import time
import traceback

import torture_people
from torture_calls import Ended

# Errors that promise that nothing changed.
REFUSALS = {errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EBUSY, errno.ESTALE, errno.EMFILE, errno.ENFILE,
            errno.ENOMEM}
# Errors of a mount whose daemon is gone.
ENDS = {errno.ENOTCONN, errno.ECONNABORTED, errno.ENODEV}


class SharedLock:
    """Held by many at once, or by one alone."""

    def __init__(self):
        self.condition, self.holders, self.is_wanted = threading.Condition(), 0, False

    @contextlib.contextmanager
    def shared(self):
        with self.condition:
            self.condition.wait_for(lambda: not self.is_wanted)
            self.holders += 1
        try:
            yield
        finally:
            with self.condition:
                self.holders -= 1
                self.condition.notify_all()

    @contextlib.contextmanager
    def alone(self):
        with self.condition:
            self.is_wanted = True
            self.condition.wait_for(lambda: self.holders == 0)
        try:
            yield
        finally:
            with self.condition:
                self.is_wanted = False
                self.condition.notify_all()


class Work:
    """Runs threads on a mounted office until `stop`; `subject` knows the house, the record and the sets."""

    def __init__(self, subject, source, importers=2, users=24, administers=True):
        self.subject, self.over, self.lock = subject, False, SharedLock()
        self.begun, self.source = 0, source
        # Errors that no fault explains, one line each.
        self.surprises, self.errors = [], {}
        self.threads = [
            torture_people.Importer(self, f"w{n}", users, source.random()) for n in range(importers)]
        if administers:
            self.threads.append(torture_people.Administrator(self, source.random()))

    def start(self):
        for thread in self.threads:
            thread.start()
        return self

    @property
    def is_alive(self):
        return self.subject.is_alive and any(thread.is_alive() for thread in self.threads)

    def run(self, operations, most=4):
        """Waits until so many operations began, so many seconds are over or the daemon is gone."""
        end, wanted = time.monotonic() + most, self.begun + operations
        while self.begun < wanted and time.monotonic() < end and self.is_alive:
            time.sleep(0.002)
        time.sleep(self.source.uniform(0, 0.01))

    def stop(self):
        self.over = True
        for thread in self.threads:
            thread.join(timeout=60)
            if thread.is_alive():
                self.surprises.append(f"{thread.name} hangs")

    def pause(self):
        """Ends the work; the office goes on."""
        self.stop()
        self.subject.losses += self.surprises

    def attempt(self, changes, act):
        """Does something that gives keys values, and records how it ended: whether it was acknowledged, None if refused."""
        if self.over:
            raise Ended
        record = self.subject.record
        begun = record.begin(changes)
        self.begun += 1
        try:
            act()
        except OSError as error:
            record.note(changes, error.strerror)
            if self.judge(error):
                record.refuse(begun)
                return None
            return False
        record.acknowledge(begun)
        return True

    def judge(self, error):
        """Whether an error promises that nothing changed. Throws Ended when the daemon is gone."""
        if self.over or error.errno in ENDS:
            raise Ended
        self.errors[error.errno] = self.errors.get(error.errno, 0) + 1
        if error.errno in (errno.ESTALE, errno.ENOENT) and not self.subject.sets.is_strict:
            # Where the clock jumps, stagings and temporary files expire under who uses them.
            return False
        if error.errno in REFUSALS:
            time.sleep(0.002)
            return True
        if error.errno != errno.EIO:
            self.surprises.append(f"unexpected: {error!r} at {place(error)}\n{self.subject.last_error()}")
        time.sleep(0.01)
        return False


def place(error):
    """Where in these scripts an error came up."""
    frames = traceback.extract_tb(error.__traceback__)
    return " < ".join(f"{frame.name}:{frame.lineno}" for frame in reversed(frames))
