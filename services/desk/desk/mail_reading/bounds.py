"""Refuses mail that would take a parser minutes: what is counted here costs no more than reading once.

The standard library's parser compares each line with the boundary of every part that it is in, and
takes quadratic time over the parameters of a header. So the lines times the boundaries are bounded, and
how long the headers are that have parameters.
"""

from __future__ import annotations

import re

MOST_PARTS = 1_000
MOST_HEADER_BYTES = 256 * 1024
_MOST_HEADERS = 1_000
_MOST_LINES = 500_000
_MOST_COMPARISONS = 2_500_000
_LONGEST_PARAMETERS = 4_000
_BOUNDARY = re.compile(rb"boundary\s*+[=*]", re.IGNORECASE)
_WITH_PARAMETERS = re.compile(
    rb"(?:^|[\r\n])content-(?:type|disposition)[ \t]*+:"
    rb"([^\r\n]*+(?:(?:\r\n|\r|\n)[ \t][^\r\n]*+)*+)",
    re.IGNORECASE,
)


def too_much(raw: bytes) -> str:
    """Why a mail is not to be parsed; empty for one that is."""
    head = re.search(rb"\r?\n\r?\n", raw[: MOST_HEADER_BYTES + 4])
    if head is None and len(raw) > MOST_HEADER_BYTES:
        return "headers_too_long"
    if raw[: head.start() if head else None].count(b"\n") > _MOST_HEADERS:
        return "headers_too_many"
    if any(len(one[1]) > _LONGEST_PARAMETERS for one in _WITH_PARAMETERS.finditer(raw)):
        return "headers_too_long"
    if raw.count(b"\n--") > 2 * MOST_PARTS:
        return "parts_too_many"
    lines = raw.count(b"\n") + raw.count(b"\r")
    if lines * sum(1 for _ in _BOUNDARY.finditer(raw)) > _MOST_COMPARISONS:
        return "parts_too_deep"
    return "lines_too_many" if lines > 2 * _MOST_LINES else ""
