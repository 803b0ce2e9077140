"""bench mount: officefs against ext4 and bindfs on the same bytes.

"First" is cold in FUSE (a fresh mount) with the backing pages cached, "second" the same again. What asks much and moves
little (`ls -l`, `find -ls`, `cat` and rsync of many users) runs with client and daemon on one processor, all else with all of
them. `cat` is measured both ways: most of what an unpinned one takes is the waking of the other processor.
"""

import pathlib
import shutil
import subprocess
import time

import office
from bench_table import seconds

MIB = 1 << 20
EXAMPLE = pathlib.Path("/usr/share/doc/libfuse3-dev/examples/passthrough_ll.c")


class Peer:
    """Where the same files can be read: a directory, mounted anew before each run."""

    def __init__(self, name, folder):
        self.name, self.folder = name, folder

    def fresh(self, cpu=None):
        """Starts it with nothing cached in FUSE."""

    def done(self):
        """Unmounts it."""


class Passthrough(Peer):
    """A daemon that shows a folder through FUSE."""

    def __init__(self, name, point, *command):
        super().__init__(name, point)
        self.command, self.daemon = [*command, point], None
        point.mkdir()

    def fresh(self, cpu=None):
        self.done()
        pin = [] if cpu is None else ["taskset", "-c", str(cpu)]
        self.daemon = subprocess.Popen(pin + self.command)
        while not office.is_mounted(self.folder):
            time.sleep(0.005)

    def done(self):
        if self.daemon:
            office.run("umount", self.folder)
            self.daemon.wait(timeout=30)
            self.daemon = None


def bindfs(origin, point):
    return Passthrough("bindfs", point, "bindfs", "-f", "-o", "fsname=officefs-bench", origin)


def with_kept_cache(origin, point):
    """libfuse's own example in C, told to leave what was read with the kernel; None where it can't be built."""
    program = point.with_suffix(".program")
    if not EXAMPLE.exists() or not shutil.which("cc"):
        return None
    flags = office.run("pkg-config", "--cflags", "--libs", "fuse3").split()
    office.run("cc", "-O2", "-w", "-o", program, EXAMPLE, *flags)
    return Passthrough("passthrough_ll, kept cache", point, program, "-f", "-o", f"source={origin},cache=always")


class Officefs(Peer):
    def __init__(self, house, folder):
        super().__init__("officefs", house.mount / folder)
        self.house = house

    def fresh(self, cpu=None):
        self.done()
        self.house.cpu = cpu
        self.house.start()

    def done(self):
        if self.house.daemon:
            self.house.stop()


def read_rate(file):
    """MB/s of one sequential read in 1 MiB steps."""
    buffer = bytearray(MIB)
    start, total = time.perf_counter(), 0
    with open(file, "rb", buffering=0) as source:
        while count := source.readinto(buffer):
            total += count
    return total / 1e6 / (time.perf_counter() - start)


