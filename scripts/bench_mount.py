"""bench mount: officefs against ext4 and bindfs on the same bytes.

"First" is cold in FUSE (a fresh mount) with the backing pages cached, "second" the same again. `ls -l` and `find -ls`
run with client and daemon on one processor, reads and imports with all of them.
"""

import subprocess
import time

import office
from bench_table import seconds

MIB = 1 << 20


class Peer:
    """Where the same files can be read: a directory, mounted anew before each run."""

    def __init__(self, name, folder):
        self.name, self.folder = name, folder

    def fresh(self, cpu=None):
        """Starts it with nothing cached in FUSE."""

    def done(self):
        """Unmounts it."""


class Bindfs(Peer):
    def __init__(self, origin, point):
        super().__init__("bindfs", point)
        self.origin, self.daemon = origin, None
        point.mkdir()

    def fresh(self, cpu=None):
        self.done()
        pin = [] if cpu is None else ["taskset", "-c", str(cpu)]
        self.daemon = subprocess.Popen(
            pin + ["bindfs", "-f", "-o", "fsname=officefs-bench", self.origin, self.folder])
        while not office.is_mounted(self.folder):
            time.sleep(0.005)

    def done(self):
        if self.daemon:
            office.run("umount", self.folder)
            self.daemon.wait(timeout=30)
            self.daemon = None


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
    peers = [Officefs(house, "areas"), Peer("ext4", plain), Bindfs(plain, directory / f"bind{size}")]
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
    """`ls -l` and `find -ls` of many users."""
    house = office.Office(directory / "browse")
    house.directory.mkdir()
    house.command("demo", house.data, "--users", given.users, "--messages", 2, "--seed", 1)
    plain = directory / "plain"
    with house:
        office.run("cp", "-a", house.users, plain, timeout=3600)
    peers = [Officefs(house, "users"), Peer("ext4", plain), Bindfs(plain, directory / "bind")]
    for _ in range(given.runs):
        for name, command in ("ls -l", ["ls", "-l"]), ("find -ls", ["find"]):
            for peer in peers:
                peer.fresh(cpu=given.cpu)
                for turn in "first", "second":
                    tail = ["-ls"] if name == "find -ls" else []
                    took = seconds(*command, peer.folder, *tail, cpu=given.cpu)
                    table.add(f"{name} of {given.users} users, {turn}", "ms", peer.name, took * 1000)
                peer.done()


def bench_import(table, directory, given):
    """A large archive and many small ones copied in, durable at the end."""
    house = office.Office(directory / "import")
    house.directory.mkdir()
    house.command("init", house.data)
    peers = [Officefs(house, "users"), Peer("ext4", directory / "plain-import")]
    peers[1].folder.mkdir()
    peers.append(Bindfs(peers[1].folder, directory / "bind-import"))
    for number_of_run in range(given.runs):
        large = mailbox_archives(directory, "large", 1, given.import_mib * MIB // 5000, number_of_run)
        small = mailbox_archives(directory, "small", 100, 10, number_of_run)
        for peer in peers:
            peer.fresh()
            for name, archives in (f"import of {given.import_mib} MiB of 5 KB mails", large), ("import of 100 users of 50 KB", small):
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
    office.require("bindfs", "taskset", "tar", "sha256sum")
    bench_read(table, directory, given, 5000, "5 KB mails")
    bench_read(table, directory, given, MIB, "1 MiB mails")
    bench_browse(table, directory, given)
    bench_import(table, directory, given)
    return []
