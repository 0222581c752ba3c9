"""An activity as an iCalendar file that any program can read (RFC 5545)."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from loyalty.activities.calendar_file import calendar_file
from loyalty.activities.domain import Activity, ActivityStatus, ActivityTerms, Venue
from loyalty.codes.domain import SHORT

NOW = datetime(2031, 2, 1, 10, tzinfo=UTC)
TERMS = ActivityTerms(
    title={"en": "Tasting"},
    kind="tasting",
    venue=Venue.IN_PERSON,
    starts_at=NOW,
    ends_at=NOW.replace(hour=12),
    time_zone="Asia/Taipei",
    description={},
)


def activity(terms: ActivityTerms = TERMS) -> Activity:
    """An activity that members see."""
    return Activity(
        id=UUID(int=1),
        program_id=UUID(int=2),
        terms=terms,
        status=ActivityStatus.PUBLISHED,
        secret="a secret of the tests",
        created_at=NOW,
        updated_at=NOW,
    )


def unfolded(written: bytes) -> dict[str, str]:
    """The properties as a reader has them: unfolded, and texts without escapes."""
    text = written.replace(b"\r\n ", b"").decode()
    properties = dict(line.split(":", 1) for line in text.split("\r\n") if line)
    return {name: read(value) for name, value in properties.items()}


def read(value: str) -> str:
    """A text without its escapes."""
    plain, escaped = [], False
    for one in value:
        if escaped:
            plain.append("\n" if one in "nN" else one)
        elif one != "\\":
            plain.append(one)
        escaped = one == "\\" and not escaped
    return "".join(plain)


@given(st.text(st.characters(exclude_categories=("Cs", "Cc")), max_size=300), st.text(max_size=99))
def test_any_text_can_be_read_back_and_no_line_is_too_long(title: str, place: str) -> None:
    written = calendar_file(activity(replace(TERMS, title={"en": title}, place=place)), "en")
    assert all(len(line) <= 75 for line in written.split(b"\r\n"))
    assert b"\n" not in written.replace(b"\r\n", b"")
    assert unfolded(written)["SUMMARY"] == title


def test_line_breaks_stay_and_nothing_slips_in() -> None:
    hostile = "A\r\nEND:VEVENT\nATTENDEE:mailto:a@customers.example"
    properties = unfolded(calendar_file(activity(replace(TERMS, place=hostile)), "en"))
    assert properties["LOCATION"] == hostile.replace("\r\n", "\n")
    assert "ATTENDEE" not in properties


@given(st.datetimes(datetime(2020, 1, 1), datetime(2090, 1, 1), timezones=st.just(UTC)))  # noqa: DTZ001
def test_a_shown_code_is_taken_for_a_while_and_no_other(now: datetime) -> None:
    there, elsewhere = activity(), replace(activity(), id=UUID(int=3))
    code = there.code_at(now)
    assert SHORT.fits(code)
    assert there.accepts(SHORT.written(code), now)
    assert there.accepts(code, now.fromtimestamp(now.timestamp() + 60, tz=UTC))
    assert not there.accepts(code, now.fromtimestamp(now.timestamp() + 120, tz=UTC))
    assert not elsewhere.accepts(code, now)
