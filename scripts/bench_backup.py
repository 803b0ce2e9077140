"""bench backup: officefs' backups against those of other tools, on the same data.

The tools back up the exported users/ as plain files, or the live database file. Each run begins with empty
repositories: a first backup, one after 1 % of the messages changed in all users, one after as many changed in 1 % of the
users, one with nothing changed, asked for by touch and by the program. restic and borg compress, restic also encrypts, the
others do neither. What is written is synced within the time. Then: what a backup of 1,000 changed items costs in small and large offices, and what a writer feels of a
backup each second.
"""

import json
import os
import pathlib
import random
import re
import shutil
import statistics
import subprocess
import tarfile
import threading
import time

import office
from bench_table import seconds

STEPS = ("first", "1 % changed, scattered", "1 % changed, in few users", "nothing changed")


class Tool:
    """A tool that backs something up into a folder of its own."""

    def __init__(self, name, program, folder, origin):
        self.name, self.program, self.folder, self.origin = name, program, folder, origin
        self.count = 0

    def fresh(self):
        office.remove(self.folder)
        self.folder.mkdir()
        self.count = 0

    def back_up(self):
        """Makes a backup; gives back the seconds and the bytes that the repository grew by."""
        before, self.count = self.size(), self.count + 1
        took = self.run() + seconds("sync", "-f", self.folder)
        return took, self.size() - before

    def size(self):
        return int(office.run("du", "-sB1", "--apparent-size", self.folder).split()[0])


class Restic(Tool):
    def fresh(self):
        super().fresh()
        self.environment = os.environ | {"RESTIC_PASSWORD": "bench", "RESTIC_REPOSITORY": str(self.folder / "repository")}
        self.options = ["-q", "--cache-dir", self.folder.with_suffix(".cache")]
        seconds("restic", *self.options, "init", env=self.environment)

    def run(self):
        return seconds("restic", *self.options, "backup", self.origin, env=self.environment)


class Borg(Tool):
    def fresh(self):
        super().fresh()
        self.environment = os.environ | {
            "BORG_BASE_DIR": str(self.folder.with_suffix(".base")), "BORG_REPO": str(self.folder / "repository"),
            "BORG_UNKNOWN_UNENCRYPTED_REPO_ACCESS_IS_OK": "yes"}
        seconds("borg", "init", "-e", "none", env=self.environment)

    def run(self):
        return seconds("borg", "create", f"::{self.count}", self.origin, env=self.environment)


class Rsync(Tool):
    def run(self):
        return seconds(
            "rsync", "-a", f"--link-dest={self.folder / str(self.count - 1)}", f"{self.origin}/",
            self.folder / str(self.count), stderr=subprocess.DEVNULL)


class Sqlite(Tool):
    def run(self):
        return seconds("sqlite3", self.origin, f".backup {self.folder / str(self.count)}")


class Officefs:
    """`touch backup/update/all`, which returns when the set is durable. The office is mounted already, as it is in a house."""

    name = "officefs"

    def __init__(self, house):
        self.house = house

    def back_up(self):
        return seconds("touch", self.house.mount / "backup/update/all")

    def ask_by_program(self):
        """The same as a timer would: the program starts and asks the daemon."""
        return seconds(office.binary(), "backup", self.house.data)

    def size(self):
        """Bytes, once the office is unmounted: then the log is in the file."""
        file = self.house.data / "backup" / "backup.db"
        return file.stat().st_size if file.exists() else 0


def tools(house, plain, directory):
    """The peers, and a line for each that is not here."""
    database = house.data / "office.db"
    all_of_them = [
        Restic("restic, files", "restic", directory / "restic-files", plain),
        Borg("borg, files", "borg", directory / "borg-files", plain),
        Rsync("rsync --link-dest", "rsync", directory / "rsync", plain),
        Restic("restic, database", "restic", directory / "restic-database", database),
        Borg("borg, database", "borg", directory / "borg-database", database),
        Sqlite("sqlite3 .backup", "sqlite3", directory / "sqlite3", database),
    ]
    there = [tool for tool in all_of_them if shutil.which(tool.program)]
    missing = sorted({tool.program for tool in all_of_them if tool not in there})
    return there, [f"Not run, since not installed: {' '.join(missing)}"] if missing else []


def changed(mailbox, share, source, mark):
    """The mailbox with a line more in that share of its messages, and their bytes."""
    messages, total = re.split(rb"(?m)^(?=From )", mailbox)[1:], 0
    for index, message in enumerate(messages):
        if source.random() < share:
            messages[index] = message.replace(b"\n\n", b"\n\n" + mark, 1)
            total += len(messages[index])
    return b"".join(messages), total


