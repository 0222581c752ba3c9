"""The lines of vCard (RFC 6350, and RFC 2426 for version 3): unfolding, parameters, escapes, both ways."""

import quopri
import re
from collections.abc import Iterator
from typing import NamedTuple

from contacts.imports.formats.lines import ByteStream, Lines

MAX_CARD = 4 * 1024 * 1024
MAX_PROPERTIES = 2_000
_FOLD = 75
_NAME = re.compile(r"(?:([A-Za-z0-9-]+)\.)?([A-Za-z0-9-]+)")
_PARAMETER = re.compile(r';([A-Za-z0-9-]+)(?:=("[^"]*"|[^";:,]*)((?:,(?:"[^"]*"|[^";:,]*))*))?')
_CHARSETS = re.compile(
    r"utf-?8|utf-16(le|be)?|us-ascii|iso-8859-\d{1,2}|windows-125\d|cp\d{3,4}|koi8-[ru]|gb2312|gbk"
    r"|gb18030|big5(-?hkscs)?|euc-(jp|kr|tw)|shift[_-]jis|iso-2022-(jp|kr)",
    re.IGNORECASE,
)
"""What text is in; Python knows codecs besides that raise, take long, or give what is no text."""
_ESCAPE = re.compile(r"\\(.)", re.DOTALL)
_CARET = {"^n": "\n", "^'": '"', "^^": "^"}


class Property(NamedTuple):
    """One property: its name in capitals, the group it belongs to, its parameters in capitals, the raw value."""

    name: str
    value: str
    parameters: dict[str, tuple[str, ...]]
    group: str = ""

    @property
    def types(self) -> frozenset[str]:
        """What it is for, in small letters: `work`, `home`, `cell`, `pref`."""
        return frozenset(value.lower() for value in self.parameters.get("TYPE", ()))

    @property
    def text(self) -> str:
        """The value as one text."""
        return unescaped(self.value)

    @property
    def parts(self) -> list[str]:
        """The parts of a structured value (a name, an address), each as one text."""
        return [unescaped(part) for part in split_unescaped(self.value, ";")]

    @property
    def items(self) -> list[str]:
        """The items of a list (categories)."""
        return [unescaped(item).strip() for item in split_unescaped(self.value, ",")]


class CardLines(NamedTuple):
    """The unfolded lines between BEGIN and END, the number of the first, and whether the card was cut off."""

    first_line: int
    lines: list[str]
    is_complete: bool
    is_too_long: bool


def cards_of(stream: ByteStream, encoding: str, mark: int) -> Iterator[CardLines]:
    """The cards of a stream, one after another; what stands between cards is passed over."""
    card: CardLines | None = None
    size = 0
    for number, raw in enumerate(Lines(stream, encoding, mark), 1):
        line = raw.rstrip("\r\n")
        marker = line.strip().upper() if len(line) < 20 else ""
        if marker == "BEGIN:VCARD":
            if card is not None:
                yield card
            card, size = CardLines(number, [], is_complete=False, is_too_long=False), 0
        elif marker == "END:VCARD":
            if card is not None:
                yield card._replace(is_complete=True)
            card = None
        elif card is not None and line:
            size += len(line)
            if size > MAX_CARD or len(card.lines) > MAX_PROPERTIES:
                card = card._replace(is_too_long=True)
            else:
                _add(card.lines, line)
    if card is not None:
        yield card


def _add(lines: list[str], line: str) -> None:
    """A line that begins with a blank goes on with the one before, and so does quoted-printable after a `=`."""
    if lines and line[0] in " \t":
        lines[-1] += line[1:]
    elif (
        lines
        and lines[-1].endswith("=")
        and "QUOTED-PRINTABLE" in lines[-1].partition(":")[0].upper()
    ):
        lines[-1] = lines[-1][:-1] + line
    else:
        lines.append(line)


def parse_line(line: str) -> Property | None:
    """The property in an unfolded line, or None where there is none."""
    name = _NAME.match(line)
    if name is None:
        return None
    place = name.end()
    parameters: dict[str, tuple[str, ...]] = {}
    while (found := _PARAMETER.match(line, place)) is not None:
        key, first, more = found.group(1).upper(), found.group(2), found.group(3)
        # Version 2.1 writes just the value: TEL;WORK:...
        values = [key] if first is None else [first, *more.split(",")[1:]]
        key = "TYPE" if first is None else key
        plain = tuple(_parameter_value(v) for value in values for v in _listed(key, value))
        parameters[key] = parameters.get(key, ()) + plain
        place = found.end()
    if line[place : place + 1] != ":":
        return None
    value = line[place + 1 :]
    if "QUOTED-PRINTABLE" in {
        v.upper() for v in (*parameters.get("ENCODING", ()), *parameters.get("TYPE", ()))
    }:
        decoded = _from_quoted_printable(value, parameters)
        if decoded is None:
            return None
        value = decoded
    return Property(name.group(2).upper(), value, parameters, name.group(1) or "")


def _listed(key: str, value: str) -> list[str]:
    """`TYPE="work,voice"` is two values in version 4."""
    return value.strip('"').split(",") if key == "TYPE" else [value.strip('"')]


def _parameter_value(value: str) -> str:
    return re.sub(r"\^[n'^]", lambda match: _CARET[match.group()], value)


def _from_quoted_printable(value: str, parameters: dict[str, tuple[str, ...]]) -> str | None:
    """The value as text; None where it says that it is in something that is no encoding of text."""
    charset = next(iter(parameters.get("CHARSET", ())), "utf-8")
    if not _CHARSETS.fullmatch(charset):
        return None
    try:
        return quopri.decodestring(value.encode("latin-1", "replace")).decode(charset, "replace")
    except LookupError:
        return None


def unescaped(value: str) -> str:
    r"""The value without escapes: `\n` is a line break, `\,` a comma."""
    if "\\" not in value:
        return value
    return _ESCAPE.sub(lambda match: "\n" if match.group(1) in "nN" else match.group(1), value)


def escaped(value: str) -> str:
    """The value as a part of a property may hold it."""
    plain = value.replace("\\", "\\\\").replace(";", "\\;").replace(",", "\\,")
    return plain.replace("\r\n", "\n").replace("\r", "\n").replace("\n", "\\n")


def split_unescaped(value: str, separator: str) -> list[str]:
    """The pieces between separators that no backslash precedes."""
    if "\\" not in value:
        return value.split(separator)
    pieces, start, place = [], 0, 0
    while place < len(value):
        if value[place] == "\\":
            place += 1
        elif value[place] == separator:
            pieces.append(value[start:place])
            start = place + 1
        place += 1
    return [*pieces, value[start:]]


def folded(line: str) -> bytes:
    """A line in UTF-8 as it is written: at most 75 bytes, the rest on lines that begin with a blank."""
    data = line.encode("utf-8", "replace")
    if len(data) <= _FOLD:
        return data + b"\r\n"
    pieces, limit = [], _FOLD
    while len(data) > limit:
        cut = limit
        while data[cut] & 0xC0 == 0x80:
            cut -= 1
        pieces.append(data[:cut])
        data, limit = data[cut:], _FOLD - 1
    return b"\r\n ".join([*pieces, data]) + b"\r\n"
