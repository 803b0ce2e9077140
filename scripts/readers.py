"""What other programs' readers see in a calendar, a card file, a mailbox or a table: the plug-ins of scripts/corpus.

A reader takes a document's bytes and gives back a Counter of what it sees, or raises if it can't read them. What it sees
of a file must be a part of what it sees of our export: line ends, folding, blank lines, charset and order may differ.
"""

import collections
import csv
import datetime
import functools
import io
import mailbox
import re
import tempfile
import warnings

from document_lines import LINE_END, decoded_lines, folded_text, guessed, plain, with_line_ends

warnings.filterwarnings("ignore")


def frames(content, frame, opener):
    """Objects by BEGIN and END, each with the lines of the frame that it stands in."""
    objects, stack, block = [], [], []
    outer = [([], [])]
    for line in decoded_lines(content):
        word = line.strip().upper()
        if frame and word == f"BEGIN:{frame}" and not stack:
            outer.append(([], []))
            objects.append(outer[-1])
        elif frame and word == f"END:{frame}" and not stack:
            if len(outer) > 1:
                outer.pop()
        elif word.startswith("BEGIN:"):
            stack.append(word[6:])
            block.append(word)
        elif word.startswith("END:") and stack:
            block.append(word)
            stack.pop()
            if not stack:
                (outer[-1][0] if "VTIMEZONE" in block[0] else outer[-1][1]).append(tuple(block))
                block = []
        elif frame and not stack and len(outer) == 1 and objects:
            # A line behind a calendar is that calendar's.
            objects[-1][0].append(line)
        elif not stack and word.startswith("END:") and opener:
            outer[-1][1].append((f"BEGIN:{opener}", *block, word))
            block = []
        else:
            (block if stack or opener else outer[-1][0]).append(line)
    if block:
        outer[-1][1].append((*block, *(f"END:{name}" for name in reversed(stack))))
    return objects + outer[:1]


def counts_once(item):
    """Whether a reader counts the item once however often a document has it: frames and zones."""
    return isinstance(item, tuple) and (item[0] in ("VCALENDAR", "VTIMEZONE") or len(item) == 2)


def framed_calendars(content):
    """Each component with its calendar's own lines and zones; calendars that say the same are one."""
    seen = collections.Counter()
    for lines, members in frames(content, "VCALENDAR", None):
        for member in members:
            seen[member] += 1
        for line in set(lines):
            # What a calendar says is said for each of its components.
            for member in members or [None]:
                if lines and members:
                    seen[(line, member)] += 1
                else:
                    seen[(line, None)] = 1
    return seen


def framed_cards(content):
    seen = collections.Counter()
    for lines, members in frames(content, None, "VCARD"):
        seen.update(members)
    return seen


class Seen(collections.Counter):
    """What a reader saw, and how many objects it could not read."""

    unread = 0


#: What each reader saw in each part: an export's calendars are mostly those of the files.
READ = {}


def read_apart(reader, parts, parse, look):
    """Lets a reader parse each part; `look` takes what it gives into a Seen."""
    seen, frames_seen = Seen(), {}
    for part in parts:
        found = READ.get((reader, part))
        if found is None:
            found = READ[reader, part] = read_part(part, parse, look)
        seen.unread += found.unread
        for item, count in found.items():
            if counts_once(item):
                frames_seen[item] = 1
            else:
                seen[item] += count
    seen.update(frames_seen)
    return seen


def read_part(part, parse, look):
    """What a reader sees in one part, or where it can't read it, in what of it it can."""
    seen = Seen()
    try:
        for component in list(parse(part)):
            look(component, seen)
        return seen
    except Exception:
        frame, members = objects_alone(part)
    seen.unread += not members
    waiting = [members] if members else []
    while waiting:
        members = waiting.pop()
        lines = [line for member in members for line in member]
        if frame is not None:
            lines = ["BEGIN:VCALENDAR", *frame, *lines, "END:VCALENDAR"]
        try:
            components = list(parse("\r\n".join([*lines, ""])))
        except Exception:
            middle = len(members) // 2
            if middle:
                waiting += [members[:middle], members[middle:]]
            else:
                seen.unread += 1
            continue
        for component in components:
            look(component, seen)
    return seen


def parsed_by_icalendar(text):
    import icalendar

    # Zones that it saw elsewhere must not answer for this calendar's.
    icalendar.timezone.tzp.use_default()
    return icalendar.Calendar.from_ical(text, multiple=True)


