"""An office that scripts make, mount, kill and clean up. Standard library only."""

import ctypes
import hashlib
import io
import os
import pathlib
import shutil
import subprocess
import sys
import tarfile
import tempfile
import time

SCRIPTS = pathlib.Path(__file__).resolve().parent


def binary():
    """The program: of OFFICEFS_BINARY, else the package's release build."""
    given = os.environ.get("OFFICEFS_BINARY")
    path = pathlib.Path(given) if given else SCRIPTS.parent / ".build/release/officefs"
    if not os.access(path, os.X_OK):
        sys.exit(f"no {path}: run scripts/build first")
    return str(path.resolve())


def require(*tools):
    """Ends the script, saying which, when a tool or a right is missing."""
    missing = [tool for tool in tools if not shutil.which(tool)]
    if missing:
        sys.exit(f"missing: {' '.join(missing)} (scripts/test installs them)")
    if os.geteuid() != 0 or not os.path.exists("/dev/fuse"):
        sys.exit("needs root and /dev/fuse")


def run(*command, timeout=600, **options):
    """Runs a tool that has to succeed; gives back its standard output."""
    done = subprocess.run(
        [str(part) for part in command], timeout=timeout, text=True,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, **options)
    if done.returncode:
        raise RuntimeError(f"{' '.join(map(str, command))}: {done.returncode}\n{done.stderr}")
    return done.stdout


def is_mounted(point):
    table = pathlib.Path("/proc/self/mounts").read_text()
    return any(line.split(" ")[1] == str(point) for line in table.splitlines())


def scratch(near=None):
    """A new empty directory; the caller removes it with `remove`."""
    return pathlib.Path(tempfile.mkdtemp(prefix="officefs-", dir=near)).resolve()


def remove(directory):
    """Removes a scratch directory, unmounting what is mounted beneath it."""
    table = pathlib.Path("/proc/self/mounts").read_text().splitlines()
    for line in reversed(table):
        point = line.split(" ")[1]
        if point.startswith(f"{directory}/"):
            subprocess.run(["umount", "-l", point], stderr=subprocess.DEVNULL)
    subprocess.run(["rm", "-rf", "--one-file-system", str(directory)], check=True)


def mails(file, count, size, seed=1):
    """Writes a mailbox of so many mails of so many bytes each."""
    with open(file, "wb") as out:
        subprocess.run(
            [SCRIPTS / "make-mail", str(count), str(size), "--seed", str(seed)],
            stdout=out, check=True)


def pack(user, archive, **cells):
    """Packs files into a user archive with tar and sha256sum: pack("ann", "a.udb", messages="m.mbox")."""
    names = {"scheduler": "ics", "todo": "ics", "addresses": "vcf", "messages": "mbox"}
    pairs = [f"{area}.{names[area]}={file}" for area, file in cells.items()]
    run(SCRIPTS / "pack-user", user, archive, *pairs)


def archive(user, **cells):
    """The bytes of a user archive: archive("ann", messages=b"From ..."). For thousands of small ones; see `pack`."""
    names = {"messages": "messages.mbox", "whereabouts": "whereabouts.json"}
    head = f'{{"format":1,"kind":"user","user":"{user}"}}\n'.encode()
    entries = [("office.json", head)] + [(f"{user}/{names[area]}", data) for area, data in cells.items()]
    sums = "".join(f"{hashlib.sha256(data).hexdigest()}  {name}\n" for name, data in entries)
    made = io.BytesIO()
    with tarfile.open(fileobj=made, mode="w", format=tarfile.USTAR_FORMAT) as tar:
        for name, data in [*entries, ("SHA256SUMS", sums.encode())]:
            entry = tarfile.TarInfo(name)
            entry.size = len(data)
            tar.addfile(entry, io.BytesIO(data))
    return made.getvalue()


