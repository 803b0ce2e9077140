"""bench backup: officefs' backups against restic, borg, rsync --link-dest and sqlite3's .backup, on the same data.

Bytes are what a backup added to its folder. restic and borg run twice: on the exported users, and on the live database
file. What an export costs is not counted. One run: ratios say more than times.
"""

import base64
import os
import random
import shutil
import statistics
import subprocess
import threading
import time

import office

MIB = 1 << 20
MAIL = 5000


def edited(mailbox, every, source):
    """A copy of a mailbox in which each so-manieth mail has other text, as random, of the same length."""
    mails = mailbox.split(b"\n\nFrom ")
    for index in range(0, len(mails), every):
        head, body = mails[index].split(b"\n\n", 1)
        text = base64.b64encode(source.randbytes(len(body)))[: len(body)]
        mails[index] = head + b"\n\n" + text
    return b"\n\nFrom ".join(mails)


class Source:
    """An office of users with mailboxes, and a plain copy of its exported users."""

    def __init__(self, directory, users, mails, size):
        self.house = office.Office(directory)
        self.plain = directory / "plain"
        self.boxes = directory / "boxes"
        for folder in directory, self.plain, self.boxes:
            folder.mkdir()
        self.house.command("init", self.house.data)
        self.names = [f"user{number:05}" for number in range(users)]
        for number, name in enumerate(self.names):
            office.mails(self.boxes / name, mails, size, seed=number + 1)
        self.bring(self.names)

    def bring(self, names):
        """Imports the mailboxes of these users, and copies their exports."""
        packed = self.house.directory / "packed"
        packed.mkdir()
        with self.house:
            for name in names:
                office.pack(name, packed / f"{name}.udb", messages=self.boxes / name)
                office.run("cp", packed / f"{name}.udb", self.house.users)
                office.run("cp", "-p", self.house.users / f"{name}.udb", self.plain)
                (packed / f"{name}.udb").unlink()
        packed.rmdir()

    def change(self, names, every, seed):
        source = random.Random(seed)
        for name in names:
            box = self.boxes / name
            box.write_bytes(edited(box.read_bytes(), every, source))
        self.bring(names)


def size(folder):
    """Bytes in the files of a folder, of linked ones once; what is set aside for a full disk is no data."""
    seen, total = set(), 0
    for place, _, names in os.walk(folder):
        for name in names:
            status = os.lstat(f"{place}/{name}")
            if status.st_ino not in seen and name != "reserve":
                seen.add(status.st_ino)
                total += status.st_size
    return total


class Officefs:
    name = "officefs"

    def __init__(self, source, folder):
        self.source, self.folder = source, folder
        source.house.command("init", source.house.data, "--repository", folder)

    def back_up(self):
        self.source.house.command("backup", self.source.house.data)


class Restic:
    def __init__(self, target, label, folder):
        self.target, self.folder, self.name = target, folder, f"restic, {label}"
        self.environment = os.environ | {
            "RESTIC_PASSWORD": "bench", "RESTIC_REPOSITORY": str(folder),
            "RESTIC_CACHE_DIR": f"{folder}-cache"}
        office.run("restic", "init", env=self.environment)

    def back_up(self):
        office.run("restic", "backup", "-q", self.target, env=self.environment, timeout=3600)


class Borg:
    def __init__(self, target, label, folder):
        self.target, self.folder, self.name = target, folder, f"borg, {label}"
        self.count = 0
        self.environment = os.environ | {
            "BORG_BASE_DIR": f"{folder}-cache", "BORG_UNKNOWN_UNENCRYPTED_REPO_ACCESS_IS_OK": "yes"}
        office.run("borg", "init", "-e", "none", folder, env=self.environment)

    def back_up(self):
        self.count += 1
        office.run(
            "borg", "create", f"{self.folder}::{self.count}", self.target, env=self.environment,
            timeout=3600)


class LinkDest:
    name = "rsync --link-dest, users"

    def __init__(self, target, folder):
        self.target, self.folder, self.count = target, folder, 0
        folder.mkdir()

    def back_up(self):
        links = [f"--link-dest={self.folder}/{self.count}"] if self.count else []
        self.count += 1
        office.run("rsync", "-a", *links, f"{self.target}/", self.folder / str(self.count))


class SQLite:
    name = "sqlite3 .backup, database"

    def __init__(self, target, folder):
        self.target, self.folder, self.count = target, folder, 0
        folder.mkdir()

    def back_up(self):
        self.count += 1
        office.run("sqlite3", self.target, f".backup '{self.folder}/{self.count}.db'", timeout=3600)


def measure(peers, table, step):
    for peer in peers:
        before, start = size(peer.folder), time.perf_counter()
        peer.back_up()
        os.sync()
        took = time.perf_counter() - start
        table.setdefault(step, {})[peer.name] = {
            "seconds": took, "bytes": size(peer.folder) - before}