def wire(value):
    """A value as icalendar would write it."""
    try:
        return str(value.to_ical())
    except Exception:
        return str(value)


def by_icalendar(content):
    """Each component's properties as icalendar reads them, and each event's times in UTC.

    What is said of a whole calendar counts once however often it is there.
    """

    def signature(component):
        own = []
        for key, value in component.property_items(recursive=False, sorted=False):
            if key in ("BEGIN", "END"):
                continue
            parameters = sorted((k.upper(), str(v)) for k, v in getattr(value, "params", {}).items())
            own.append((key.upper(), str(parameters), wire(value)))
        inner = sorted((signature(part) for part in component.subcomponents), key=str)
        return str(component.name).upper(), tuple(sorted(own)), tuple(inner)

    def look(component, seen):
        add(signature(component), "VCALENDAR", seen)
        look_at_times(component, seen)

    return read_apart("icalendar", calendars_alone(content), parsed_by_icalendar, look)


def look_at_times(component, seen):
    for event in component.walk("VEVENT"):
        written = [wire(event.get(name)) for name in ("UID", "RECURRENCE-ID", "DTSTART", "DTEND", "DURATION")]
        seen[("UTC", *written, *(moment(event, name) for name in ("RECURRENCE-ID", "DTSTART", "DTEND")))] += 1


def times(content):
    """Each event with its times in UTC, as icalendar reads the whole document at one go. It takes no bare CR for a line's end."""
    return times_at_once(with_line_ends(plain(content), b"\r\n").decode())


@functools.cache
def times_at_once(text):
    seen = Seen()
    for component in parsed_by_icalendar(text):
        look_at_times(component, seen)
    return seen


def times_apart(content):
    """The same, calendar by calendar."""
    return read_apart("times", calendars_alone(content), parsed_by_icalendar, look_at_times)


def can_tell_times(content):
    """Whether icalendar sees events in the document at one go."""
    try:
        return bool(times(content))
    except Exception:
        return False


def moment(component, name):
    """A time in UTC; a floating time or a date as it is."""
    try:
        value = component.decoded(name)
        if isinstance(value, datetime.datetime) and value.tzinfo:
            return value.astimezone(datetime.timezone.utc).isoformat()
        return str(value)
    except Exception:
        return None


def add(signature, frame, seen):
    """Counts an object; what a frame says, and zones, count once."""
    waiting = [signature]
    while waiting:
        name, own, inner = waiting.pop()
        if name in (frame, ""):
            for line in own:
                seen[(frame, line)] = 1
            waiting += inner
        elif name == "VTIMEZONE":
            seen[(name, own, inner)] = 1
        else:
            seen[(name, own, inner)] += 1


def by_vobject(frame):
    def read(content):
        """Each object's lines as vobject reads them."""
        import vobject

        def signature(component):
            own = []
            for line in component.lines():
                parameters = sorted((k, str(v)) for k, v in line.params.items() if k not in ("CHARSET", "ENCODING"))
                own.append((line.group or "", line.name, str(parameters), unescaped(str(line.value))))
            inner = sorted((signature(part) for part in component.components()), key=str)
            return component.name, tuple(sorted(own)), tuple(inner)

        def parse(text):
            return vobject.readComponents(text, transform=False, allowQP=True)

        def look(component, seen):
            add(signature(component), frame, seen)

        return read_apart(f"vobject {frame}", (calendars_alone if frame else cards_alone)(content), parse, look)

    return read


def unescaped(value):
    """vobject resolves escapes in some places and not in others."""
    return re.sub(r"\\([nN,;\\])", lambda found: "\n" if found[1] in "nN" else found[1], value)


def blocks(lines, kind):
    """Each outermost BEGIN to END of a kind by itself, with what stands before it; what is left at the end is one too."""
    depth, found, current = 0, [], []
    for line in lines:
        word = line.strip().upper()
        depth += word == f"BEGIN:{kind}"
        current.append(line)
        if word == f"END:{kind}" and depth > 0:
            depth -= 1
            if depth == 0:
                found.append("\r\n".join(current) + "\r\n")
                current = []
    if any(line.strip() for line in current):
        found.append("\r\n".join(current) + "\r\n")
    return found


def cards_alone(content):
    """Each card by itself."""
    return blocks(folded_text(content), "VCARD")


