"""bench import: a user's mails copied in, against SQLite inserting the same mails in one durable transaction.

The peer does what no import can do without: one row for each mail, found by its place, synced at the end. It reads them
from memory and checks nothing. What is written is counted by the kernel: all that the daemon gave to files on a disk, its own
copy of the archive included, which is there while it is checked; and what of that had to reach the disk, since a copy that is
removed first does not. What the log still holds a second later, at most 8 MiB, is written into the database some time after.
"""

import pathlib
import re
import sqlite3
import statistics
import time

import office
from bench_backup import by_hand
from bench_table import seconds

MIB = 1 << 20


def written(process):
    """Bytes this process gave to files on a disk so far, and how many of them did not have to reach it (proc(5), io)."""
    lines = dict(line.split(": ") for line in pathlib.Path(f"/proc/{process}/io").read_text().splitlines())
    return int(lines["write_bytes"]), int(lines["cancelled_write_bytes"])


def insert(rows, file):
    """How long SQLite takes to insert rows of a cell, a place and bytes so that a power cut leaves all of them."""
    database = sqlite3.connect(file, isolation_level=None)
    database.executescript(
        "PRAGMA page_size=16384; PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;"
        "CREATE TABLE item(cell INTEGER, place INTEGER, bytes BLOB, PRIMARY KEY(cell, place));")
    start = time.perf_counter()
    database.execute("BEGIN")
    database.executemany("INSERT INTO item VALUES(?, ?, ?)", rows)
    database.execute("COMMIT")
    took = time.perf_counter() - start
    database.close()
    return took


def bench_mails(table, directory, given, size, label):
    mailbox, archive, rows = directory / "mails", directory / "reader.udb", directory / "rows.db"
    amplified = []
    for run in range(given.runs):
        office.mails(mailbox, given.import_mib * MIB // size, size, seed=run)
        office.pack("reader", archive, messages=mailbox)
        mails = re.split(rb"(?m)^(?=From )", mailbox.read_bytes())[1:]
        house = office.Office(directory / "import")
        house.directory.mkdir()
        house.command("init", house.data, *by_hand(directory))
        peers = {
            "officefs": lambda: seconds("cp", archive, house.users / "reader.udb"),
            "sqlite3, FULL": lambda: insert(((1, place, mail) for place, mail in enumerate(mails)), rows)}
        with house:
            for name in list(peers) if run % 2 == 0 else reversed(peers):
                before = written(house.daemon.pid)
                table.add(f"import of {given.import_mib} MiB of {label}", "s", name, peers[name]())
                if name == "officefs":
                    # The copy goes when the kernel has let go of its file, a moment after cp has ended.
                    time.sleep(1)
                    given_to, cancelled = (now - then for now, then in zip(written(house.daemon.pid), before))
                    amplified.append(((given_to - cancelled) / archive.stat().st_size, given_to / archive.stat().st_size))
        office.remove(house.directory)
        for file in directory.glob("rows.db*"):
            file.unlink()
    reached, given_to = (statistics.median(column) for column in zip(*amplified))
    return f"{label}: {reached:.2f} bytes had to reach the disk for each byte of the archive, {given_to:.2f} with its copy while it is checked"


def bench(table, directory, given):
    office.require("tar", "sha256sum")
    return [bench_mails(table, directory, given, 5000, "5 KB mails"),
            bench_mails(table, directory, given, MIB, "1 MiB mails")]
