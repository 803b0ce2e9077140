"""bench restore: a whole office moved to an empty server, against `tar -x` of the same archive and SQLite inserting its items.

The archive is copied into archives/, which verifies it whole and keeps it, then restored with everything it holds, groups and
settings too. tar writes the same bytes as plain files on the same disk and is synced within the time; sqlite3 inserts one row for
each item in one durable transaction, from memory. Neither checks anything.
Of the daemon the longest write-ahead log is told.
"""

import re
import tarfile
import threading
import time

import office
from bench_backup import by_hand
from bench_import import insert
from bench_table import seconds


class Logs(threading.Thread):
    """Watches how long the write-ahead logs of an office become, in bytes."""

    def __init__(self, data):
        super().__init__(daemon=True)
        self.files = [data / "office.db-wal", data / "backup" / "backup.db-wal"]
        self.longest, self.is_over = 0, False

    def run(self):
        while not self.is_over:
            for file in self.files:
                if file.exists():
                    self.longest = max(self.longest, file.stat().st_size)
            time.sleep(0.02)

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *_):
        self.is_over = True
        self.join()


def archive(directory, given):
    """A whole office's archive, of about a MiB a user."""
    house, file = office.Office(directory / "source"), directory / "office.sar"
    house.directory.mkdir()
    size = ("--users", given.users, "--messages", 320, "--seed", 1)
    print(house.command("demo", house.data, *size, *by_hand(directory)), flush=True)
    with house:
        house.back_up()
        office.run("cp", house.mount / "archives" / "latest.sar", file, timeout=3600)
    office.remove(house.directory)
    return file


def restore(house, name):
    """Restores all that an archive holds; gives back the seconds for the plan and for the restore."""
    staging = house.mount / "restore" / name
    staging.mkdir()
    for choice in ("groups", "settings"):
        (staging / choice).touch()
    start = time.perf_counter()
    (staging / "plan.txt").touch()
    plan = (staging / "plan.txt").read_text()
    planned = time.perf_counter() - start
    code = re.search(r"touch (confirm-[0-9a-f]+)", plan)
    if not code:
        raise RuntimeError(f"the plan has no code\n{plan[-2000:]}")
    return planned, seconds("touch", staging / code.group(1))


# Where the items of a document begin, by the end of its name.
BORDERS = {".mbox": rb"(?m)^(?=From )", ".ics": rb"(?m)^(?=BEGIN:V(?:EVENT|TODO))", ".vcf": rb"(?m)^(?=BEGIN:VCARD)",
           ".csv": rb"(?<=\n)"}


def items(file):
    """The rows of all items of an archive: its entry, its place in it, its bytes."""
    rows = []
    with tarfile.open(file) as tar:
        for cell, entry in enumerate(tar):
            document = tar.extractfile(entry).read()
            border = BORDERS.get(entry.name[entry.name.rfind("."):])
            parts = re.split(border, document) if border else [document]
            rows += [(cell, place, part) for place, part in enumerate(parts) if part]
    return rows


def bench(table, directory, given):
    file = archive(directory, given)
    rows, database = items(file), directory / "rows.db"
    size, longest = file.stat().st_size / 1e6, 0
    for run in range(given.runs):
        house = office.Office(directory / "target")
        house.directory.mkdir()
        house.command("init", house.data, *by_hand(directory))
        with house, Logs(house.data) as logs:
            took = seconds("cp", file, house.mount / "archives" / "moved.sar")
            table.add("upload", "MB/s", "officefs", size / took)
            planned, restored = restore(house, "moved")
            table.add("plan", "s", "officefs", planned)
            table.add("restore", "MB/s", "officefs", size / restored)
        longest = max(longest, logs.longest)
        office.remove(house.directory)
        plain = directory / "plain"
        plain.mkdir()
        took = seconds("tar", "-xf", file, "-C", plain) + seconds("sync", "-f", plain)
        for measure in ("upload", "restore"):
            table.add(measure, "MB/s", "tar -x, synced", size / took)
        office.remove(plain)
        table.add("restore", "MB/s", "sqlite3, FULL", size / insert(rows, database))
        for part in directory.glob("rows.db*"):
            part.unlink()
        print(f"run {run + 1} of {given.runs}", flush=True)
    return [f"{size:.0f} MB, {given.users} users, {len(rows)} rows. "
            f"The longest write-ahead log: {longest / 2**20:.0f} MiB."]
