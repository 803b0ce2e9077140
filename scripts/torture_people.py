"""What people do while things break: imports, deletes, undo, groups, backups, uploads, restores. Standard library only.

Each thread has users of its own, so that a record of single values is right; a restore of everything waits for the others.
"""

import contextlib
import errno
import hashlib
import os
import shutil

import office
import torture_calls as calls
import torture_documents as documents
import torture_sets

GROUPS = ("sales", "support")


class Importer(calls.Worker):
    """Imports by cp and by rename, deletes, brings back from undo/."""

    def __init__(self, work, name, users, seed):
        super().__init__(work, name, seed)
        self.ids = [f"{name}-{n}" for n in range(users)]
        self.turn = self.source.randrange(users)

    def one(self):
        with self.work.lock.shared():
            self.change()

    def change(self):
        self.turn += 1
        user = self.ids[self.turn % len(self.ids)]
        record, users = self.subject.record, self.subject.house.users
        key, dice = ("user", user), self.source.random()
        deleted = record.deleted.get(key)
        if deleted and dice < 0.6:
            self.bring_back(key, *deleted)
        elif dice < 0.15 and (value := record.allowed.get(key)) and len(value) == 1 and None not in value:
            self.remove(key, users / f"{user}.udb")
        else:
            number = self.subject.next_number()
            data = documents.archive(user, number)
            target = users / f"{user}.udb"
            part = users / f".{user}.udb.part"
            is_direct = self.source.random() < 0.5
            act = (lambda: calls.write(target, data)) if is_direct else (lambda: calls.write(part, data, then=target))
            self.put(key, (number, number), act)

    def bring_back(self, key, value, day):
        """cp of what undo/ holds of a user who was deleted."""
        subject, name = self.subject, f"{key[1]}.udb"
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
                raise calls.Ended
            if subject.sets.day - day < 25 and subject.sets.is_strict:
                self.work.surprises.append(f"{name} was deleted and is not in undo/")
            subject.record.deleted.pop(key, None)
            return
        self.put(key, value, lambda: calls.write(subject.house.users / name, data))


class Administrator(calls.Worker):
    """Backups, updates of areas, uploads, restores, groups, and users of its own."""

    def __init__(self, work, seed):
        super().__init__(work, "administrator", seed)
        self.house = work.subject.house
        self.record, self.sets = work.subject.record, work.subject.sets
        self.ids = [f"a-{n}" for n in range(6)]

    def one(self):
        if not self.sets.table:
            self.back_up()
        tasks = [(self.back_up, 8), (self.update, 3), (self.restore, 5), (self.upload, 3), (self.remove_upload, 1),
                 (self.member, 5), (self.import_one, 8)]
        if self.subject.exports:
            tasks.append((self.export, 3))
        self.source.choices([task for task, _ in tasks], [weight for _, weight in tasks])[0]()

    def import_one(self):
        user, number = self.source.choice(self.ids), self.subject.next_number()
        data = documents.archive(user, number)
        self.work.attempt(
            {("user", user): (number, number)}, lambda: calls.write(self.house.users / f"{user}.udb", data))

    def member(self):
        group, user = self.source.choice(GROUPS), self.source.choice(self.ids)
        folder, key = self.house.mount / "groups" / group, ("member", group, user)
        if None in self.record.allowed.get(key, {None}):
            self.work.attempt({key: True}, lambda: calls.write_nothing(folder / user))
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
            raise calls.Ended
        if not self.is_settled():
            return
        with self.record.lock:
            moment = self.record.begin_moment()
            self.sets.begin(what, moment)
            self.record.begun += 1
        self.work.begun += 1
        done = False
        try:
            self.house.back_up(what)
            done = True
        except OSError as error:
            self.sets.is_open = not self.work.judge(error)
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
        if self.sets.is_open and not self.sets.new(table):
            # After an error of the disk the set may come with the next start.
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
            if error.errno == errno.ENOENT and self.is_gone(stamp):
                return
            self.work.judge(error)
            return
        if torture_sets.content_of_archive(data) != self.sets.contents[stamp]:
            self.work.surprises.append(f"{stamp}_{process}.sar is not what its set holds")
        name, digest = f"up{self.source.randrange(6)}.sar", hashlib.sha256(data).hexdigest()
        self.subject.archives[digest] = self.sets.contents[stamp]
        target = self.house.mount / "archives" / name
        self.put(("upload", name), digest, lambda: calls.write(target, data))

    def is_gone(self, stamp):
        """Whether a set that was in the table may rightly not be there: days may have gone by in which none could be read."""
        with contextlib.suppress(OSError):
            if stamp in {row[1] for row in self.subject.table()}:
                return False
        return any(self.sets.has_fallen(slot, stamp) for slot, other, _ in self.sets.table if other == stamp)

    def remove_upload(self):
        for key, values in list(self.record.allowed.items()):
            if key[0] == "upload" and len(values) == 1 and None not in values:
                self.remove(key, self.house.mount / "archives" / key[1])
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
                raise calls.Ended from None

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
        is_staged = False
        try:
            os.mkdir(folder)
            is_staged = True
            for user in others:
                os.unlink(folder / "users" / user)
            for other in os.listdir(folder / "areas") if area else []:
                if other != area:
                    os.unlink(folder / "areas" / other)
            for option in options:
                calls.write_nothing(folder / option)
            code = (folder / "plan.txt").read_text().splitlines()[-1].rpartition("touch ")[2]
        except FileNotFoundError:
            # A staging expires after a day, which may be a moment where the clock jumps.
            is_excused = not self.sets.is_strict or (not is_staged and self.is_gone(name.partition("_")[0]))
            if not is_excused and not self.work.over and self.subject.is_alive:
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
        # An error of the disk leaves open whether there is a set.
        self.sets.is_open = True
        try:
            done = self.work.attempt(values, lambda: calls.touch(folder / code))
            self.sets.is_open = done is False
            if done and is_change:
                with self.record.lock:
                    self.sets.acknowledge()
        finally:
            self.record.end_moment(moment)
        # Also after a refusal: the set before it may be there.
        self.look()
        with contextlib.suppress(OSError):
            shutil.rmtree(folder)