def change(house, plain, names, share, source):
    """Changes that share of these users' messages, in the mounted office and in the plain files; gives back their bytes."""
    mark, total = b"changed %d\n" % source.getrandbits(32), 0
    for name in names:
        with tarfile.open(plain / f"{name}.udb") as tar:
            mailbox = tar.extractfile(f"{name}/messages.mbox").read()
        mailbox, count = changed(mailbox, share, source, mark)
        total += count
        (house.users / f"{name}.udb").write_bytes(office.archive(name, messages=mailbox))
    for name in names:
        office.run("cp", "-p", house.users / f"{name}.udb", plain)
    return total


def office_and_files(directory, given):
    """An office of about a MiB a user, its users as plain files, and their ids."""
    house, plain = office.Office(directory / "house"), directory / "plain"
    house.directory.mkdir()
    size = ("--users", given.users, "--messages", 320, "--seed", 1)
    print(house.command("demo", house.data, *size, *by_hand(directory)), flush=True)
    with house:
        office.run("cp", "-a", house.users, plain, timeout=3600)
    return house, plain, sorted(file.name[:-4] for file in plain.iterdir())


def bench_peers(table, directory, given):
    house, plain, names, source = *office_and_files(directory, given), random.Random(1)
    peers, notes = tools(house, plain, directory)
    ours = Officefs(house)
    # An office that was backed up misses its repository, so that no run can go on with that of the one before.
    kept = {folder: folder.with_suffix(".first") for folder in (house.data, plain)}
    for folder, first in kept.items():
        office.run("cp", "-a", folder, first, timeout=3600)
    for run in range(given.runs):
        for folder, first in kept.items():
            office.remove(folder)
            office.run("cp", "-a", first, folder, timeout=3600)
        for tool in peers:
            tool.fresh()
        for step in STEPS:
            total, before = 0, ours.size()
            with house:
                if step == STEPS[1]:
                    total = change(house, plain, names, 0.01, source)
                elif step == STEPS[2]:
                    total = change(house, plain, source.sample(names, max(1, len(names) // 100)), 1, source)
                # What was written before is nobody's backup.
                os.sync()
                # Ours goes first, since the table's first column is the first that has a value; the others in turns.
                table.add(f"{step}: time", "s", ours.name, ours.back_up())
                if step == STEPS[3]:
                    table.add(f"{step}: time by officefs backup", "s", ours.name, ours.ask_by_program())
            table.add(f"{step}: added", "MB", ours.name, (ours.size() - before) / 1e6)
            for tool in peers if run % 2 == 0 else reversed(peers):
                os.sync()
                took, added = tool.back_up()
                table.add(f"{step}: time", "s", tool.name, took)
                if step == STEPS[3]:
                    table.add(f"{step}: time by officefs backup", "s", tool.name, took)
                table.add(f"{step}: added", "MB", tool.name, added / 1e6)
            print(f"run {run + 1}, {step}: {total / 1e6:.2f} MB of new messages", flush=True)
    office.remove(house.directory)
    return notes


def by_hand(directory):
    """The option of init and demo with which no backup is made but those that are asked for."""
    settings = directory / "settings.toml"
    settings.write_text('[backup]\nmode = "remind"\n')
    return "--settings", settings


def messages(count, size, mark, seed):
    """A mailbox of so many mails of so many bytes, no two equal."""
    source, made = random.Random(f"{seed} {mark}"), []
    for number in range(count):
        head = (
            f"From sender@example.org {time.asctime(time.gmtime(1767225600 + number))}\n"
            f"From: Sender <sender@example.org>\nSubject: {mark} {number}\nMessage-ID: <{seed}.{number}@example.org>\n\n")
        made.append(head.encode() + source.randbytes(size // 2).hex().encode()[: size - len(head) - 2] + b"\n\n")
    return made


def bench_cost(directory, given):
    """1,000 changed items of 600 bytes in offices of 10^4 items and more: 100 in each of ten users of 1,000."""
    times, notes, items, runs = {}, [], 10_000, 5
    while items <= given.items:
        house = office.Office(directory / "cost")
        house.directory.mkdir()
        house.command("init", house.data, *by_hand(directory))
        repository = house.data / "backup/backup.db"
        kept = {}
        with house:
            for user in range(items // 1000):
                mails = messages(1000, 600, "first", user)
                if user < 10:
                    kept[user] = mails
                target = house.users / f"user{user}.udb"
                target.write_bytes(office.archive(f"user{user}", messages=b"".join(mails)))
            house.back_up()
        samples, growth = [], []
        for run in range(runs):
            size, total = repository.stat().st_size, 0
            with house:
                for user, mails in kept.items():
                    new = messages(1000, 600, f"run{run}", user)
                    for index in range(run, 1000, 10):
                        mails[index] = new[index]
                        total += len(new[index])
                    target = house.users / f"user{user}.udb"
                    target.write_bytes(office.archive(f"user{user}", messages=b"".join(mails)))
                start = time.perf_counter()
                house.back_up()
                samples.append(time.perf_counter() - start)
            growth.append((repository.stat().st_size - size) / total)
        times[items] = statistics.median(samples)
        notes.append(
            f"1,000 of {items:,} items of 600 bytes changed: {times[items] * 1000:.0f} ms,"
            f" {times[items] / times[10_000]:.2f} x that of 10,000;"
            f" the repository grew by {statistics.median(growth):.2f} x the changed bytes")
        office.remove(house.directory)
        items *= 10
    return notes


class Writer(threading.Thread):
    """Imports n for alice, then n for bob, then n + 1, as fast as it can."""

    def __init__(self, house):
        super().__init__(daemon=True)
        self.house, self.count, self.over, self.error = house, 0, False, None

    def run(self):
        try:
            while not self.over:
                self.count += 1
                for name in "alice", "bob":
                    record = json.dumps({"status": "in", "note": str(self.count)}).encode()
                    (self.house.users / f"{name}.udb").write_bytes(office.archive(name, whereabouts=record))
        except OSError as error:
            self.error = error


def count_of(file):
    with tarfile.open(file) as tar:
        entry = next(member for member in tar if member.name.endswith("/whereabouts.json"))
        return int(json.loads(tar.extractfile(entry).read())["note"])


def back_up_for(house, writer, seconds_of_turn):
    """A backup each second; gives back what the writer had finished as each began."""
    begun, end = [], time.monotonic() + seconds_of_turn
    while time.monotonic() < end:
        next_one = time.monotonic() + 1
        begun.append(writer.count - 1)
        house.back_up()
        time.sleep(max(0, next_one - time.monotonic()))
    return begun


def bench_writer(directory, given):
    """The writer's throughput in turns of ten seconds, with a backup each second and without."""
    house = office.Office(directory / "writer")
    house.directory.mkdir()
    house.command("demo", house.data, "--users", 25, "--seed", 1, *by_hand(directory))
    rates, begun = {True: [], False: []}, []
    with house:
        for name in "alice", "bob":
            record = json.dumps({"status": "in", "note": "0"}).encode()
            (house.users / f"{name}.udb").write_bytes(office.archive(name, whereabouts=record))
        house.back_up()
        first = len(house.sets())
        writer = Writer(house)
        writer.start()
        for _ in range(max(1, given.seconds // 10)):
            for is_backing_up in False, True:
                start, before = time.monotonic(), writer.count
                if is_backing_up:
                    begun += back_up_for(house, writer, 10)
                else:
                    time.sleep(10)
                rates[is_backing_up].append((writer.count - before) * 2 / (time.monotonic() - start))
        writer.over = True
        writer.join(timeout=60)
        if writer.error:
            raise RuntimeError(f"the writer failed: {writer.error}")
        sets = [stamp for _, stamp in reversed(house.sets())][first:]
        faults = check_sets(house, sets, begun)
    with_backups, without = statistics.median(rates[True]), statistics.median(rates[False])
    notes = [
        f"A writer of small imports: {without:.0f} a second, {with_backups:.0f} with a backup each second:"
        f" {with_backups / without:.2f} x",
        f"{len(sets)} sets of {len(begun)} backups meanwhile: each holds bob <= alice <= bob + 1, and all that was"
        " there when its backup began"]
    if faults or len(sets) != len(begun):
        raise RuntimeError("\n".join([f"{len(sets)} sets of {len(begun)} backups", *faults]))
    office.remove(house.directory)
    return notes


def check_sets(house, sets, begun):
    faults = []
    for stamp, finished in zip(sets, begun):
        folder = house.backup / "by-date" / stamp / "users"
        alice, bob = count_of(folder / "alice.udb"), count_of(folder / "bob.udb")
        if not bob <= alice <= bob + 1 or bob < finished:
            faults.append(f"{stamp}: alice {alice}, bob {bob}, finished before {finished}")
    return faults


def bench(table, directory, given):
    office.require("tar", "sha256sum")
    parts, notes = given.part or ["peers", "cost", "writer"], []
    if "peers" in parts:
        notes += bench_peers(table, directory, given)
    if "cost" in parts:
        notes += bench_cost(directory, given)
    if "writer" in parts:
        notes += bench_writer(directory, given)
    return notes
