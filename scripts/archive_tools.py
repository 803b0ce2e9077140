"""The tools of scripts/tools that carry a whole office's archive out of archives/ and into it."""

import dataclasses
import filecmp
import os
import pathlib
import shutil

from reading_tools import Wrong


@dataclasses.dataclass
class Carrier:
    """How a tool brings the archive $S of archives/ to the file $X, and the file $X to the archive $Y."""

    name: str
    out: str
    into: str
    # Programs it needs; "ssh" stands for a server that runs.
    needs: str
    # It takes away what it carries, so it can only be an upload.
    moves: bool = False


CARRIERS = [
    Carrier("cp", "cp $S $X", "cp $X $Y", "cp"),
    Carrier("cp -a", "cp -aL $S $X", "cp -a $X $Y", "cp"),
    Carrier("mv", "mv $S $X", "mv $X $Y", "mv", moves=True),
    Carrier("rsync -a", "rsync -aL $S $X", "rsync -a $X $Y", "rsync"),
    Carrier("rsync -a --inplace", "rsync -aL --inplace $S $X", "rsync -a --inplace $X $Y", "rsync"),
    Carrier("sftp", "sftp -q -F $SSH -b - server <<<\"get $S $X\"", "sftp -q -F $SSH -b - server <<<\"put $X $Y\"",
            "sftp ssh"),
    Carrier("scp", "scp -q -F $SSH server:$S $X", "scp -q -F $SSH $X server:$Y", "scp ssh"),
    Carrier("rsync -a over ssh", "rsync -aL -e \"ssh -F $SSH\" server:$S $X", "rsync -a -e \"ssh -F $SSH\" $X server:$Y",
            "rsync ssh"),
]


def wrong_unless(condition, text):
    if not condition:
        raise Wrong(text)


def same(left, right):
    return os.path.exists(left) and os.path.exists(right) and filecmp.cmp(left, right, shallow=False)


class Shelf:
    """Two archives of an office and a damaged one."""

    def __init__(self, bench):
        self.folder = bench.house.mount / "archives"
        self.latest = self.folder / "latest.sar"
        self.good, self.other, self.bad, self.file = (
            bench.directory / name for name in ("good.sar", "other.sar", "bad.sar", "carried.sar"))
        self.upload, self.target = self.folder / "uploaded.sar", self.folder / "brought.sar"
        bench.lay_out(bench.other, bench.other)
        bench.house.back_up()
        shutil.copyfile(self.latest, self.other)
        bench.lay_out(bench.good, bench.good)
        bench.house.back_up()
        shutil.copyfile(self.latest, self.good)
        data = bytearray(self.good.read_bytes())
        data[data.index(b"SUMMARY") + 6] ^= 1
        self.bad.write_bytes(data)
        self.entries = self.names()

    def names(self):
        return sorted(os.listdir(self.folder))


def run(bench, tool):
    """What the table says of it: out, in, damaged."""
    shelf = bench.shelf = getattr(bench, "shelf", None) or Shelf(bench)
    source = shelf.upload if tool.moves else shelf.latest
    bench.variables |= {"S": str(source), "X": str(shelf.file), "Y": str(shelf.target)}
    shelf.file.unlink(missing_ok=True)
    if tool.moves:
        shutil.copyfile(shelf.good, shelf.upload)
    code, said = bench.run(tool.out)
    wrong_unless(code == 0 and same(shelf.file, shelf.good), f"out: exit {code}: {said}")
    if tool.moves:
        wrong_unless(not source.exists(), "out: it is still there")
        gone = list(pathlib.Path(bench.house.mount / "undo").glob(f"*_delete/{source.name}"))
        wrong_unless(gone, "out: undo/ does not have it")
    for archive in (shelf.good, shelf.other):
        shutil.copyfile(archive, shelf.file)
        code, said = bench.run(tool.into)
        wrong_unless(code == 0 and same(shelf.target, archive), f"in: exit {code}: {said}")
    codes = set()
    for old in (shelf.other, None):
        if old is None:
            shelf.target.unlink()
        lines = len(bench.log())
        shutil.copyfile(shelf.bad, shelf.file)
        code, said = bench.run(tool.into)
        codes.add(str(code))
        wrong_unless(code, "damaged: exit 0")
        wrong_unless(same(shelf.target, old) if old else not shelf.target.exists(), "damaged: it came in")
        news = bench.log()[lines:]
        wrong_unless(news and all(" - " in line for line in news), f"damaged: errors.log does not say it: {news}")
        wrong_unless(not tool.moves or same(shelf.file, shelf.bad), "damaged: the source is gone")
    left = [name for name in shelf.names() if name not in shelf.entries]
    wrong_unless(not left, f"left behind: {left}")
    return "equal" + (", in undo/ then" if tool.moves else ""), "equal", f"exit {' or '.join(sorted(codes))}; what was there stays"
