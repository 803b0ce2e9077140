"""Which backup sets there are, in which slots, and what each holds: kept beside officefs' own table. Standard library only."""

import hashlib
import json

import torture_documents as documents

SHOWN = 4


def keys_of(office_json):
    """The members of groups that an office.json names."""
    groups = json.loads(office_json)["groups"]
    return {("member", group, member): True for group, members in groups.items() for member in members}


def content_of_archive(data):
    """What a .sar holds, by key."""
    found = documents.entries(data)
    users = {name.split("/")[0] for name in found if "/" in name}
    return {("user", user): documents.cells(user, found) for user in users} | keys_of(found["office.json"])


class Sets:
    """The sets in the order of backup.txt, newest first, as (slot, stamp, process)."""

    def __init__(self):
        self.table, self.holds, self.contents, self.left = [], {}, {}, {}
        # The calendar day of the daemon's clock, counted from the start, and those that have a full set.
        self.day, self.days = 0, set()
        # What is under way: None, "all", an area's name or "before-restore"; what it may hold; how many sets it may be; on
        # which day it was ordered, since what an error left open may show days later.
        self.process, self.moment, self.unknown, self.ordered = None, None, {0}, 0
        # Whether an error leaves open, until the next start, if it is there.
        self.is_open = False
        # False where the clock jumps, so that nobody can tell which slot is whose.
        self.is_strict = True
        self.acknowledged = 0

    def begin(self, process, moment):
        self.process, self.moment, self.unknown, self.ordered = process, moment, {0, 1}, self.day

    def acknowledge(self):
        self.unknown = {1}
        self.acknowledged += 1

    @property
    def turns(self):
        return self.process == "all" and self.ordered not in self.days

    def expected(self, new):
        """What the slots hold after this, newest first."""
        before = [stamp for slot, stamp, _ in self.table if slot != "-"]
        if not new or self.process == "before-restore":
            return before
        return new + (before[:7] if self.turns else before[1:])

    def new(self, table):
        """The sets of a table that were not there."""
        known = {stamp for _, stamp, _ in self.table}
        return [stamp for _, stamp, _ in table if stamp not in known]

    def compare(self, table, files):
        """What is wrong with the sets, one line each; then takes them as they are.

        `files` is what was read of the sets, by stamp and name, of the new ones at least.
        """
        new, losses = self.new(table), []
        if len(new) not in self.unknown:
            losses.append(f"{len(new)} new sets instead of {self.unknown} ({self.process})")
        slots = [stamp for slot, stamp, _ in table if slot != "-"]
        if self.is_strict and slots != self.expected(new):
            losses.append(f"slots hold {slots} instead of {self.expected(new)}")
        there = {stamp for _, stamp, _ in table}
        losses += [f"set {stamp} is gone on day {self.day}, out of its slot since {self.left.get(stamp)}"
                   for slot, stamp, _ in self.table
                   if stamp not in there and self.is_strict and not self.has_fallen(slot, stamp)]
        for stamp, found in files.items():
            losses += self.look(stamp, found)
        self.note(table, new)
        return losses

    def has_fallen(self, slot, stamp):
        """Whether nothing may keep it any more."""
        if slot == "7":
            return True
        left = self.left.get(stamp, self.day) if slot == "-" else self.day
        if slot == "latest" and self.process not in (None, "before-restore") and not self.turns:
            # A set that could not be looked for since may have taken its place.
            left = self.ordered
        return left + 7 <= self.day

    def shown(self, table):
        """The sets to be read: the new ones, those in slots, and the newest of the others."""
        new = self.new(table)
        others = [stamp for slot, stamp, _ in table if slot == "-" and stamp not in new]
        return new + [stamp for slot, stamp, _ in table if slot != "-" and stamp not in new] + others[:SHOWN]

    def look(self, stamp, files):
        """A set that was read before has to hold the same bytes, a new one what was there in its moment."""
        if self.holds.get(stamp) is None:
            try:
                return self.freeze(stamp, files)
            except documents.Torn as error:
                return [f"set {stamp}: {error}"]
        return [] if self.digests(files) == self.holds[stamp] else [f"set {stamp} reads differently"]

    @staticmethod
    def digests(files):
        return {name: hashlib.sha256(data).hexdigest() for name, data in files.items()}

    def freeze(self, stamp, files):
        """Takes a new set as what it holds, which has to be of its moment."""
        content = keys_of(files["office.json"])
        for name, data in files.items():
            if name.endswith(".udb"):
                content["user", name[:-4]] = documents.read(name[:-4], data)
        self.contents[stamp], self.holds[stamp] = content, self.digests(files)
        if self.moment is None:
            return [f"set {stamp} that nobody ordered"]
        return [f"set {stamp} ({self.process}): {' '.join(key)} is {content.get(key)}"
                for key in {*content, *self.moment.allowed}
                if key[0] in ("user", "member") and not self.is_right(key, content.get(key))]

    def is_right(self, key, value):
        if self.moment.permits(key, value):
            return True
        if self.process in (None, "all", "before-restore"):
            return False
        if key[0] == "member" or value is None:
            return True
        # An area's update takes the other areas as the set has them whose place it takes.
        base = next((self.contents.get(stamp, {}) for slot, stamp, _ in self.table if slot != "-"), {})
        old = base.get(key) or (0, 0)
        now = {pair or (0, 0) for pair in self.moment.allowed.get(key, {None})}
        is_mail = self.process == "messages"
        return (value[0] in {pair[0] for pair in now} | {0} if is_mail else value[0] in (old[0], 0)) and (
            value[1] in {pair[1] for pair in now} | {0} if self.process == "whereabouts" else value[1] in (old[1], 0))

    def note(self, table, new):
        """Takes this as the sets that are there, and nothing as under way."""
        slots = {stamp: slot for slot, stamp, _ in self.table if slot != "-"}
        for slot, stamp, process in table:
            if slot == "-" and stamp in slots:
                # What fell out of the last slot goes as soon as there is room to remove it and no restore has it staged.
                self.left[stamp] = self.ordered - (7 if slots[stamp] == "7" else 0)
            elif process == "before-restore":
                # It is kept for 30 days instead of 7.
                self.left.setdefault(stamp, self.ordered + 23)
        if new and self.process == "all":
            self.days.add(self.ordered)
        there = {stamp for _, stamp, _ in table}
        self.holds = {stamp: digests for stamp, digests in self.holds.items() if stamp in there}
        self.contents = {stamp: content for stamp, content in self.contents.items() if stamp in there}
        self.table, self.process, self.moment, self.unknown, self.is_open = list(table), None, None, {0}, False
