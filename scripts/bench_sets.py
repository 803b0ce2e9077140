"""bench sets: looking at backups through the mounts of officefs, restic and borg.

Three sets of the same office, one per cent of the messages changed between them: from the start of the mount to the end of the
first `ls -l` of a set's users, `find -ls` of all sets, and tar of one whole set. restic and borg encrypt, as they do by default.
Each tool mounts for the first two with all of it on one processor, then once more for tar, with all of them.
The same sets as plain files on the disk, by rsync --link-dest, and the newest of them through bindfs show how much of a time is the
tool's that looks.
"""

import os
import random
import shutil
import subprocess
import time

import office
from bench_backup import Borg, Restic, Rsync, change, office_and_files
from bench_mount import bindfs
from bench_table import seconds

SETS = 3


class Mounted:
    """A backup tool whose sets can be looked at through a mount."""

    def __init__(self, name, folder, users, mount):
        self.name, self.folder, self.users, self.command = name, folder, users, mount
        self.daemon = None

    def start(self, pin):
        """Mounts; it is there when it can be listed. What stands in `pin` goes before the command."""
        self.folder.mkdir(exist_ok=True)
        self.daemon = self.command(self.folder, pin)
        end = time.monotonic() + 600
        while not office.is_mounted(self.folder):
            if self.daemon.poll() is not None or time.monotonic() > end:
                raise RuntimeError(f"{self.name} did not mount")
            time.sleep(0.005)

    def stop(self):
        office.run("umount", self.folder)
        self.daemon.wait(timeout=60)

    def newest(self):
        """The folder of the newest set's users."""
        return self.users(self.folder)


class Ours(Mounted):
    def __init__(self, house):
        self.name, self.house = "officefs", house
        self.folder = house.backup / "by-date"

    def start(self, pin):
        self.house.prefix = pin
        self.house.start()

    def stop(self):
        self.house.stop()

    def newest(self):
        return self.house.backup / "users"


class Plain:
    """The sets as folders of plain files."""

    name = "plain files"

    def __init__(self, folder):
        self.folder = folder

    def start(self, pin):
        """They are there."""

    def stop(self):
        """They stay."""

    def newest(self):
        return self.folder / str(SETS)


class Bound:
    """The newest of those folders through bindfs."""

    name = "bindfs"

    def __init__(self, plain, point):
        self.plain, self.point, self.folder = plain, point, None

    def start(self, pin):
        self.passthrough = bindfs(self.plain.newest(), self.point)
        self.passthrough.command = [*pin, *self.passthrough.command]
        self.passthrough.fresh()

    def stop(self):
        self.passthrough.done()
        self.point.rmdir()

    def newest(self):
        return self.point


class EncryptedBorg(Borg):
    def fresh(self):
        super().fresh()
        self.environment = self.environment | {"BORG_PASSPHRASE": "bench"}
        shutil.rmtree(self.folder / "repository")
        seconds("borg", "init", "-e", "repokey", env=self.environment)


def peers(plain, directory):
    """The tools that are here, with their mounts, and a line for each that is not."""
    copies = Rsync("rsync --link-dest", "rsync", directory / "rsync", plain)
    shown = Plain(copies.folder)
    found, notes = [(copies, shown)], []
    if shutil.which("restic"):
        tool = Restic("restic mount", "restic", directory / "restic", plain)
        def mount_restic(point, pin, tool=tool):
            return subprocess.Popen([*pin, "restic", *map(str, tool.options), "mount", str(point)], env=tool.environment,
                                    stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        found.append((tool, Mounted(tool.name, directory / "restic-mount",
                                    lambda point: point / "snapshots" / "latest" / str(plain).lstrip("/"), mount_restic)))
    else:
        notes.append("Not run, since not installed: restic")
    tool = EncryptedBorg("borg mount", "borg", directory / "borg", plain)
    can_mount = shutil.which("borg") and subprocess.run(
        ["/usr/bin/python3", "-c", "import llfuse"], stderr=subprocess.DEVNULL).returncode == 0
    if can_mount:
        def mount_borg(point, pin, tool=tool):
            return subprocess.Popen([*pin, "borg", "mount", "-f", tool.environment["BORG_REPO"], str(point)], env=tool.environment)
        found.append((tool, Mounted(tool.name, directory / "borg-mount",
                                    lambda point: point / str(SETS) / str(plain).lstrip("/"), mount_borg)))
    else:
        notes.append("Not run, since not installed: borg with python3-llfuse")
    return found, notes


def look(table, given, mounted):
    pin = ["taskset", "-c", str(given.cpu)]
    for _ in range(given.runs):
        for each in mounted:
            start = time.perf_counter()
            each.start(pin)
            office.run(*pin, "ls", "-l", each.newest(), timeout=3600)
            table.add("mount to the end of the first ls -l", "s", each.name, time.perf_counter() - start)
            if each.folder:
                sets = each.folder / "snapshots" if each.name.startswith("restic") else each.folder
                table.add(f"find -ls of all {SETS} sets", "s", each.name, seconds("find", sets, "-ls", cpu=given.cpu))
            each.stop()
            each.start([])
            office.run("ls", "-l", each.newest(), timeout=3600)
            start = time.perf_counter()
            tar = subprocess.Popen(["tar", "-C", each.newest(), "-cf", "-", "."], stdout=subprocess.PIPE)
            subprocess.run(["cat"], stdin=tar.stdout, stdout=subprocess.DEVNULL, check=True)
            if tar.wait():
                raise RuntimeError(f"tar through {each.name} failed")
            table.add("tar of one set", "s", each.name, time.perf_counter() - start)
            each.stop()


def bench(table, directory, given):
    house, plain, names, source = *office_and_files(directory, given), random.Random(1)
    found, notes = peers(plain, directory)
    for tool, _ in found:
        tool.fresh()
    for number in range(SETS):
        with house:
            if number:
                change(house, plain, names, 0.01, source)
            house.back_up()
        for tool, _ in found:
            tool.back_up()
        print(f"set {number + 1} of {SETS}", flush=True)
    shown = [mounted for _, mounted in found]
    bound = [Bound(shown[0], directory / "bound")] if shutil.which("bindfs") else []
    look(table, given, [Ours(house), *shown[1:], shown[0], *bound])
    office.remove(house.directory)
    return notes
