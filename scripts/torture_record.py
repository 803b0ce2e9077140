"""What was acknowledged, and whether it is there: the checker's own record, which never asks officefs. Standard library only.

A key is ("user", id), ("member", group, id), ("upload", name) or ("export", name); a value is what stands there, None for
nothing. An operation begins, then it is acknowledged (close, fsync, rename or touch returned 0), refused (an error that
promises that nothing changed) or neither. Until it is acknowledged both values are right, but nothing between.
"""

import collections
import copy
import itertools
import threading


class Moment:
    """All values that each key had between two points in time."""

    def __init__(self, allowed):
        self.allowed = {key: set(values) for key, values in allowed.items()}

    def permits(self, key, value):
        return value in self.allowed.get(key, {None})


class Record:
    """See above. `lock` is held while something begins or is acknowledged, and by who takes an image of the disk."""

    def __init__(self):
        self.lock = threading.RLock()
        self.allowed, self.joint, self.moments = {}, None, []
        # How many operations began and were acknowledged; which one each key has its value of; how many were compared.
        self.begun, self.acknowledged, self.fresh, self.checked = 0, 0, {}, 0
        self.operations = itertools.count(1)
        # The users that were deleted last, and what undo/ holds of them.
        self.deleted = {}
        # What was done last with each key, for whoever has to find out how a loss came.
        self.history = collections.defaultdict(lambda: collections.deque(maxlen=16))

    def __deepcopy__(self, memo):
        other = Record()
        for name in "allowed", "joint", "moments", "fresh", "deleted":
            setattr(other, name, copy.deepcopy(getattr(self, name), memo))
        other.history.update({key: past.copy() for key, past in self.history.items()})
        return other

    def note(self, keys, what):
        """Something that was done with these keys, or came of it."""
        for key in keys:
            self.history[key].append(what)

    def mark(self, what):
        """Something that concerns everyone, as a fault or a start does."""
        for past in self.history.values():
            if past and past[-1] != what:
                past.append(what)

    def value(self, key):
        """The one value that is there; KeyError while that is open."""
        with self.lock:
            values = self.allowed.get(key, {None})
            if len(values) != 1:
                raise KeyError(key)
            return next(iter(values))

    def permits(self, key, value):
        return value in self.allowed.get(key, {None})

    def permit(self, key, value):
        """This may be there as well."""
        with self.lock:
            self.note([key], f"or {value}")
            self.allowed[key].add(value)
            for moment in self.moments:
                moment.allowed.setdefault(key, {None}).add(value)

    def begin(self, changes):
        """Something is under way that gives these keys these values, all at once."""
        with self.lock:
            before = {key: frozenset(self.allowed.get(key, {None})) for key in changes}
            for key, value in changes.items():
                self.note([key], f"{'restore of' if len(changes) > 1 else 'to'} {value}")
                self.allowed[key] = set(before[key]) | {value}
                if len(changes) == 1:
                    # A restore that is refused leaves what was deleted to whoever deleted it.
                    self.deleted.pop(key, None)
                for moment in self.moments:
                    moment.allowed.setdefault(key, {None}).add(value)
                if self.joint:
                    # What comes after a restore that was left open tells nothing of it.
                    for values in self.joint:
                        values.pop(key, None)
            self.begun += 1
            if len(changes) > 1:
                self.joint = (dict(before), dict(changes))
            return before, changes

    def acknowledge(self, begun):
        """It is there, and stays."""
        with self.lock:
            operation = next(self.operations)
            self.note(begun[1], "done")
            for key, value in begun[1].items():
                self.allowed[key] = {value}
                self.fresh[key] = operation
                self.deleted.pop(key, None)
            self.end(begun)
            self.acknowledged += 1

    def refuse(self, begun):
        """It had no effect."""
        with self.lock:
            self.note(begun[0], "refused")
            for key, before in begun[0].items():
                self.allowed[key] = set(before)
            self.end(begun)

    def end(self, begun):
        if len(begun[1]) > 1:
            self.joint = None

    def begin_moment(self):
        """From now on all values are collected, as for a backup that is under way."""
        with self.lock:
            moment = Moment(self.allowed)
            self.moments.append(moment)
            return moment

    def end_moment(self, moment):
        with self.lock:
            self.moments = [other for other in self.moments if other is not moment]

    def fork(self):
        """What an image of the disk as it is now has to show. Call it with the lock held."""
        other = copy.deepcopy(self)
        self.fresh = {}
        return other

    def compare(self, observed, kinds=None):
        """What is wrong with what was found, one line each; then takes it as it is."""
        losses, whole = [], set()
        for key in {*self.allowed, *observed}:
            if kinds and key[0] not in kinds:
                continue
            found, right = observed.get(key), self.allowed.get(key, {None})
            if isinstance(found, Exception):
                losses.append(f"{' '.join(key)}: {found}")
            elif found not in right:
                losses.append(f"{' '.join(key)}: {found} instead of {' or '.join(map(str, right))} "
                              f"({', '.join(self.history[key])})")
            else:
                whole.add(self.fresh.pop(key, None))
            self.allowed[key] = {None if isinstance(found, Exception) else found}
        if self.joint:
            before, after = self.joint
            is_old = all(observed.get(key) in values for key, values in before.items())
            if not is_old and any(observed.get(key) != value for key, value in after.items()):
                reached = [key for key, value in after.items() if observed.get(key) == value not in before[key]]
                missed = [key for key, value in after.items() if observed.get(key) != value]
                losses.append(f"a restore is half there: {len(reached)} as after it {reached[:3]}, "
                              f"{len(missed)} not {missed[:3]}")
            self.joint = None
        for key, (value, _) in list(self.deleted.items()):
            if self.allowed.get(key) != {None}:
                del self.deleted[key]
        self.checked += len(whole - {None})
        self.moments = []
        return losses
