"""The tools of scripts/tools that read: right results, and no file opened that need not be."""

import dataclasses
import filecmp
import os
import pathlib
import subprocess
from typing import Callable

from opens import Opens


class Wrong(Exception):
    """A wrong result, or a file that was opened for nothing."""


@dataclasses.dataclass
class Reader:
    name: str
    # $OUT is an empty folder of its own.
    command: str
    needs: str
    # What its output or $OUT has to be: (bench, output, folder) -> bool.
    is_right: Callable
    # How often each file of users/ has to be opened.
    opens: int = 0


def users(bench):
    return sorted(path for path in bench.house.users.iterdir())


def listed(bench, output, _):
    return sorted(output.split()) == [str(path) for path in users(bench)]


def sums(bench, output, _):
    return int(output.split()[0]) == sum(path.stat().st_size for path in users(bench))


def blocks(bench, output, _):
    return int(output.split()[0]) == sum(path.stat().st_blocks * 512 for path in users(bench))


def disk(bench, output, _):
    there = os.statvfs(bench.house.data)
    total, kind = output.splitlines()[-1].split()
    return kind == "fuse.officefs" and int(total) == there.f_blocks * there.f_frsize


def equal(bench, _, folder):
    copies = sorted(pathlib.Path(folder).rglob("*.udb"))
    return [path.name for path in copies] == [path.name for path in users(bench)] and all(
        filecmp.cmp(copy, path, shallow=False) and int(copy.stat().st_mtime) == int(path.stat().st_mtime)
        for copy, path in zip(copies, users(bench)))


READERS = [
    Reader("ls -la", "ls -la $U | awk '/udb$/ { print U \"/\" $NF }' U=$U", "ls awk", listed),
    Reader("find", "find $U -type f -size +0 -printf '%p\\n'", "find", listed),
    Reader("du -b", "find $U -type f -print0 | du -bc --files0-from=- | tail -n 1", "du", sums),
    Reader("du", "find $U -type f -print0 | du -c -B1 --files0-from=- | tail -n 1", "du", blocks),
    Reader("df", "df -B1 --output=size,fstype $U", "df", disk),
    Reader("updatedb",
           "updatedb -l 0 -o $OUT/db -U $U --prunefs '' --prunepaths '' --prunenames '' --prune-bind-mounts no && "
           "locate -d $OUT/db .udb", "updatedb locate", listed),
    Reader("grep -rl", "grep -rl SHA256SUMS $U", "grep", listed, 1),
    Reader("tar -c", "tar -C $U -cf - . | tar -C $OUT -xf -", "tar", equal, 1),
    Reader("tar -cS", "tar -C $U -cSf - . | tar -C $OUT -xf -", "tar", equal, 1),
    Reader("bsdtar -c", "bsdtar -C $U -cf - . | bsdtar -C $OUT -xf -", "bsdtar", equal, 1),
    Reader("cp -a out", "cp -a $U/. $OUT/", "cp", equal, 1),
    Reader("rsync -a out", "rsync -a $U/ $OUT/", "rsync", equal, 1),
]


def run(bench, tool):
    """What the table says of it."""
    folder = bench.directory / "read"
    subprocess.run(["rm", "-rf", folder], check=True)
    folder.mkdir()
    opens = Opens(bench.house.users)
    try:
        bench.variables["OUT"] = str(folder)
        code, output = bench.run(tool.command)
        opened = opens.take()
    finally:
        opens.close()
    if code:
        raise Wrong(f"exit {code}: {output}")
    wanted = sorted(path.name for path in users(bench) for _ in range(tool.opens))
    if sorted(opened) != wanted:
        raise Wrong(f"opened {opened}")
    if not tool.is_right(bench, output, folder):
        raise Wrong(f"wrong result: {output[:300]}")
    return "right", "each once" if tool.opens else "none"
