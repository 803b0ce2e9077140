"""What each fault did so far. Standard library only."""

import os
import time


class Tally:
    """What a fault did so far. `cuts` counts power cuts and crash images, `kills` daemons that were killed."""

    def __init__(self, name):
        self.name, self.count, self.cuts, self.kills, self.rounds = name, 0, 0, 0, 0
        self.begun = self.acknowledged = self.checked = 0
        # What was lost; why a round could not be ended; why there is none; errors that tools were told, by name.
        self.losses, self.broken, self.skipped, self.notes = [], [], None, {}
        # Where counting begins, for a fault that counts.
        self.offset = 0
        # Seconds that a round may take, more or less.
        self.budget = 15

    def turns(self, most):
        """Numbers of the turns of a round, at most so many."""
        start = time.monotonic()
        for number in range(most):
            if number and time.monotonic() - start > self.budget:
                return
            yield number

    def add(self, subject, work=None):
        """Takes over what one more time of it found."""
        self.count += 1
        self.take(subject, work)

    def take(self, subject, work=None):
        """Takes over what was done and found, without counting one more time."""
        if work:
            for number, count in work.errors.items():
                name = os.strerror(number)
                self.notes[name] = self.notes.get(name, 0) + count
        self.begun += subject.record.begun
        self.acknowledged += subject.record.acknowledged
        self.checked += subject.record.checked
        subject.record.begun = subject.record.acknowledged = subject.record.checked = 0
        self.losses += [f"{self.name} {self.count}: {loss}" for loss in subject.losses]
        subject.losses = []
