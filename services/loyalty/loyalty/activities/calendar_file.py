"""An activity as an iCalendar file (RFC 5545), to be put into any calendar.

Times are in UTC, so that no table of time zones has to go along. A later version of the same activity
replaces the earlier one: it has the same UID and a greater SEQUENCE.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

from chassis.http.words import said_in
from loyalty.activities.domain import Activity, ActivityStatus

MEDIA_TYPE = "text/calendar"
_LINE = 75
"""No line has more octets than this, without its end (section 3.1)."""
_ESCAPED = str.maketrans({"\\": "\\\\", ";": "\\;", ",": "\\,", "\n": "\\n"})
_STATUS = {
    ActivityStatus.DRAFT: "TENTATIVE",
    ActivityStatus.PUBLISHED: "CONFIRMED",
    ActivityStatus.ENDED: "CONFIRMED",
    ActivityStatus.CANCELLED: "CANCELLED",
}


def calendar_file(activity: Activity, language: str) -> bytes:
    """The file, with texts in a language that the activity has, the asked one if possible."""
    return b"".join(_folded(line) for line in _lines(activity, language))


def _lines(activity: Activity, language: str) -> Iterator[str]:
    terms = activity.terms
    cancelled = activity.status is ActivityStatus.CANCELLED
    yield "BEGIN:VCALENDAR"
    yield "VERSION:2.0"
    yield "PRODID:-//Rapport//loyalty//EN"
    yield f"METHOD:{'CANCEL' if cancelled else 'PUBLISH'}"
    yield "BEGIN:VEVENT"
    yield f"UID:{activity.id}"
    yield f"SEQUENCE:{activity.version}"
    yield f"DTSTAMP:{_moment(activity.updated_at)}"
    yield f"DTSTART:{_moment(terms.starts_at)}"
    yield f"DTEND:{_moment(terms.ends_at)}"
    yield f"STATUS:{_STATUS[activity.status]}"
    yield f"SUMMARY:{text(said_in(language, terms.title))}"
    if terms.description:
        yield f"DESCRIPTION:{text(said_in(language, terms.description))}"
    if terms.place:
        yield f"LOCATION:{text(terms.place)}"
    if terms.link:
        yield f"URL:{terms.link}"
    yield "END:VEVENT"
    yield "END:VCALENDAR"


def text(words: str) -> str:
    """A value of type TEXT (section 3.3.11): no control characters but line breaks, and these escaped."""
    plain = words.replace("\r\n", "\n").replace("\r", "\n")
    kept = "".join(one for one in plain if one in "\n\t" or (ord(one) >= 32 and ord(one) != 127))
    return kept.translate(_ESCAPED)


def _folded(line: str) -> bytes:
    """The line with its end, in pieces of at most 75 octets; no character is cut in two."""
    pieces: list[bytes] = []
    piece = b""
    for one in line:
        octets = one.encode()
        room = _LINE if not pieces else _LINE - 1  # for the space that a piece begins with
        if len(piece) + len(octets) > room:
            pieces.append(piece)
            piece = b""
        piece += octets
    return b"\r\n ".join([*pieces, piece]) + b"\r\n"


def _moment(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")