def false_clock(file):
    """The environment of a daemon whose clock is ahead by what the file says: +3d, +90m. It may change at any time."""
    library = pathlib.Path(file).with_suffix(".so")
    if not library.exists():
        run("cc", "-O2", "-shared", "-fPIC", "-o", library, SCRIPTS.parent / "Tests/Clock/clock.c")
    preloaded = f"{os.environ.get('LD_PRELOAD', '')} {library}".strip()
    return {"LD_PRELOAD": preloaded, "OFFICEFS_CLOCK": str(file)}


def force_unmount(point):
    """umount -f -l, without a process: a new one would close what our threads have open there, and wait for an answer."""
    force, detach = 1, 2
    if ctypes.CDLL(None, use_errno=True).umount2(os.fsencode(point), force | detach):
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()), str(point))


class Office:
    """A data directory, mounted by a daemon of ours."""

    # All that were started and not waited for.
    running = set()
    # What the daemon of any office took at most until it was stopped, in bytes.
    most_memory = 0

    def __init__(self, directory, data=None, cpu=None):
        self.directory = pathlib.Path(directory)
        self.data = pathlib.Path(data or self.directory / "data")
        self.mount = self.directory / "office"
        self.users = self.mount / "users"
        self.backup = self.mount / "backup"
        self.cpu = cpu
        self.environment, self.prefix = {}, []
        self.daemon = None

    def command(self, *arguments, timeout=3600):
        return run(binary(), *arguments, timeout=timeout)

    def start(self):
        self.mount.mkdir(parents=True, exist_ok=True)
        command = [binary(), "mount", str(self.data), str(self.mount), "-f"]
        if self.cpu is not None:
            command = ["taskset", "-c", str(self.cpu)] + command
        command = self.prefix + command
        with open(self.directory / "daemon.log", "ab") as log:
            self.daemon = subprocess.Popen(command, stderr=log, env=os.environ | self.environment)
        Office.running.add(self.daemon)
        end = time.monotonic() + 60
        while not is_mounted(self.mount):
            if self.daemon.poll() is not None or time.monotonic() > end:
                raise RuntimeError(f"officefs mount did not mount\n{self.log()}")
            time.sleep(0.005)
        run("stat", self.mount / "README.txt", timeout=20)
        return self

    def back_up(self, what="all"):
        """Backs up everything, or one area; returns when the set is durable. OSError if there is none."""
        os.utime(self.backup / "update" / what)

    def sets(self):
        """The kept sets as backup.txt shows them, newest first: (slot, stamp); the slot is - for none."""
        lines = (self.backup / "backup.txt").read_text().splitlines()[1:]
        return [tuple(line.split()[:2]) for line in lines if line]

    def stop(self):
        """Unmounts; an error if the daemon is dead or does not end with exit code 0."""
        if self.daemon.poll() is not None:
            raise RuntimeError(f"the daemon died: {self.daemon.returncode}\n{self.log()}")
        Office.most_memory = max(Office.most_memory, self.memory_peak())
        self.command("unmount", self.mount, timeout=60)
        if self.daemon.wait(timeout=60):
            raise RuntimeError(f"the daemon ended with {self.daemon.returncode}")
        Office.running.discard(self.daemon)
        self.daemon = None

    def log(self):
        """The end of what the daemon wrote to standard error."""
        return (self.directory / "daemon.log").read_text(errors="replace")[-2000:]

    def kill(self):
        """kill -9, and nothing of it stays mounted."""
        if self.daemon:
            self.daemon.kill()
        # By force, since a thread that was telling the kernel of a change may wait for a process that waits for an
        # answer: neither would ever end.
        if is_mounted(self.mount):
            force_unmount(self.mount)
        if self.daemon:
            self.daemon.wait(timeout=60)
            Office.running.discard(self.daemon)
            self.daemon = None

    def memory_peak(self):
        """The daemon's VmHWM in bytes."""
        status = pathlib.Path(f"/proc/{self.daemon.pid}/status").read_text()
        line = next(line for line in status.splitlines() if line.startswith("VmHWM"))
        return int(line.split()[1]) * 1024

    def __enter__(self):
        return self.start()

    def __exit__(self, kind, error, trace):
        if kind is None:
            self.stop()
        else:
            self.kill()