def compare(directory, mebibytes):
    """Backups of one office by all: first, after 1 % changed in every user, after 1 % of the users changed, and none."""
    users = max(100, mebibytes // 5)
    source = Source(directory / "office", users, mebibytes * MIB // users // MAIL, MAIL)
    database = source.house.data / "office.db"
    peers = [
        Officefs(source, directory / "officefs"),
        Restic(source.plain, "users", directory / "restic"),
        Restic(database, "database", directory / "restic-database"),
        Borg(source.plain, "users", directory / "borg"),
        Borg(database, "database", directory / "borg-database"),
        LinkDest(source.plain, directory / "rsync"),
        SQLite(database, directory / "sqlite"),
    ]
    table = {}
    measure(peers, table, "first")
    source.change(source.names, 100, seed=1)
    measure(peers, table, "1 % of each user changed")
    source.change(source.names[::100], 1, seed=2)
    measure(peers, table, "1 % of the users changed")
    measure(peers, table, "nothing changed")
    return table


def scale(directory, counts, rounds=3):
    """Seconds of a backup of 1,000 changed items among so many, over those of one in which nothing changed."""
    found = {}
    for count in counts:
        source = Source(directory / f"items{count}", count // 1000, 1000, 320)
        peer = Officefs(source, directory / f"repository{count}")
        peer.back_up()
        samples = {"changed": [], "unchanged": []}
        for turn in range(rounds):
            source.change(source.names[:10], 10, seed=turn)
            for kind in "changed", "unchanged":
                start = time.perf_counter()
                peer.back_up()
                samples[kind].append(time.perf_counter() - start)
        found[count] = {kind: statistics.median(values) for kind, values in samples.items()}
        shutil.rmtree(source.house.directory)
    return found


def writers(directory, seconds):
    """Imports a second of one writer, alone and with a backup each second; None where the mount has no backup/update."""
    source = Source(directory / "house", 2, 200, 2000)
    archives = [source.plain / f"{name}.udb" for name in source.names]
    rates = {}
    with source.house as house:
        order = house.mount / "backup/update/all"
        if not order.exists():
            return None
        for kind in "alone", "with backups", "alone":
            over = threading.Event()

            def back_up():
                while not over.wait(1):
                    office.run("touch", order)

            worker = threading.Thread(target=back_up) if kind != "alone" else None
            if worker:
                worker.start()
            count, end = 0, time.monotonic() + seconds
            while time.monotonic() < end:
                # Another user's mailbox each time, so that every import changes what it meets.
                pair = archives[count // 2 % 2], archives[1 - count // 2 % 2]
                for archive, name in zip(pair, ("alice", "bob")):
                    subprocess.run(["cp", archive, house.users / f"{name}.udb"], check=True)
                count += 1
            over.set()
            if worker:
                worker.join()
            rates.setdefault(kind, []).append(2 * count / seconds)
    return {kind: statistics.mean(values) for kind, values in rates.items()}


def ratio(theirs, ours):
    return f"{theirs / ours:.2f} x" if ours > 0 else "–"


def markdown(result):
    lines = ["| backup | tool | s | MiB added | time to officefs | bytes to officefs |",
             "| --- | --- | ---: | ---: | ---: | ---: |"]
    for step, row in result["compared"].items():
        ours = row["officefs"]
        for name, value in row.items():
            lines.append(
                f"| {step} | {name} | {value['seconds']:.2f} | {value['bytes'] / MIB:.2f} "
                f"| {ratio(value['seconds'], ours['seconds'])} | {ratio(value['bytes'], ours['bytes'])} |")
    lines += ["", "| items | 1,000 changed, s | nothing changed, s |", "| ---: | ---: | ---: |"]
    for count, value in result["scale"].items():
        lines.append(f"| {count:,} | {value['changed']:.3f} | {value['unchanged']:.3f} |")
    rates = result["writers"]
    if rates:
        lines += ["", f"A writer makes {rates['with backups']:.1f} imports a second with a backup each second, "
                      f"{rates['alone']:.1f} without: {rates['with backups'] / rates['alone']:.2f} x."]
    return "\n".join(lines)


def bench(directory, given):
    """All of it; gives back what `markdown` shows."""
    office.require("restic", "borg", "rsync", "sqlite3", "tar", "sha256sum")
    counts = (10_000, 20_000) if given.quick else (10_000, 100_000, 1_000_000)
    works = {
        "compared": lambda folder: compare(folder, 24 if given.quick else given.backup_mib),
        "scale": lambda folder: scale(folder, counts),
        "writers": lambda folder: writers(folder, 3 if given.quick else 30),
    }
    result = {}
    for name, work in works.items():
        (directory / name).mkdir()
        result[name] = work(directory / name)
        office.remove(directory / name)
    return result
