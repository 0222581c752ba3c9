"""Finds out how a text file is encoded: by its byte order mark, by being valid UTF-8, or by which reading makes sense.

Big5 and GB18030 accept almost any pair of high bytes, so being decodable says little. What tells them apart is
frequency: both standards put the characters of daily use in a first level, and real text consists of those. Windows
1252 is text of single high bytes between ASCII letters, which is rare in the others.
"""

import codecs
from typing import NamedTuple

from contacts.imports.formats.rows import UnreadableFile

SAMPLE = 256 * 1024
ENCODINGS = ("utf-8", "utf-16-le", "utf-16-be", "cp950", "gb18030", "cp1252")
_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_OTHER_FILES = (
    (b"PK\x03\x04", "an XLSX or another ZIP file"),
    (b"\xd0\xcf\x11\xe0", "an old Excel (.xls) or an encrypted file"),
    (b"%PDF", "a PDF"),
    (b"\x89PNG", "a picture"),
    (b"\xff\xd8\xff", "a picture"),
    (b"\x1f\x8b", "a compressed file"),
)
_MOST_NULS = 0.2
_UNUSED_IN_1252 = frozenset({0x81, 0x8D, 0x8F, 0x90, 0x9D})


class Detected(NamedTuple):
    """An encoding by Python's name, and how many bytes of mark precede the text."""

    encoding: str
    mark: int


def detect_encoding(sample: bytes) -> Detected:
    """The encoding of a text file from its first bytes; raises `UnreadableFile` for what is no text."""
    for mark, encoding in _MARKS:
        if sample.startswith(mark):
            return Detected(encoding, len(mark))
    for magic, what in _OTHER_FILES:
        if sample.startswith(magic):
            raise UnreadableFile("not_text", f"this is not a text file but {what}", byte_offset=0)
    if sample.count(0) > len(sample) * _MOST_NULS:
        return Detected(_utf_16_without_mark(sample), 0)
    if _decodes(sample, "utf-8"):
        return Detected("utf-8", 0)
    scores = {encoding: _sense(sample, encoding) for encoding in ("cp950", "gb18030", "cp1252")}
    best = max(scores, key=lambda encoding: scores[encoding])
    if scores[best] <= 0:
        message = (
            "the file is in none of the encodings UTF-8, UTF-16, Big5, GB18030 and Windows-1252"
        )
        place = _first_wrong_byte(sample)
        row = sample.count(b"\n", 0, place) + 1
        raise UnreadableFile("encoding_unknown", message, row=row, byte_offset=place)
    return Detected(best, 0)


def _first_wrong_byte(sample: bytes) -> int:
    """Where the bytes stop being UTF-8, which most files that are nothing else were meant to be."""
    try:
        sample.decode()
    except UnicodeDecodeError as error:
        return error.start
    return len(sample)


def _utf_16_without_mark(sample: bytes) -> str:
    even, odd = sample[0::2].count(0), sample[1::2].count(0)
    encoding = "utf-16-le" if odd > even else "utf-16-be"
    if not _decodes(sample, encoding) or min(even, odd) > max(even, odd) / 4:
        raise UnreadableFile("not_text", "this is not a text file: it is full of zero bytes")
    return encoding


def _decodes(sample: bytes, encoding: str) -> bool:
    try:
        codecs.getincrementaldecoder(encoding)("strict").decode(sample, final=False)
    except UnicodeDecodeError:
        return False
    return True


def _sense(sample: bytes, encoding: str) -> float:
    """How much sense the bytes make in an encoding, from 0 (none) to 1 (all high bytes are everyday text)."""
    if not _decodes(sample, encoding):
        return 0.0
    return _sense_in_1252(sample) if encoding == "cp1252" else _sense_in_pairs(sample, encoding)


def _sense_in_pairs(sample: bytes, encoding: str) -> float:
    """The share of two-byte characters from the level of daily use (with full-width punctuation)."""
    pairs = common = place = 0
    while place < len(sample) - 1:
        lead, trail = sample[place], sample[place + 1]
        if lead < 0x81:
            place += 1
            continue
        pairs += 1
        if encoding == "cp950":
            common += 0xA4 <= lead <= 0xC6 or (0xA1 <= lead <= 0xA3)
        else:
            common += trail >= 0xA1 and (0xB0 <= lead <= 0xD7 or lead in {0xA1, 0xA3})
        place += 2
    return common / pairs if pairs else 0.0


def _sense_in_1252(sample: bytes) -> float:
    """The share of high bytes that are Western letters or signs standing alone among ASCII."""
    high = alone = 0
    for place, byte in enumerate(sample):
        if byte < 0x80:
            continue
        high += 1
        if byte in _UNUSED_IN_1252:
            return 0.0
        before = sample[place - 1] if place else 0x20
        after = sample[place + 1] if place + 1 < len(sample) else 0x20
        alone += before < 0x80 and after < 0x80
    # Slightly less than a perfect reading in pairs, for a pair of letters is rarer than a Chinese character.
    return 0.95 * alone / high if high else 0.0
