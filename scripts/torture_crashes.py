"""Power cuts, crash images and kills: a round of each, in a directory of its own. Standard library only."""

import office
import torture_disks as disks
import torture_shim as shim
from torture_subject import Subject


def power(kind):
    """The disk stops as it is, then everything is killed."""

    def round_of(tally, directory, source, cycles=8, before=None):
        disk = disks.Disk(directory, "disk", kind)
        subject = Subject(directory / "subject", disk.point / "data", exports=disk.point / "exports")
        if before:
            before(subject)
        subject.house.start()
        for _ in range(cycles):
            work = subject.work(source)
            work.run(source.uniform(0.1, 0.9))
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


def images(tally, directory, source, cycles=10):
    """Copies of the disk's image in the middle of work, each a disk after a crash."""
    kind = source.choice(["ext4", "xfs"])
    outer = disks.Disk(directory, "outer", "xfs", 2_048)
    inner = disks.Disk(outer.point, "inner", kind)
    subject = Subject(directory / "subject", inner.point / "data")
    subject.house.start()
    work, taken = subject.work(source), []
    for number in range(cycles):
        work.run(source.uniform(0.02, 0.3))
        copy = outer.point / f"copy{number}.img"
        # Nothing begins or is acknowledged meanwhile; what is under way goes on.
        with subject.record.lock:
            taken.append((copy, subject.copy(directory / f"copy{number}", directory / f"disk{number}" / "data")))
            office.run("cp", "--reflink=always", inner.file, copy)
    subject.end(work)
    inner.unmount()
    tally.add(subject, work)
    tally.count -= 1
    for file, other in taken:
        disk = disks.Disk.image(file, other.house.data.parent, kind)
        disk.mount()
        other.check(keeps_running=False)
        disk.remove()
        tally.cuts += 1
        tally.add(other)
    outer.unmount()


def kill(tally, directory, source, cycles=20):
    """kill -9 of the daemon at work, and sometimes while it starts."""
    subject = Subject(directory / "subject", directory / "data")
    subject.house.start()
    for _ in range(cycles):
        work = subject.work(source)
        work.run(source.uniform(0.02, 0.3))
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
    for _ in range(cycles):
        what = shim.TEAR if tally.count % 2 else shim.DIE
        subject.shim.arm(kinds, what, nth=1 + tally.count // 2)
        work = subject.work(source)
        work.run(3)
        subject.end(work)
        tally.kills += 1
        subject.check()
        tally.add(subject, work)
    subject.house.stop()
