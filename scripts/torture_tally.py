"""What each fault did so far. Standard library only."""

import os


class Tally:
    """What a fault did so far. `cuts` counts power cuts and crash images, `kills` daemons that were killed."""

    def __init__(self, name):
        self.name, self.count, self.cuts, self.kills = name, 0, 0, 0
        self.begun = self.acknowledged = self.checked = 0
        self.losses, self.skipped, self.notes = [], None, {}

    def add(self, subject, work=None):
        """Takes over what one more time of it found."""
        self.count += 1
        self.take(subject)
        if work:
            self.begun += work.begun
            for number, count in work.errors.items():
                name = os.strerror(number)
                self.notes[name] = self.notes.get(name, 0) + count

    def take(self, subject):
        self.acknowledged += subject.record.acknowledged
        self.checked += subject.record.checked
        subject.record.acknowledged = subject.record.checked = 0
        self.losses += [f"{self.name} {self.count}: {loss}" for loss in subject.losses]
        subject.losses = []
