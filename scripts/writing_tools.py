"""The tools of scripts/tools that write, and a server of sshd for those that come over the network."""

import dataclasses
import os
import pathlib
import pwd
import shutil
import socket
import subprocess
import time


@dataclasses.dataclass
class Writer:
    """How a tool brings the file $F to $T, which is $U/$ID.udb. $D is $F's folder, and nothing else lies there."""

    name: str
    command: str
    # Programs it needs; "ssh" stands for a server that runs.
    needs: str
    # The command for a test that stops it half-way, where it would be too quick or another thing has to happen.
    slow: str = ""
    # The command that damages, for a tool that writes what it read from $T.
    damage: str = ""
    # It edits $T and can't make it.
    edits: bool = False
    # It renames the old file and has no other way, so it is refused and the user stays.
    is_refused_over: bool = False
    # What it keeps of the old file, as a temporary name.
    keeps: str = ""
    # It can't show an error: it does not look at what close says.
    is_mute: bool = False


def rsync(*flags):
    name = " ".join(("rsync", *flags))
    return Writer(name, f"{name} $F $T", "rsync", f"{name} --bwlimit=20000 $F $T")


def python(call, arguments):
    return f"python3 -c 'import shutil, sys; shutil.{call}' {arguments}"


WRITERS = [
    Writer("cp", "cp $F $T", "cp"),
    Writer("cp -a", "cp -a $F $T", "cp"),
    Writer("cp --reflink=auto", "cp --reflink=auto $F $T", "cp"),
    Writer("cp -b", "cp -b $F $T", "cp", is_refused_over=True),
    Writer("mv", "mv $F $T", "mv"),
    Writer("install -m 640", "install -m 640 $F $T", "install"),
    rsync("-a"), rsync("-az"), rsync("-a", "--inplace"), rsync("-a", "--delay-updates"), rsync("-aP"),
    Writer("rsync -a -T DIR", "rsync -a -T $OTHER $F $T", "rsync"),
    dataclasses.replace(rsync("-ab"), keeps="ID.udb~"),
    Writer("tar -x", "tar -C $D -cf - $ID.udb | tar -C $U -xf -", "tar"),
    Writer("bsdtar -x", "bsdtar -C $D -cf - $ID.udb | bsdtar -C $U -xf -", "bsdtar"),
    Writer("sftp put", "sftp -q -F $SSH -b - server <<<\"put $F $T\"", "sftp ssh",
           "sftp -q -l 200000 -F $SSH -b - server <<<\"put $F $T\""),
    Writer("scp", "scp -q -F $SSH $F server:$T", "scp ssh", "scp -q -l 200000 -F $SSH $F server:$T"),
    Writer("scp -O", "scp -O -q -F $SSH $F server:$T", "scp ssh", "scp -O -q -l 200000 -F $SSH $F server:$T"),
    Writer("rsync -a over ssh", "rsync -a -e \"ssh -F $SSH\" $F server:$T", "rsync ssh",
           "rsync -a --bwlimit=20000 -e \"ssh -F $SSH\" $F server:$T"),
    Writer("dd", "dd if=$F of=$T bs=64k status=none", "dd"),
    Writer("cat >", "cat $F >$T", "cat"),
    Writer("{ cat; cat; } >", "{ cat $D/../half1; cat $D/../half2; } >$T", "cat"),
    Writer("tee", "tee $T <$F >/dev/null", "tee"),
    Writer("vim -es", "vim -es -u NONE -b $F -c \"w! $T\" -c q", "vim"),
    Writer("sed -i", "sed -i '' $T", "sed", damage="sed -i s/SUMMARY/SUMMARZ/ $T", edits=True),
    Writer("Python shutil.copy2", python("copy2(*sys.argv[1:])", "$F $T"), "python3"),
    Writer("Python shutil.copytree", python("copytree(*sys.argv[1:], dirs_exist_ok=True)", "$D $U"), "python3"),
    Writer("gio copy", "gio copy $F $T", "gio"),
    Writer("kioclient5 copy",
           "dbus-run-session -- kioclient5 --noninteractive --overwrite copy $F $T", "kioclient5 dbus-run-session"),
    Writer("curl -o file://", "curl -sS -o $T file://$F", "curl"),
    Writer("mc", "$SCRIPTS/mc-copy $D $U", "mc"),
]


class SSHServer:
    """sshd for the current user on a free loopback port, with keys and a configuration of its own."""

    def __init__(self, directory):
        self.directory = pathlib.Path(directory) / "ssh"
        self.client = self.directory / "client"
        self.process = None

    def start(self):
        """False where there is no sshd or it does not answer."""
        server = shutil.which("sshd", path=os.environ["PATH"] + ":/usr/sbin:/usr/local/sbin")
        sftp = next((path for path in ("/usr/lib/openssh/sftp-server", "/usr/libexec/openssh/sftp-server",
                                       "/usr/lib/ssh/sftp-server") if os.path.exists(path)), "internal-sftp")
        if not server or not shutil.which("ssh-keygen"):
            return False
        self.directory.mkdir(mode=0o700)
        if os.geteuid() == 0:
            # The empty folder that sshd shuts itself into; the system's own service makes it too.
            pathlib.Path("/run/sshd").mkdir(mode=0o755, exist_ok=True)
        for key in ("host", "user"):
            subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", self.directory / key], check=True)
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        name = pwd.getpwuid(os.geteuid()).pw_name
        configuration = self.directory / "server"
        configuration.write_text(
            f"ListenAddress 127.0.0.1\nPort {port}\nHostKey {self.directory}/host\nPidFile none\nUsePAM no\n"
            f"AuthorizedKeysFile {self.directory}/user.pub\nStrictModes no\nPasswordAuthentication no\n"
            f"KbdInteractiveAuthentication no\nPermitRootLogin prohibit-password\nAllowUsers {name}\n"
            f"Subsystem sftp {sftp}\n")
        self.client.write_text(
            f"Host server\nHostName 127.0.0.1\nPort {port}\nUser {name}\nIdentityFile {self.directory}/user\n"
            f"IdentitiesOnly yes\nUserKnownHostsFile {self.directory}/known\nGlobalKnownHostsFile none\n"
            "StrictHostKeyChecking no\nBatchMode yes\nLogLevel ERROR\n")
        with open(self.directory / "log", "wb") as log:
            self.process = subprocess.Popen([server, "-D", "-e", "-f", configuration], stderr=log)
        for _ in range(50):
            answer = subprocess.run(["ssh", "-F", self.client, "server", "true"], stdin=subprocess.DEVNULL,
                                    stderr=subprocess.DEVNULL, timeout=30)
            if answer.returncode == 0:
                return True
            time.sleep(0.1)
        return False

    def stop(self):
        if self.process:
            self.process.terminate()
            self.process.wait(timeout=20)
