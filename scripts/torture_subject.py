"""The office that is tortured: its house, the checker's record of it, and the comparison of both. Standard library only."""

import copy
import glob
import hashlib
import itertools
import os
import subprocess
import threading
import time

import office
import torture_calls as calls
import torture_documents as documents
import torture_record
import torture_sets
import torture_shim
import torture_work
from torture_people import GROUPS


class Subject:
    """An office in `data`, with a daemon whose clock and system calls are ours."""

    def __init__(self, directory, data, exports=None, is_new=True):
        directory.mkdir(exist_ok=True)
        self.directory, self.exports = directory, exports
        self.house = office.Office(directory, data=data)
        self.shim = torture_shim.Shim(directory, data.parent if exports else data)
        self.clock = directory / "clock"
        # Whole hours of the day are far from midnight, however long this runs.
        now = time.localtime()
        self.noon = (12 - now.tm_hour) * 3600 - now.tm_min * 60
        self.record, self.sets = torture_record.Record(), torture_sets.Sets()
        self.numbers, self.archives, self.losses = itertools.count(1), {}, []
        self.sabotage = None
        # False where the daemon can't open the file of its clock.
        self.has_days = True
        self.set_clock(0)
        environment = office.false_clock(self.clock) | self.shim.environment
        environment["LD_PRELOAD"] = f"{self.shim.library} {environment['LD_PRELOAD']}"
        self.house.environment = environment
        if is_new:
            self.make()

    def make(self):
        self.house.command("init", self.house.data)
        if self.exports:
            self.exports.mkdir()
            os.sync()
        with self.house:
            for group in GROUPS:
                (self.house.mount / "groups" / group).mkdir()

    def copy(self, directory, data):
        """One with the same record, for an image of the disk. Call it with the record's lock held."""
        other = Subject(directory, data, is_new=False)
        other.exports, other.noon = None, self.noon
        other.record, other.sets = self.record.fork(), copy.deepcopy(self.sets)
        # What one image shows is not counted for the next.
        self.sets.acknowledged = 0
        other.set_clock(other.sets.day * 86_400)
        return other

    def next_number(self):
        return next(self.numbers)

    def next_day(self):
        self.sets.day += self.has_days
        self.set_clock(self.sets.day * 86_400)

    def set_clock(self, seconds):
        # Two people may turn it at once.
        scratch = self.clock.with_suffix(f".{threading.get_ident()}")
        scratch.write_text(f"{self.noon + seconds:+d}\n")
        scratch.rename(self.clock)

    @property
    def is_alive(self):
        return self.house.daemon is not None and self.house.daemon.poll() is None

    def work(self, source, **options):
        return torture_work.Work(self, source, **options).start()

    def end(self, work):
        """Ends what works; a line for each error that nothing explains."""
        work.over = True
        self.house.kill()
        work.stop()
        self.losses += work.surprises

    def last_error(self):
        """The newest line of errors.log."""
        try:
            return (self.house.data / "errors.log").read_text(errors="replace").splitlines()[-1]
        except (OSError, IndexError):
            return ""

    def table(self):
        """The backup sets as backup.txt shows them."""
        lines = (self.house.backup / "backup.txt").read_text().splitlines()[1:]
        return [tuple(line.split()[:3]) for line in lines if line]

    def read_set(self, stamp):
        folder = self.house.backup / "by-date" / stamp
        files = {"office.json": (folder / "office.json").read_bytes()}
        for name in os.listdir(folder / "users"):
            files[name] = (folder / "users" / name).read_bytes()
        return files

    def read_sets(self, only_new=False):
        """The table, and the files of the sets that are to be compared."""
        table = self.table()
        stamps = self.sets.new(table) if only_new else self.sets.shown(table)
        return table, {stamp: self.read_set(stamp) for stamp in stamps}

    def observe(self):
        """What the office shows, by key; an exception where that can't be read."""
        observed = {}
        for name in os.listdir(self.house.users):
            if name.endswith(".udb") and not name.startswith("."):
                observed["user", name[:-4]] = self.read_user(name[:-4])
        for group in os.listdir(self.house.mount / "groups"):
            for member in os.listdir(self.house.mount / "groups" / group):
                observed["member", group, member] = True
        for file in (self.house.mount / "archives").glob("up*.sar"):
            try:
                observed["upload", file.name] = hashlib.sha256(file.read_bytes()).hexdigest()
            except OSError as error:
                observed["upload", file.name] = error
        return observed

    def observe_if_possible(self):
        """The same; nothing where even lists can't be read."""
        try:
            return self.observe()
        except OSError:
            return {}

    def read_user(self, user):
        try:
            return documents.read(user, (self.house.users / f"{user}.udb").read_bytes())
        except (OSError, documents.Torn) as error:
            return error

    def read_exports(self):
        found = {}
        for file in glob.glob(f"{self.exports}/*.udb"):
            data = open(file, "rb").read()
            try:
                user = next(name for name in documents.entries(data) if "/" in name).split("/")[0]
                found["export", os.path.basename(file)] = (user, *documents.read(user, data))
            except (documents.Torn, StopIteration, ValueError) as error:
                found["export", os.path.basename(file)] = documents.Torn(f"not whole: {error}")
        return found

    def verify(self, data):
        """What `officefs verify` finds wrong, in a line at most."""
        try:
            self.house.command("verify", data)
        except (RuntimeError, subprocess.TimeoutExpired) as error:
            return [f"verify: {error}"]
        return []

    def import_one(self, user, number):
        """An import that has to succeed."""
        begun = self.record.begin({("user", user): (number, number)})
        try:
            calls.write(self.house.users / f"{user}.udb", documents.archive(user, number))
            self.record.acknowledge(begun)
        except OSError as error:
            self.losses.append(f"an import fails: {error}")

    def calm(self):
        """Takes back what was done to the system calls, but for what is done to see whether it is found."""
        self.shim.disarm()
        if self.sabotage:
            self.sabotage(self.shim)

    def check(self, keeps_running=True):
        """After a fault: verify, start, compare everything. What is wrong is in `losses`."""
        self.calm()
        self.record.mark("start")
        self.losses += self.verify(self.house.data)
        try:
            self.house.start()
        except RuntimeError as error:
            self.losses.append(f"it does not start: {error}")
            return
        self.compare()
        if not keeps_running:
            self.house.stop()

    def compare(self):
        """Compares what a running office shows with the record."""
        observed = self.observe()
        if self.exports:
            observed |= self.read_exports()
        self.losses += self.record.compare(observed)
        before = self.sets.acknowledged
        try:
            table, files = self.read_sets()
        except OSError as error:
            self.losses.append(f"the backup sets can't be read: {error}")
            return
        self.losses += self.sets.compare(table, files)
        self.record.checked += before
        self.sets.acknowledged = 0
