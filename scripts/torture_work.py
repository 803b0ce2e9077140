"""What people do while things break: imports, deletes, undo, groups, backups, uploads, restores. Standard library only.

Each thread has users of its own, so that a record of single values is right; a restore of everything waits for the others.
"""

import contextlib
import errno
import hashlib
import os
import shutil
import threading
import time
import traceback

import office
import torture_documents as documents
import torture_sets

# Errors that promise that nothing changed.
REFUSALS = {errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EBUSY, errno.ESTALE, errno.EMFILE, errno.ENFILE,
            errno.ENOMEM}
# Errors of a mount whose daemon is gone.
ENDS = {errno.ENOTCONN, errno.ECONNABORTED, errno.ENODEV}
GROUPS = ("sales", "support")


class Ended(Exception):
    """The daemon is gone, or the work is over."""


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

    def __init__(self, subject, source, importers=2, users=24, administers=True, size=0):
        self.subject, self.over, self.lock, self.size = subject, False, SharedLock(), size
        self.begun, self.source = 0, source
        # Errors that no fault explains, one line each.
        self.surprises, self.errors = [], {}
        self.threads = [Importer(self, f"w{n}", users, source.random()) for n in range(importers)]
        if administers:
            self.threads.append(Administrator(self, source.random()))

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
        """Does something that gives keys values, and records how it ended; whether it was acknowledged."""
        if self.over:
            raise Ended
        record = self.subject.record
        begun = record.begin(changes)
        self.begun += 1
        try:
            act()
        except OSError as error:
            if self.judge(error):
                record.refuse(begun)
            return False
        record.acknowledge(begun)
        return True

    def judge(self, error):
        """Whether an error promises that nothing changed. Throws Ended when the daemon is gone."""
        if self.over or error.errno in ENDS:
            raise Ended
        self.errors[error.errno] = self.errors.get(error.errno, 0) + 1
        if error.errno == errno.ESTALE and not self.subject.sets.is_strict:
            # A staging that expired while it was waited for says nothing of its restore.
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
        os.rename(path, then)


class Importer(threading.Thread):
    """Imports by cp and by rename, deletes, brings back from undo/."""

    def __init__(self, work, name, users, seed):
        super().__init__(daemon=True, name=name)
        self.work, self.ids = work, [f"{name}-{n}" for n in range(users)]
        self.source = documents.random.Random(seed)
        self.turn = self.source.randrange(users)

    def run(self):
        with contextlib.suppress(Ended):
            while not self.work.over:
                with self.work.lock.shared():
                    self.one()

    def one(self):
        self.turn += 1
        user = self.ids[self.turn % len(self.ids)]
        record, users = self.work.subject.record, self.work.subject.house.users
        key, dice = ("user", user), self.source.random()
        deleted = record.deleted.get(key)
        if deleted and dice < 0.6:
            self.bring_back(key, *deleted)
        elif dice < 0.15 and (value := record.allowed.get(key)) and len(value) == 1 and None not in value:
            if self.work.attempt({key: None}, lambda: os.unlink(users / f"{user}.udb")):
                record.deleted[key] = (next(iter(value)), self.work.subject.sets.day)
        else:
            number = self.work.subject.next_number()
            data = documents.archive(user, number) + b"\0" * self.work.size
            target = users / f"{user}.udb"
            part = users / f".{user}.udb.part"
            is_direct = self.source.random() < 0.5
            act = (lambda: write(target, data)) if is_direct else (lambda: write(part, data, then=target))
            if not self.work.attempt({key: (number, number)}, act) and deleted:
                # Who was unlinked by a process that then fails to write them is put back.
                record.permit(key, deleted[0])

    def bring_back(self, key, value, day):
        """cp of what undo/ holds of a user who was deleted."""
        subject, name = self.work.subject, f"{key[1]}.udb"
        data = None
        try:
            for folder in (subject.house.mount / "undo").glob("*_delete*"):
                with contextlib.suppress(FileNotFoundError):
                    found = (folder / name).read_bytes()
                    if documents.read(key[1], found) == value:
                        data = found
        except OSError as error:
            self.work.judge(error)
            return
        if data is None:
            if not subject.is_alive or self.work.over:
                raise Ended
            if subject.sets.day - day < 25 and subject.sets.is_strict:
                self.work.surprises.append(f"{name} was deleted and is not in undo/")
            subject.record.deleted.pop(key, None)
            return
        self.work.attempt({key: value}, lambda: write(subject.house.users / name, data))


