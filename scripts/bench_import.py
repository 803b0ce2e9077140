"""bench import: a user's mails copied in, against SQLite inserting the same mails in one durable transaction.

The peer does what no import can do without: one row for each mail, found by its place, synced at the end. It reads them
from memory and checks nothing. What is written is counted by the kernel: what the daemon sent to the disk, its own
copy of the archive while that is checked apart.
"""

import pathlib
import re
import sqlite3
import time

import office
from bench_backup import by_hand
from bench_table import seconds

MIB = 1 << 20


def written(process):
    """Bytes this process caused to be written to a disk so far."""
    lines = dict(line.split(": ") for line in pathlib.Path(f"/proc/{process}/io").read_text().splitlines())
    return int(lines["write_bytes"])


def insert(mails, file):
    """How long SQLite takes to insert these rows so that a power cut leaves all of them."""
    database = sqlite3.connect(file, isolation_level=None)
    database.executescript(
        "PRAGMA page_size=16384; PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;"
        "CREATE TABLE item(cell INTEGER, place INTEGER, bytes BLOB, PRIMARY KEY(cell, place)) WITHOUT ROWID;")
    start = time.perf_counter()
    database.execute("BEGIN")
    database.executemany("INSERT INTO item VALUES(1, ?, ?)", enumerate(mails))
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
            "sqlite3, FULL": lambda: insert(mails, rows)}
        with house:
            for name in list(peers) if run % 2 == 0 else reversed(peers):
                before = written(house.daemon.pid)
                table.add(f"import of {given.import_mib} MiB of {label}", "s", name, peers[name]())
                if name == "officefs":
                    amplified.append((written(house.daemon.pid) - before) / archive.stat().st_size)
        office.remove(house.directory)
        for file in directory.glob("rows.db*"):
            file.unlink()
    amplified.sort()
    return f"{label}: {amplified[len(amplified) // 2]:.2f} bytes written for each byte of the archive, its copy while it is checked included"


def bench(table, directory, given):
    office.require("tar", "sha256sum")
    return [bench_mails(table, directory, given, 5000, "5 KB mails"),
            bench_mails(table, directory, given, MIB, "1 MiB mails")]
