"""Text of mail, from bytes in whatever they are said to be in, or really are."""

from __future__ import annotations

import re
from email.errors import HeaderParseError
from email.header import decode_header

# What is said is often a smaller cousin of what is meant.
_MEANT = {
    "ascii": "utf-8",
    "us-ascii": "utf-8",
    "ansi_x3.4-1968": "utf-8",
    "unknown-8bit": "utf-8",
    "8bit": "utf-8",
    "utf8": "utf-8",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "x-gbk": "gb18030",
    "hz-gb-2312": "hz",
    "big5": "cp950",
    "x-big5": "cp950",
    "big-5": "cp950",
    "shift_jis": "cp932",
    "shift-jis": "cp932",
    "x-sjis": "cp932",
    "iso-2022-jp": "iso2022_jp_ext",
    "ks_c_5601-1987": "cp949",
    "euc-kr": "cp949",
    "iso-8859-1": "cp1252",
    "latin1": "cp1252",
    "iso-8859-8-i": "iso-8859-8",
    "tis-620": "cp874",
    "macintosh": "mac_roman",
}
_KNOWN = re.compile(
    r"utf-(7|8|16|16le|16be|32)|iso-8859-\d{1,2}|windows-125\d|cp\d{3,4}|koi8-[ru]|gb18030|hz"
    r"|big5|big5hkscs|big5-hkscs|euc-(jp|kr)|iso-?2022[_-](jp|kr)[a-z0-9_-]*|mac_roman"
)
"""Codecs that take time in proportion to the text; Python knows others that do not."""
_LONGEST_ENCODED = 4_000
"""So much of a header is read: what is longer is cut afterwards anyway."""
_GUESSES = ("utf-8", "cp950", "gb18030")
_WESTERN = ("cp1252",)
_NO_TEXT = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")


def decoded(raw: bytes, charset: str = "") -> str:
    """The text, as it is said to be written, else as it can be read."""
    said = _codec(charset)
    # Nearly everything can be read as a Western charset, and little that is no UTF-8 as UTF-8.
    first = ["utf-8", said] if said in ("", *_WESTERN) else [said]
    for codec in dict.fromkeys([*first, *_GUESSES]):
        if codec:
            try:
                return clean(raw.decode(codec))
            except (UnicodeDecodeError, LookupError):
                continue
    return clean(raw.decode("utf-8", "replace"))


def header_text(value: str) -> str:
    """A header's value on one line, encoded words read (RFC 2047)."""
    value = " ".join(_as_text(value[:_LONGEST_ENCODED]).split())
    try:
        pieces = decode_header(value)
    except (HeaderParseError, ValueError, IndexError):
        return clean(value)
    read = [
        decoded(piece, charset or "") if isinstance(piece, bytes) else clean(piece)
        for piece, charset in pieces
    ]
    return " ".join("".join(read).split())


def clean(text: str) -> str:
    """The text with nothing in it that cannot be kept, and plain ends of lines."""
    text = text.encode("utf-8", "replace").decode("utf-8", "replace")
    return _NO_TEXT.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))


def _codec(charset: str) -> str:
    name = charset.strip().strip("\"'").lower()[:40]
    name = _MEANT.get(name, name)
    return name if _KNOWN.fullmatch(name) or name in ("iso2022_jp_ext", "utf-8") else ""


def _as_text(value: str) -> str:
    """Bytes that stand in a header as they are: senders that know no encoded words."""
    try:
        value.encode("ascii")
    except UnicodeEncodeError:
        return decoded(value.encode("utf-8", "surrogateescape"))
    return value
