"""Disks that fail, wait or lie: a round of each, in a directory of its own. Standard library only."""

import errno
import os
import shutil

import torture_calls as calls
import torture_documents as documents
import torture_shim as shim
from torture_subject import Subject

KINDS = {"write": shim.WRITE, "fsync": shim.SYNC, "read": shim.READ}


def input_output(name):
    """EIO from some call on, for good or once: after a write or fsync nothing is written any more, all is read."""

    def round_of(tally, directory, source, cycles=6):
        subject = Subject(directory / "subject", directory / "data")
        subject.house.start()
        for _ in tally.turns(cycles):
            work = subject.work(source)
            work.run(source.randint(0, 10))
            subject.shim.arm(KINDS[name], shim.FAIL, nth=source.randint(1, 60), lasts=source.random() < 0.5)
            work.run(source.randint(20, 60), most=1)
            work.pause()
            if not subject.is_alive:
                subject.losses.append(f"the daemon died: {subject.house.log()}")
            elif name != "read" and subject.shim.hits:
                look_at_health(subject)
            subject.shim.disarm()
            subject.house.kill()
            subject.check()
            tally.add(subject, work)
        subject.house.stop()

    return round_of


def look_at_health(subject):
    """Nothing is written, health says FAIL, everything is read."""
    target = subject.house.users / "late.udb"
    try:
        calls.write(target, documents.archive("late", 1))
        subject.losses.append("an import was acknowledged after EIO")
    except OSError as error:
        if error.errno not in (errno.EROFS, errno.EIO):
            subject.losses.append(f"an import after EIO: {error}")
    health = (subject.house.mount / "status/health.txt").read_text()
    if not health.startswith("FAIL"):
        subject.losses.append(f"health after EIO: {health}")
    with subject.record.lock:
        seen = subject.record.fork()
    subject.losses += [f"read-only: {loss}" for loss in seen.compare(subject.observe(), kinds={"user", "member"})]


def delay(tally, directory, source, cycles=3):
    """Slow disks: nothing fails, nothing hangs."""
    subject = Subject(directory / "subject", directory / "data")
    subject.house.start()
    for _ in tally.turns(cycles):
        kinds = source.choice([shim.WRITE, shim.SYNC, shim.READ, shim.WRITE | shim.SYNC | shim.READ])
        subject.shim.arm(kinds, shim.WAIT, lasts=True, milliseconds=source.choice([1, 5, 30]))
        work = subject.work(source)
        work.run(60, most=2)
        work.stop()
        subject.shim.disarm()
        if work.errors.keys() - {errno.EBUSY, errno.ESTALE}:
            subject.losses.append(f"a slow disk gave {sorted(map(os.strerror, work.errors))}")
        subject.end(work)
        subject.check()
        tally.add(subject, work)
    subject.house.stop()


def damage(tally, directory, source, cycles=6, environment=()):
    """Flipped bytes in what users wrote and anywhere: right bytes or an error, never others."""
    subject = Subject(directory / "subject", directory / "data")
    subject.house.start()
    subject.house.environment |= dict(environment)
    work = subject.work(source, administers=False)
    work.run(60, most=2)
    work.pause()
    subject.house.stop()
    database = subject.house.data / "office.db"
    keep = directory / "office.db"
    shutil.copy(database, keep)
    for _ in tally.turns(cycles):
        flip(database, source)
        try:
            subject.house.start()
        except RuntimeError:
            # It may refuse to start; it says why.
            if "officefs:" not in subject.house.log():
                subject.losses.append(f"it does not start and does not say why: {subject.house.log()}")
        else:
            observed = {key: value for key, value in subject.observe_if_possible().items()
                        if not isinstance(value, OSError)}
            with subject.record.lock:
                seen = subject.record.fork()
            for key, value in observed.items():
                if not seen.permits(key, value):
                    subject.losses.append(f"{' '.join(key)}: {value} after damage")
            subject.house.kill()
        for name in os.listdir(subject.house.data):
            if name.startswith("office.db"):
                os.unlink(subject.house.data / name)
        shutil.copy(keep, database)
        tally.add(subject)
    subject.check(keeps_running=False)
    tally.take(subject)


def flip(file, source):
    """XORs some bytes, half of them in the content of users."""
    data = bytearray(file.read_bytes())
    places = [source.randrange(len(data)) for _ in range(3)]
    start = source.randrange(len(data))
    for _ in range(3):
        start = data.find(b"Subject: Number ", start + 1)
        if start >= 0:
            places.append(start + source.randint(16, 300))
    for place in places:
        if place < len(data):
            data[place] ^= 0xFF if source.random() < 0.5 else 1
    file.write_bytes(data)
