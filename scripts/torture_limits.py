"""Full and read-only disks, clocks that jump, few descriptors, little memory: a round of each. Standard library only."""

import errno
import os
import pathlib
import subprocess

import office
import torture_disks as disks
from torture_subject import Subject

GROUPS = pathlib.Path("/sys/fs/cgroup/memory"), pathlib.Path("/sys/fs/cgroup")


def full(what):
    """A disk that others fill up: done or ENOSPC; it starts on the full disk, and works again when there is room."""

    def round_of(tally, directory, source, cycles=5):
        options = ["-N", "64"] if what == "inodes" else []
        # Two logs of 8 MiB and two reserves have to fit beside the filler.
        disk = disks.Disk(directory, "disk", "ext4", source.choice([32, 64]), options)
        filler = disks.Filler(disk)
        subject = Subject(directory / "subject", disk.point / "data")
        subject.house.start()
        for number in tally.turns(cycles):
            work = subject.work(source, users=6)
            work.run(source.randint(0, 20))
            if what == "bytes":
                filler.fill_bytes(source.choice([0, 4_096, 40_960, 409_600]))
            else:
                filler.fill_inodes(source.randint(0, 2))
            work.run(source.randint(20, 80), most=1)
            if number % 2:
                work.stop()
            if work.errors.pop(errno.EIO, 0):
                subject.losses.append("a full disk gave EIO")
            subject.end(work)
            # Once on the full disk, too, unless there is not even room to open it.
            if any("is full" in text for text in subject.verify(subject.house.data)) or not has_backups(subject):
                filler.empty()
            subject.check()
            filler.empty()
            if "no room to clear up" in (subject.house.mount / "status/health.txt").read_text():
                subject.house.stop()
                subject.house.start()
            subject.import_one("again", subject.next_number())
            tally.add(subject, work)
        subject.house.stop()
        disk.unmount()

    return round_of


def has_backups(subject):
    """Whether it shows the backups, if it starts; without room to open them health has to say so."""
    if not start_anyway(subject):
        return True
    is_there = (subject.house.backup / "backup.txt").exists()
    health = (subject.house.mount / "status/health.txt").read_text()
    if not is_there and not health.startswith("FAIL"):
        subject.losses.append(f"there are no backups, and health does not say why: {health}")
    subject.house.stop()
    return is_there


def read_only(tally, directory, source, cycles=5):
    """A disk that its file system stops writing to while officefs is at work, and one that is mounted read-only."""
    disk = disks.Disk(directory, "disk", "ext4")
    subject = Subject(directory / "subject", disk.point / "data")
    subject.house.start()
    for _ in tally.turns(cycles):
        work = subject.work(source)
        work.run(source.randint(5, 40))
        disk.abort()
        work.run(10, most=1)
        work.pause()
        subject.house.kill()
        disk.unmount()
        disk.mount()
        subject.check()
        subject.house.stop()
        office.run("mount", "-o", "remount,ro", disk.point)
        start_anyway(subject)
        office.run("mount", "-o", "remount,rw", disk.point)
        subject.check()
        tally.add(subject, work)
    subject.house.stop()
    disk.unmount()


def start_anyway(subject):
    """Starts where it may not work: either it does, or it says why."""
    try:
        subject.house.start()
    except RuntimeError:
        if "officefs:" not in subject.house.log():
            subject.losses.append(f"it does not start and does not say why: {subject.house.log()}")
        subject.house.kill()
        return False
    return True


def clock(tally, directory, source, cycles=5):
    """The clock jumps by up to forty years, forth and back, while people work."""
    subject = Subject(directory / "subject", directory / "data")
    subject.sets.is_strict = False
    subject.house.start()
    for _ in tally.turns(cycles):
        work = subject.work(source)
        for _ in range(5):
            work.run(10, most=1)
            subject.set_clock(source.choice([3_600, 86_400, 31 * 86_400, 366 * 86_400, 40 * 366 * 86_400])
                              * source.choice([-1, 1]))
        subject.end(work)
        subject.check()
        subject.record.deleted.clear()
        tally.add(subject, work)
    subject.set_clock(0)
    subject.house.stop()


def descriptors(tally, directory, source, cycles=5):
    """Few file descriptors: 16 and a few more. It starts or says why, and does what it is asked or refuses."""
    subject = Subject(directory / "subject", directory / "data")
    subject.has_days = False
    for number in tally.turns(cycles):
        count = 16 if number == 0 else source.randint(17, 48)
        subject.house.prefix = ["prlimit", f"--nofile={count}"]
        work = None
        if start_anyway(subject):
            # With too few for a second database it is mounted without backup/, as health says.
            work = subject.work(source, administers=(subject.house.backup / "backup.txt").exists())
            work.run(30, most=2)
            subject.end(work)
        subject.house.prefix = []
        subject.check()
        subject.house.stop()
        tally.add(subject, work)


class MemoryGroup:
    """A control group with a limit."""

    def __init__(self):
        folder = next((folder for folder in GROUPS if os.access(folder / "cgroup.procs", os.W_OK)), None)
        self.folder = folder and folder / f"officefs-torture-{os.getpid()}"

    def make(self, mebibytes):
        """False where that is not possible here."""
        try:
            self.folder.mkdir(exist_ok=True)
            name = "memory.limit_in_bytes" if (self.folder / "memory.limit_in_bytes").exists() else "memory.max"
            (self.folder / name).write_text(f"{mebibytes << 20}\n")
            return True
        except (OSError, TypeError, AttributeError):
            return False

    def remove(self):
        if self.folder and self.folder.exists():
            subprocess.run(["rmdir", self.folder], stderr=subprocess.DEVNULL)


def memory(tally, directory, source, cycles=4):
    """Little memory: at 64 MiB and more it works, below it may be killed."""
    group = MemoryGroup()
    if not group.make(64):
        tally.skipped = "no control group of memory can be made here"
        return
    subject = Subject(directory / "subject", directory / "data")
    try:
        for number in tally.turns(cycles):
            limit = 64 if number % 2 == 0 else source.randint(6, 40)
            group.make(limit)
            subject.house.prefix = [
                "sh", "-c", f"echo $$ >{group.folder}/cgroup.procs && exec \"$@\"", "sh"]
            work = None
            if start_anyway(subject):
                work = subject.work(source)
                work.run(40, most=2)
                if not subject.is_alive:
                    tally.kills += 1
                    if limit >= 64:
                        subject.losses.append(f"{limit} MiB are not enough")
                subject.end(work)
            subject.house.prefix = []
            subject.check()
            subject.house.stop()
            tally.add(subject, work)
    finally:
        subject.house.kill()
        group.remove()
