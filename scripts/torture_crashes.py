"""Power cuts, crash images and kills: a round of each, in a directory of its own. Standard library only."""

import os

import office
import torture_disks as disks
import torture_shim as shim
from torture_subject import Subject


def power(kind):
    """The disk stops as it is, then everything is killed."""

    def round_of(tally, directory, source, cycles=8, sabotage=None):
        disk = disks.Disk(directory, "disk", kind)
        subject = Subject(directory / "subject", disk.point / "data", exports=disk.point / "exports")
        subject.sabotage = sabotage
        subject.calm()
        subject.house.start()
        for _ in tally.turns(cycles):
            work = subject.work(source)
            work.run(source.randint(1, 80))
            disk.cut()
            subject.end(work)
            disk.unmount()
            disk.mount()
            subject.check()
            tally.cuts += 1
            tally.add(subject, work)
        subject.house.stop()
        disk.unmount()

    return round_of


def commands(tally, directory, source, cycles=8, sabotage=None):
    """The power goes right after `officefs export` and `officefs init` ended with exit code 0."""
    disk = disks.Disk(directory, "disk", source.choice(["ext4", "xfs"]))
    subject = Subject(directory / "subject", disk.point / "data", exports=disk.point / "exports")
    subject.sabotage = sabotage
    subject.calm()
    subject.house.start()
    made = []
    for number in tally.turns(cycles):
        user, value = f"u{number}", subject.next_number()
        subject.import_one(user, value)
        environment = os.environ | subject.house.environment
        if number % 2:
            made.append(disk.point / f"made{number}")
            office.run(office.binary(), "init", made[-1], env=environment)
        begun = subject.record.begin({("export", f"{number}.udb"): (user, value, value)})
        office.run(office.binary(), "export", subject.house.data, user, "-o", subject.exports / f"{number}.udb",
                   env=environment)
        subject.record.acknowledge(begun)
        disk.cut()
        subject.house.kill()
        disk.unmount()
        disk.mount()
        subject.check()
        subject.losses += [loss for data in made for loss in subject.verify(data)]
        tally.cuts += 1
        tally.add(subject)
    subject.house.stop()
    disk.unmount()


def images(tally, directory, source, cycles=5):
    """Copies of the disk's image in the middle of work, each a disk after a crash."""
    kind = source.choice(["ext4", "xfs"])
    outer = disks.Disk(directory, "outer", "xfs", 2_048)
    inner = disks.Disk(outer.point, "inner", kind)
    subject = Subject(directory / "subject", inner.point / "data")
    subject.house.start()
    for _ in tally.turns(cycles):
        work, taken = subject.work(source), []
        for number in range(4):
            work.run(source.randint(1, 40))
            copy = outer.point / f"copy{number}.img"
            # Nothing begins or is acknowledged meanwhile; what is under way goes on.
            with subject.record.lock:
                taken.append((copy, subject.copy(directory / f"copy{number}", directory / f"disk{number}/data")))
                office.run("cp", "--reflink=always", inner.file, copy)
        work.pause()
        tally.take(subject, work)
        for file, other in taken:
            disk = disks.Disk.image(file, other.house.data.parent, kind)
            disk.mount()
            other.check(keeps_running=False)
            disk.remove()
            tally.cuts += 1
            tally.add(other)
    subject.house.stop()
    inner.unmount()
    outer.unmount()


def kill(tally, directory, source, cycles=20):
    """kill -9 of the daemon at work, and sometimes while it starts."""
    subject = Subject(directory / "subject", directory / "data")
    subject.house.start()
    for _ in tally.turns(cycles):
        work = subject.work(source)
        work.run(source.randint(1, 40))
        subject.end(work)
        tally.kills += 1
        subject.check()
        tally.add(subject, work)
    subject.house.stop()


def nth(tally, directory, source, cycles=20):
    """Dead at the nth call that writes, every n in turn: before it, or with half of it written."""
    subject = Subject(directory / "subject", directory / "data")
    subject.house.start()
    kinds = shim.WRITE | shim.SYNC | shim.SYNC_FOLDER | shim.NAME | shim.SIZE
    for _ in tally.turns(cycles):
        what = shim.TEAR if tally.count % 2 else shim.DIE
        subject.shim.arm(kinds, what, nth=1 + (tally.offset + tally.count // 2) % 300)
        work = subject.work(source)
        work.run(1_000, most=3)
        subject.end(work)
        tally.kills += 1
        subject.check()
        tally.add(subject, work)
    subject.house.stop()
