"""bench scale: the same few changes in ever larger offices.

For 1,000, 10,000 and 100,000 users (or up to --users) of a few small items each: start-up to the first answer, `ls -l`
of users/, a backup after ten items changed in each of 20 users, `rsync -a` of users/ with nothing changed and the daemon's
most memory. The files beneath are in memory each time, as far as there is room: what grows is to be the work, not how much of
it the disk has to find. The exponent says how a figure grows with the office: 0 not at all, 1 in proportion.
"""

import math
import time

import office
from bench_backup import by_hand, messages
from bench_table import seconds

CHANGED_USERS = 20


def grow(house, users, directory):
    size = ("--users", users, "--messages", 2, "--seed", 1)
    house.command("demo", house.data, *size, *by_hand(directory), timeout=7200)
    kept = {f"changing{number}": messages(100, 600, "first", number) for number in range(CHANGED_USERS)}
    with house:
        for name, mails in kept.items():
            (house.users / f"{name}.udb").write_bytes(office.archive(name, messages=b"".join(mails)))
        house.back_up()
        office.run("rsync", "-a", f"{house.users}/", directory / "copy", timeout=7200)
    return kept


def change(house, kept, run):
    for name, mails in kept.items():
        mails[run * 10 : run * 10 + 10] = messages(10, 600, f"run{run}", name)
        (house.users / f"{name}.udb").write_bytes(office.archive(name, messages=b"".join(mails)))


def bench_size(table, directory, users, runs):
    house = office.Office(directory / "scale")
    house.directory.mkdir()
    kept, label = grow(house, users, directory), f"{users:,} users"
    for run in range(runs):
        seconds("cat", *house.data.rglob("*.db"))
        start = time.perf_counter()
        house.start()
        table.add("start-up to the first answer", "ms", label, (time.perf_counter() - start) * 1000)
        for turn in "first", "second":
            table.add(f"ls -l users/, {turn}", "ms", label, seconds("ls", "-l", house.users) * 1000)
        change(house, kept, run)
        start = time.perf_counter()
        house.back_up()
        table.add(f"backup of {CHANGED_USERS * 10} changed items", "ms", label, (time.perf_counter() - start) * 1000)
        # The changed users go over first; what is timed has nothing to send.
        office.run("rsync", "-a", f"{house.users}/", directory / "copy", timeout=7200)
        told = office.run("rsync", "-a", "--stats", f"{house.users}/", directory / "copy", timeout=7200)
        if "Number of regular files transferred: 0" not in told:
            raise RuntimeError(f"rsync sent files that had not changed\n{told}")
        table.add("rsync -a of users/, nothing changed", "ms", label,
                  seconds("rsync", "-a", f"{house.users}/", directory / "copy") * 1000)
        table.add("the daemon's most memory", "MiB", label, house.memory_peak() / 2**20)
        house.stop()
    office.remove(house.directory)
    office.remove(directory / "copy")


def exponents(table, sizes):
    """A line for each figure: the slope of its logarithm by the office's, fitted by least squares."""
    notes, across = [], [math.log(size) for size in sizes]
    middle = sum(across) / len(across)
    for measure, values in table.medians().items():
        up = [math.log(values[f"{size:,} users"]) for size in sizes]
        slope = sum((x - middle) * (y - sum(up) / len(up)) for x, y in zip(across, up))
        notes.append(f"{measure}: grows with the office by the exponent {slope / sum((x - middle) ** 2 for x in across):.2f}")
    return notes


def bench(table, directory, given):
    office.require("rsync")
    sizes = [size for size in (100, 1_000, 10_000, 100_000) if size <= given.users]
    if given.users >= 10_000:
        sizes.remove(100)
    for size in sizes:
        bench_size(table, directory, size, given.runs)
    return exponents(table, sizes)
