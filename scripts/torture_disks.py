"""Disks that can fail: file systems in files, on loop devices. Standard library only."""

import errno
import os
import pathlib
import subprocess
import time

import office

# Where files cost no disk traffic, if there is such a place; what is tortured are the file systems within them.
MEMORY = pathlib.Path("/dev/shm")


def scratch():
    """A new empty directory with room for disks."""
    status = os.statvfs(MEMORY) if MEMORY.is_dir() else None
    is_roomy = status and status.f_bavail * status.f_frsize > 6 << 30
    return office.scratch(MEMORY if is_roomy else None)


class Disk:
    """An ext4 or xfs in a file, mounted at `point`."""

    def __init__(self, directory, name, kind="ext4", mebibytes=512, options=()):
        self.kind, self.file, self.point = kind, directory / f"{name}.img", directory / name
        self.point.mkdir()
        office.run("truncate", "-s", f"{mebibytes}M", self.file)
        if kind == "ext4":
            office.run("mkfs.ext4", "-q", "-F", "-b", "4096", *options, self.file)
        else:
            office.run("mkfs.xfs", "-q", "-f", "-m", "reflink=1", *options, self.file)
        self.mount()

    @classmethod
    def image(cls, file, point, kind):
        """A copy of a disk as it was in the middle of work, not mounted yet."""
        disk = cls.__new__(cls)
        disk.kind, disk.file, disk.point = kind, file, point
        point.mkdir(exist_ok=True)
        return disk

    def mount(self):
        # A copy has the UUID of the disk that it was made of.
        options = "loop,nouuid" if self.kind == "xfs" else "loop"
        office.run("mount", "-t", self.kind, "-o", options, self.file, self.point)

    def cut(self):
        """The power goes: without -f nothing is written any more, the log neither."""
        office.run("xfs_io", "-x", "-c", "shutdown", self.point)

    def abort(self):
        """ext4 stops and is read-only, as after an error of the disk."""
        office.run("mount", "-o", "remount,abort", self.point)

    def unmount(self):
        end = time.monotonic() + 20
        while subprocess.run(["umount", self.point], stderr=subprocess.DEVNULL).returncode:
            if time.monotonic() > end:
                raise RuntimeError(f"{self.point} stays busy")
            time.sleep(0.02)

    def remove(self):
        self.unmount()
        self.file.unlink()
        self.point.rmdir()

    @property
    def free(self):
        status = os.statvfs(self.point)
        return status.f_bavail * status.f_frsize


class Filler:
    """Takes up a disk's room, its bytes or its inodes, but for a rest."""

    def __init__(self, disk):
        self.disk, self.folder = disk, disk.point / "filler"
        self.folder.mkdir()

    def fill_bytes(self, rest):
        """Leaves about `rest` bytes."""
        with open(self.folder / "bytes", "ab") as file:
            while (size := self.disk.free - rest) > 4_096:
                end = file.seek(0, os.SEEK_END)
                try:
                    os.posix_fallocate(file.fileno(), end, min(size, max(4_096, size // 2 // 4_096 * 4_096)))
                except OSError:
                    return

    def fill_inodes(self, rest):
        """Leaves `rest` inodes, or fewer where others take some meanwhile."""
        for number in range(max(0, os.statvfs(self.folder).f_favail - rest)):
            try:
                (self.folder / f"inode{number}").touch()
            except OSError as error:
                if error.errno != errno.ENOSPC:
                    raise
                return

    def empty(self):
        for file in self.folder.iterdir():
            file.unlink()


def detach(directory):
    """Lets go of loop devices whose files are below a directory."""
    for line in office.run("losetup", "-l", "-n", "-O", "NAME,BACK-FILE").splitlines():
        name, _, file = line.partition(" ")
        if file.strip().startswith(f"{directory}/"):
            subprocess.run(["losetup", "-d", name], stderr=subprocess.DEVNULL)