def objects_alone(text):
    """A calendar's frame, None where there is none, and its components, each as lines."""
    is_framed = text.lstrip()[:15].upper() == "BEGIN:VCALENDAR"
    frame, found, block, stack = [], [], [], []
    for line in text.split("\r\n"):
        word = line.strip().upper()
        if is_framed and not stack and word in ("BEGIN:VCALENDAR", "END:VCALENDAR"):
            continue
        if word.startswith("BEGIN:"):
            stack.append(word)
        if not stack and line:
            frame.append(line)
        elif stack:
            block.append(line)
        if word.startswith("END:") and stack:
            stack.pop()
            if not stack:
                if is_framed and "VTIMEZONE" in block[0].upper():
                    frame += block
                else:
                    found.append(block)
                block = []
    return frame if is_framed else None, found


def calendars_alone(content):
    """Each VCALENDAR by itself: a zone is known in its own calendar only (RFC 5545 §3.6.5), and readers keep one list."""
    text = "\r\n".join(folded_text(content)) + "\r\n"
    return blocks(re.sub("(\r\n)+[ \t]", "", text).split("\r\n"), "VCALENDAR")


# Mailboxes and tables.


def mail_lines(content):
    """Each line without a From_ line's quoting and its line end; separators that were added are left out."""
    seen = collections.Counter()
    for line in LINE_END.split(plain(content)):
        line = re.sub(rb"^>*From ", b"From ", line)
        if line and not line.startswith(b"From MAILER-DAEMON "):
            seen[line] += 1
    return seen


#: Lines within messages of the corpus that only look like the beginning of one: in a text, and in an attached message.
UNQUOTED = {
    b"From Russia with love",
    b"From this principle, all of life and physics may be deduced.",
    b"From someone@imagecraft.com  Fri Jul 10 18:59:26 1998",
}


def by_mailbox(content):
    """Each message's header and body as Python's mailbox parts them; a document without a From line is one message.

    mailbox takes every line that begins with `From ` for the next message, whatever stands before and behind it; those
    that their writers forgot to quote are UNQUOTED, and shown to it quoted.
    """
    text = LINE_END.sub(b"\n", plain(content)).lstrip(b"\n")
    if not text.startswith(b"From "):
        return collections.Counter([message(text)])
    lines = [b">" + line if line in UNQUOTED else line for line in text.split(b"\n")]
    with tempfile.NamedTemporaryFile() as file:
        file.write(b"\n".join(lines))
        file.flush()
        box = mailbox.mbox(file.name, create=False)
        return collections.Counter(message(box.get_bytes(key)) for key in box.keys())


def message(text):
    """Header and body, without quoting and without the empty lines around them."""
    text = re.sub(rb"^>*From ", b"From ", text, flags=re.MULTILINE)
    header, _, body = text.partition(b"\n\n")
    return header.strip(b"\n"), body.strip(b"\n")


def table_rows(content):
    """Each row's fields, by Python's csv."""
    lines = LINE_END.split(plain(content))
    text = "\n".join(guessed(line, None, None) for line in lines)
    delimiter = max(",;\t", key=lambda mark: len(next(csv.reader(io.StringIO(text, newline=""), delimiter=mark), [])))
    csv.field_size_limit(1 << 30)
    rows = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    return collections.Counter(tuple(row) for row in rows if row)


class Kind:
    """A folder of the corpus: the cell its files go to, and who reads them."""

    def __init__(self, folder, area, file, readers, joins):
        self.folder, self.area, self.file, self.readers = folder, area, file, readers
        #: Whether documents may be put one behind the other.
        self.joins = joins


KINDS = [
    Kind("ics", "scheduler", "scheduler.ics",
         {"framing": framed_calendars, "icalendar": by_icalendar, "vobject": by_vobject("VCALENDAR")}, True),
    Kind("vcf", "addresses", "addresses.vcf", {"framing": framed_cards, "vobject": by_vobject(None)}, True),
    Kind("mail", "messages", "messages.mbox", {"lines": mail_lines, "mailbox": by_mailbox}, True),
    Kind("csv", "timesheet", "timesheet.csv", {"csv": table_rows}, False),
]


def kind_of(folder, content):
    """By content where a name misleads: an iCalendar file may be called .vcf."""
    is_calendar = folder == "vcf" and plain(content).lstrip()[:15].upper() == b"BEGIN:VCALENDAR"
    return next(kind for kind in KINDS if kind.folder == ("ics" if is_calendar else folder))