def bench_read(table, directory, given, size, label):
    """One column of mails of one size, read whole."""
    house = office.Office(directory / f"read{size}")
    house.directory.mkdir()
    house.command("init", house.data)
    mailbox, archive = directory / "mails", directory / "reader.udb"
    office.mails(mailbox, given.read_mib * MIB // size, size)
    office.pack("reader", archive, messages=mailbox)
    plain = directory / f"plain{size}"
    plain.mkdir()
    with house:
        office.run("cp", archive, house.users / "reader.udb")
        office.run("cp", house.mount / "areas/messages.odb", plain)
    for file in mailbox, archive:
        file.unlink()
    kept = with_kept_cache(plain, directory / f"kept{size}")
    peers = [Officefs(house, "areas"), Peer("ext4", plain), bindfs(plain, directory / f"bind{size}"), *([kept] if kept else [])]
    for _ in range(given.runs):
        for peer in peers:
            peer.fresh()
            for turn in "first", "second":
                rate = read_rate(peer.folder / "messages.odb")
                table.add(f"read of {given.read_mib} MiB of {label}, {turn}", "MB/s", peer.name, rate)
            peer.done()
    office.remove(plain)
    office.remove(house.directory)


def bench_browse(table, directory, given):
    """`ls -l` and `find -ls` of many users, all their files read, and an rsync that has nothing to send."""
    house = office.Office(directory / "browse")
    house.directory.mkdir()
    house.command("demo", house.data, "--users", given.users, "--messages", 2, "--seed", 1)
    plain, copy = directory / "plain", directory / "copy"
    with house:
        office.run("cp", "-a", house.users, plain, timeout=3600)
        office.run("cp", "-a", plain, copy, timeout=3600)
    peers = [Officefs(house, "users"), Peer("ext4", plain), bindfs(plain, directory / "bind")]
    work = [
        ("ls -l", given.cpu, lambda folder: ["ls", "-l", folder]),
        ("find -ls", given.cpu, lambda folder: ["find", folder, "-ls"]),
        ("cat", given.cpu, lambda folder: ["sh", "-c", 'cat "$0"/*.udb', folder]),
        ("cat, not pinned,", None, lambda folder: ["sh", "-c", 'cat "$0"/*.udb', folder]),
        ("rsync -a, nothing changed,", given.cpu, lambda folder: ["rsync", "-a", "--info=name", f"{folder}/", copy])]
    for _ in range(given.runs):
        for name, cpu, command in work:
            for peer in peers:
                peer.fresh(cpu=cpu)
                for turn in "first", "second":
                    table.add(f"{name} of {given.users} users, {turn}", "ms", peer.name,
                              seconds(*command(peer.folder), cpu=cpu) * 1000)
                if name.startswith("rsync") and ".udb" in (sent := office.run(*command(peer.folder))):
                    raise RuntimeError(f"rsync from {peer.name} sent what had not changed: {sent[:200]}")
                peer.done()


def bench_import(table, directory, given):
    """A large archive and many small ones copied in, durable at the end."""
    house = office.Office(directory / "import")
    house.directory.mkdir()
    house.command("init", house.data)
    peers = [Officefs(house, "users"), Peer("ext4", directory / "plain-import")]
    peers[1].folder.mkdir()
    peers.append(bindfs(peers[1].folder, directory / "bind-import"))
    for number_of_run in range(given.runs):
        large = mailbox_archives(directory, "large", 1, given.import_mib * MIB // 5000, number_of_run)
        small = mailbox_archives(directory, "small", 100, 10, number_of_run)
        for peer in peers:
            peer.fresh()
            for name, archives in (
                    (f"import of {given.import_mib} MiB of 5 KB mails", large), ("import of 100 users of 50 KB", small)):
                took = seconds("cp", *archives, peer.folder)
                if peer.name != "officefs":
                    took += seconds("sync", *[peer.folder / archive.name for archive in archives])
                table.add(name, "ms", peer.name, took * 1000)
            peer.done()


def mailbox_archives(directory, name, count, mails, seed):
    """Archives of users that no run before had."""
    made = []
    for number_of_user in range(count):
        mailbox = directory / "mails"
        archive = directory / f"{name}{number_of_user}.udb"
        office.mails(mailbox, mails, 5000, seed=seed * 1000 + number_of_user)
        office.pack(archive.stem, archive, messages=mailbox)
        made.append(archive)
    return made


def bench(table, directory, given):
    office.require("bindfs", "taskset", "tar", "sha256sum", "rsync")
    bench_read(table, directory, given, 5000, "5 KB mails")
    bench_read(table, directory, given, MIB, "1 MiB mails")
    bench_browse(table, directory, given)
    bench_import(table, directory, given)
    missing = not EXAMPLE.exists() or not shutil.which("cc")
    return [f"Not run, since it can't be built: {EXAMPLE.name} of libfuse's examples"] if missing else []
