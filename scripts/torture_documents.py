"""Numbered users: what is written under a number, and which number was read. Standard library only.

Two areas of a user always get the same number, so that a half-done import shows; each document is compared to the byte.
"""

import base64
import hashlib
import random

import office

POOL = base64.encodebytes(random.Random(1).randbytes(400_000))
FOLDER = b"Sat Jan  3 10:00:00 2026"


class Torn(Exception):
    """Bytes that nobody wrote."""


def mail(user, number, part, size):
    """One message; those without a number are the same bytes for everybody."""
    start = (number * 7919 + part * 104_729) % (len(POOL) - size)
    start += -start % 77
    head = (
        f"From sender@example.org {FOLDER.decode()}\nFrom: Sender <sender@example.org>\n"
        f"Subject: Number {number} of {user}\nMessage-ID: <{part}.{number}.{user}@example.org>\n\n")
    return head.encode() + POOL[start:start + size - size % 77] + b"\n"


def documents(user, number):
    """messages.mbox and whereabouts.json, as officefs gives them back."""
    if number == 0:
        return b"", b""
    size = (300, 1_500, 9_000, 60_000)[number % 7 % 4]
    mails = [mail("everybody", 0, 0, 2_000), mail(user, number, 1, size), mail(user, number, 2, 100)]
    return b"".join(mails), f'{{\n"status":"in",\n"note":"{number}"\n}}\n'.encode()


def archive(user, number):
    """The bytes of the archive that gives a user this number."""
    messages, whereabouts = documents(user, number)
    return office.archive(user, messages=messages, whereabouts=whereabouts)


def entries(data):
    """The files in a tar, by name; checked against its SHA256SUMS."""
    found, offset = {}, 0
    while offset + 512 <= len(data) and data[offset]:
        head = data[offset:offset + 512]
        name, size = head[:100].rstrip(b"\0").decode(), int(head[124:136].rstrip(b"\0 "), 8)
        if head[156:157] in (b"0", b"\0"):
            found[name] = data[offset + 512:offset + 512 + size]
        offset += 512 + (size + 511) // 512 * 512
    sums = found.pop("SHA256SUMS", None)
    if sums is None:
        raise Torn(f"an archive of {len(data)} bytes without SHA256SUMS")
    lines = dict(reversed(line.split("  ", 1)) for line in sums.decode().splitlines())
    for name, content in found.items():
        if lines.get(name) != hashlib.sha256(content).hexdigest():
            raise Torn(f"{name} does not match SHA256SUMS")
    return found


def cells(user, found):
    """The numbers of a user's messages and whereabouts, from the files of an archive."""
    messages = found.get(f"{user}/messages.mbox", b"")
    whereabouts = found.get(f"{user}/whereabouts.json", b"")
    numbers = []
    try:
        numbers.append(int(messages.split(b"Subject: Number ", 2)[2].split(b" ", 1)[0]) if messages else 0)
        numbers.append(int(whereabouts.split(b'"note":"', 1)[1].split(b'"', 1)[0]) if whereabouts else 0)
    except (IndexError, ValueError):
        raise Torn(f"{user}: neither messages nor whereabouts that anybody wrote") from None
    if messages != documents(user, numbers[0])[0]:
        raise Torn(f"{user}: messages of number {numbers[0]} are not what was written")
    if whereabouts != documents(user, numbers[1])[1]:
        raise Torn(f"{user}: whereabouts of number {numbers[1]} are not what was written")
    return tuple(numbers)


def read(user, data):
    """What a user's archive holds: the numbers of both areas. Throws Torn."""
    return cells(user, entries(data))
