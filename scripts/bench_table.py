"""What a benchmark measured, as a Markdown table of medians. Standard library only."""

import statistics
import subprocess
import time


class Table:
    """Samples of each measure and peer; the first peer that a measure has is ours."""

    def __init__(self):
        self.measures = {}

    def add(self, measure, unit, peer, value):
        entry = self.measures.setdefault(measure, {"unit": unit, "samples": {}})
        entry["samples"].setdefault(peer, []).append(value)

    def medians(self):
        return {
            measure: {peer: statistics.median(values) for peer, values in entry["samples"].items()}
            for measure, entry in self.measures.items()
        }

    def markdown(self, divides=True):
        """Each peer's median, and in brackets ours divided by it, unless the columns are no peers."""
        middles = self.medians()
        peers = list(dict.fromkeys(peer for middle in middles.values() for peer in middle))
        rows = [f"| measure | {' | '.join(peers)} |", "| --- |" + " ---: |" * len(peers)]
        for measure, middle in middles.items():
            ours = middle[peers[0]]
            cells = [f"{measure}, {self.measures[measure]['unit']}", number(ours)]
            for peer in peers[1:]:
                theirs = middle.get(peer)
                cells.append("" if theirs is None else number(theirs) + (f" ({ours / theirs:.2f} x)" if theirs and divides else ""))
            rows.append(f"| {' | '.join(cells)} |")
        return "\n".join(rows)


def number(value):
    return f"{value:.0f}" if value >= 100 else f"{value:.1f}" if value >= 1 else f"{value:.3f}"


def seconds(*command, cpu=None, **options):
    """How long a tool takes that has to succeed."""
    pin = [] if cpu is None else ["taskset", "-c", str(cpu)]
    start = time.perf_counter()
    subprocess.run([*pin, *map(str, command)], stdout=subprocess.DEVNULL, check=True, **options)
    return time.perf_counter() - start
