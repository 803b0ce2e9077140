"""The lines of documents that other programs wrote: line ends, charsets, folding and quoted-printable undone."""

import codecs
import quopri
import re

LINE_END = re.compile(rb"\r\r\n|\r\n|\n|\r")


def unicode_form(content):
    """The encoding that a byte order mark, or zero bytes, tell; else None."""
    for mark, charset in (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"), (b"\xef\xbb\xbf", "utf-8-sig"):
        if content.startswith(mark):
            return charset
    return None


def plain(content):
    """The bytes in UTF-8 where they say that they are another Unicode form."""
    form = unicode_form(content)
    return content.decode(form).encode() if form else content


def with_line_ends(content, end):
    """The same document with every line ended by `end`."""
    form = unicode_form(content)
    if form != "utf-16":
        return LINE_END.sub(lambda _: end, content)
    return codecs.BOM_UTF16_LE + LINE_END.sub(lambda _: end, plain(content)).decode().encode("utf-16-le")


# Content lines: calendars and cards.


def charset_of(head):
    found = re.search(rb';\s*CHARSET\s*=\s*"?([^;:"]*)', head, re.IGNORECASE)
    if not found:
        return None
    label = found.group(1).strip().decode("ascii", "replace").lower()
    if label in ("us-ascii", "ascii"):
        return None
    # As the WHATWG Encoding Standard has it.
    label = {"iso-8859-1": "cp1252", "shift_jis": "cp932", "ks_c_5601-1987": "cp949"}.get(label, label)
    try:
        return codecs.lookup(label).name
    except LookupError:
        return None


def guessed(line, charset, elsewhere):
    for candidate in [charset, "utf-8", elsewhere]:
        if candidate:
            try:
                return line.decode(candidate)
            except UnicodeDecodeError:
                pass
    return "".join(bytes([byte]).decode("cp1252") if byte not in b"\x81\x8d\x8f\x90\x9d" else chr(byte) for byte in line)


def logical_lines(content):
    """Unfolded lines as bytes; quoted-printable lines joined, base64 without blanks too."""
    lines, open_value = [], None
    for line in LINE_END.split(content):
        if not line.strip():
            if open_value == "base64":
                open_value = None
            continue
        head = lines[-1].split(b":")[0].upper() if lines else b""
        is_quoted = b"QUOTED-PRINTABLE" in head
        if lines and is_quoted and lines[-1].endswith(b"=") and not re.match(rb"(?i)END:[A-Z-]+\s*$", line):
            lines[-1] = lines[-1][:-1] + line
        elif lines and line[:1] in b" \t":
            lines[-1] += line[1:]
        elif lines and b":" not in line and re.search(rb"BASE64|ENCODING=B(;|$)", head):
            lines[-1] += line
        else:
            lines.append(line)
    return lines


def charsets_elsewhere(lines):
    """For each line, the first charset other than UTF-8 that its card names."""
    found, cards, card = {}, [], 0
    for index, line in enumerate(lines):
        if re.match(rb"(?i)BEGIN:VCARD\s*$", line):
            card = index
        cards.append(card)
        charset = charset_of(line.split(b":")[0])
        if charset and charset != "utf-8":
            found.setdefault(card, charset)
    return [found.get(card) for card in cards]


def decoded_lines(content):
    """Each property as (name and parameters, text): charsets and quoted-printable resolved, as far as they are declared."""
    is_unicode = unicode_form(content) is not None
    lines = logical_lines(plain(content))
    found = []
    for line, elsewhere in zip(lines, charsets_elsewhere(lines)):
        head, colon, value = line.partition(b":")
        named = charset_of(head)
        if b"QUOTED-PRINTABLE" in head.upper() and value.isascii():
            text = guessed(quopri.decodestring(value), named, None)
        elif b"QUOTED-PRINTABLE" in head.upper():
            text = guessed(quopri.decodestring(value), named if not is_unicode else None, elsewhere)
        else:
            whole = guessed(line, None if is_unicode else named, elsewhere)
            head, colon, text = whole.encode().partition(b":")
            text = text.decode()
        head = re.sub(rb';CHARSET="?[^;:"]*"?', b"", guessed(head, None, None).encode(), flags=re.IGNORECASE)
        found.append(head.decode() + (":" if colon else "") + text)
    return found


def folded_text(content):
    """Physical lines as text, for a reader that takes text only."""
    is_unicode = unicode_form(content) is not None
    lines = LINE_END.split(plain(content))
    named, out = None, []
    for line, elsewhere in zip(lines, charsets_elsewhere(lines)):
        if line[:1] not in (b" ", b"\t"):
            named = None if is_unicode or b"QUOTED-PRINTABLE" in line.upper() else charset_of(line.split(b":")[0])
        out.append(guessed(line, named, elsewhere))
    return out