class Administrator(threading.Thread):
    """Backups, updates of areas, uploads, restores, groups, and users of its own."""

    def __init__(self, work, seed):
        super().__init__(daemon=True, name="administrator")
        self.work, self.source = work, documents.random.Random(seed)
        self.subject, self.house = work.subject, work.subject.house
        self.record, self.sets = work.subject.record, work.subject.sets
        self.ids = [f"a-{n}" for n in range(6)]

    def run(self):
        tasks = [(self.back_up, 8), (self.update, 3), (self.restore, 5), (self.upload, 3), (self.remove_upload, 1),
                 (self.member, 5), (self.import_one, 8)]
        if self.subject.exports:
            tasks.append((self.export, 3))
        with contextlib.suppress(Ended):
            if not self.sets.table:
                self.back_up()
            while not self.work.over:
                self.source.choices([task for task, _ in tasks], [weight for _, weight in tasks])[0]()

    def import_one(self):
        user, number = self.source.choice(self.ids), self.subject.next_number()
        data = documents.archive(user, number)
        self.work.attempt(
            {("user", user): (number, number)}, lambda: write(self.house.users / f"{user}.udb", data))

    def member(self):
        group, user = self.source.choice(GROUPS), self.source.choice(self.ids)
        folder, key = self.house.mount / "groups" / group, ("member", group, user)
        if None in self.record.allowed.get(key, {None}):
            self.work.attempt({key: True}, lambda: write_nothing(folder / user))
        else:
            self.work.attempt({key: None}, lambda: os.unlink(folder / user))

    def back_up(self):
        if self.source.random() < 0.7:
            self.subject.next_day()
        self.make_set("all")

    def update(self):
        if self.sets.table:
            self.make_set(self.source.choice(["messages", "whereabouts"]))

    def make_set(self, what):
        if self.work.over:
            raise Ended
        if not self.is_settled():
            return
        with self.record.lock:
            moment = self.record.begin_moment()
            self.sets.begin(what, moment)
        done = False
        try:
            self.house.back_up(what)
            done = True
        except OSError as error:
            self.work.judge(error)
        finally:
            self.record.end_moment(moment)
        if done:
            with self.record.lock:
                self.sets.acknowledge()
                self.record.acknowledged += 1
        self.look()

    def is_settled(self):
        """Whether it is known which sets there are."""
        if self.sets.process:
            self.look()
        return not self.sets.process

    def look(self):
        """Reads the new set, if there is one; without effect once the daemon is gone."""
        try:
            table, files = self.subject.read_sets(only_new=True)
        except OSError as error:
            self.work.judge(error)
            return
        with self.record.lock:
            self.subject.losses += self.sets.compare(table, files)

    def upload(self):
        stamps = [row for row in self.sets.table if row[1] in self.sets.contents]
        if not stamps:
            return
        _, stamp, process = self.source.choice(stamps)
        try:
            data = (self.house.mount / "archives" / f"{stamp}_{process}.sar").read_bytes()
        except OSError as error:
            self.work.judge(error)
            return
        if torture_sets.content_of_archive(data) != self.sets.contents[stamp]:
            self.work.surprises.append(f"{stamp}_{process}.sar is not what its set holds")
        name, digest = f"up{self.source.randrange(6)}.sar", hashlib.sha256(data).hexdigest()
        self.subject.archives[digest] = self.sets.contents[stamp]
        target = self.house.mount / "archives" / name
        self.work.attempt({("upload", name): digest}, lambda: write(target, data))

    def remove_upload(self):
        for key, values in list(self.record.allowed.items()):
            if key[0] == "upload" and None not in values:
                self.work.attempt({key: None}, lambda: os.unlink(self.house.mount / "archives" / key[1]))
                return

    def export(self):
        """A user to a file beside the data, by the command."""
        user, name = self.source.choice(self.ids), f"{self.source.randrange(12)}.udb"
        with self.record.lock:
            values = self.record.allowed.get(("user", user), {None})
        if len(values) != 1 or None in values or self.work.over:
            return
        target = self.subject.exports / name

        def act():
            try:
                office.run(office.binary(), "export", self.house.data, user, "-o", target,
                           env=os.environ | self.house.environment)
            except RuntimeError:
                raise Ended from None

        self.work.attempt({("export", name): (user, *next(iter(values)))}, act)

    def restore(self):
        archives = [(f"{stamp}_{process}", self.sets.contents[stamp]) for _, stamp, process in self.sets.table
                    if stamp in self.sets.contents]
        archives += [(key[1][:-4], self.subject.archives[digest]) for key, values in list(self.record.allowed.items())
                     if key[0] == "upload" for digest in list(values)[:1] if len(values) == 1 and digest]
        # Where an area's update brought a user in, the other areas are empty; what is restored of these is left open here.
        archives = [(name, content) for name, content in archives
                    if not any(key[0] == "user" and 0 in value for key, value in content.items())]
        if not archives:
            return
        name, content = self.source.choice(archives)
        try:
            if self.source.random() < 0.4:
                with self.work.lock.alone():
                    self.restore_all(name, content)
            else:
                with self.work.lock.shared():
                    self.restore_own(name, content)
        except KeyError:
            # Something that it would change is open since another operation failed.
            return

    def restore_all(self, name, content):
        keys = {key for key in {*self.record.allowed, *content} if key[0] in ("user", "member")}
        self.run_restore(name, {key: content.get(key) for key in keys}, ["groups", "remove-others"], set(), None)

    def restore_own(self, name, content):
        chosen = [user for user in self.ids if ("user", user) in content]
        if not chosen:
            return
        area = self.source.choice([None, "messages", "whereabouts"])
        values = {}
        for user in chosen:
            key = ("user", user)
            then, now = content[key], self.record.value(key) or (0, 0)
            values[key] = {None: then, "messages": (then[0], now[1]), "whereabouts": (now[0], then[1])}[area]
        others = {key[1] for key in content if key[0] == "user"} - set(chosen)
        self.run_restore(name, values, [], others, area)

    def run_restore(self, name, values, options, others, area):
        """Stages, chooses, reads the plan and confirms it."""
        folder = self.house.mount / "restore" / f"{name}+{self.subject.next_number()}"
        try:
            os.mkdir(folder)
            for user in others:
                os.unlink(folder / "users" / user)
            for other in os.listdir(folder / "areas") if area else []:
                if other != area:
                    os.unlink(folder / "areas" / other)
            for option in options:
                write_nothing(folder / option)
            code = (folder / "plan.txt").read_text().splitlines()[-1].rpartition("touch ")[2]
        except FileNotFoundError:
            # A staging expires after a day, which may be a moment where the clock jumps.
            if self.sets.is_strict and not self.work.over and self.subject.is_alive:
                self.work.surprises.append(f"a staging of {name} is gone")
            return
        except OSError as error:
            self.work.judge(error)
            return
        if not code.startswith("confirm-"):
            return
        if not self.is_settled():
            return
        with self.record.lock:
            moment = self.record.begin_moment()
            self.sets.begin("before-restore", moment)
            # Where nothing is to be changed, no set is made.
            is_change = any(value not in self.record.allowed.get(key, {None}) for key, value in values.items())
        try:
            if self.work.attempt(values, lambda: touch(folder / code)) and is_change:
                with self.record.lock:
                    self.sets.acknowledge()
        finally:
            self.record.end_moment(moment)
        # Also after a refusal: the set before it may be there.
        self.look()
        with contextlib.suppress(OSError):
            shutil.rmtree(folder)


def write_nothing(path):
    os.close(os.open(path, os.O_WRONLY | os.O_CREAT, 0o600))


def touch(path):
    """touch(1): creates, then sets the times, which is what waits."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_NONBLOCK, 0o600)
    try:
        os.utime(descriptor)
    finally:
        os.close(descriptor)
