"""Which words sales keeps without knowing whose they are: held-back submissions, leads, and texts of requests."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from chassis.storage.statements import Statement
from chassis.storage.unit_of_work import Reading
from sales.people.words import Found, Words, may_name

MOST_ROWS = 200
"""How many records are read at once."""
_FIRST = UUID(int=0)
Row = Mapping[str, Any]


def submissions_page(reading: Reading, before: datetime, after: UUID = _FIRST) -> Sequence[Row]:
    """Submissions that wait and came before, from one on."""
    return _page(reading, _SUBMISSIONS, before, after)


def leads_page(reading: Reading, before: datetime, after: UUID = _FIRST) -> Sequence[Row]:
    """Leads that are no person of contacts, the same way."""
    return _page(reading, _LEADS, before, after)


def requests_page(reading: Reading, before: datetime, after: UUID = _FIRST) -> Sequence[Row]:
    """Requests for approval, the same way."""
    return _page(reading, _REQUESTS, before, after)


def in_submissions(rows: Iterable[Row]) -> Iterator[Found]:
    """What visitors have said of themselves: every form asks for an address or a number."""
    for row in rows:
        yield Found(row["id"], _said(row["answers"]))


def in_leads(rows: Iterable[Row]) -> Iterator[Found]:
    """Who leads are."""
    for row in rows:
        yield Found(row["id"], _said(row))


def in_requests(rows: Iterable[Row]) -> Iterator[Found]:
    """What was asked for, answered, and said on the way; `place` is where."""
    for row in rows:
        texts = {"subject": row["subject"]}
        texts |= {f"answers/{key}": one for key, one in row["answers"].items()}
        texts |= {f"history/{n}": one["comment"] for n, one in enumerate(row["history"])}
        yield from _texts(row["id"], texts)


Page = Callable[[Reading, datetime, UUID], Sequence[Row]]


def _said(given: Row) -> Words:
    names = ("given_name", "family_name", "email", "phone", "country")
    return Words(**{name: str(given.get(name) or "")[:500] for name in names})


def _texts(record_id: UUID, texts: Mapping[str, object]) -> Iterator[Found]:
    for place, text in texts.items():
        if isinstance(text, str) and may_name(text):
            yield Found(record_id, Words(text=text), place)


def _page(reading: Reading, statement: Statement, before: datetime, after: UUID) -> Sequence[Row]:
    about = {"tenant_id": reading.caller.tenant_id, "before": before, "after": after}
    return reading.fetch_all(statement, {**about, "most": MOST_ROWS})


_SUBMISSIONS = Statement(
    "SELECT id, answers FROM form_submissions WHERE tenant_id = %(tenant_id)s"
    " AND state = 'quarantined' AND received_at <= %(before)s AND id > %(after)s"
    " ORDER BY id LIMIT %(most)s"
)
_LEADS = Statement(
    "SELECT id, given_name, family_name, email, phone, country FROM leads"
    " WHERE tenant_id = %(tenant_id)s AND person_id IS NULL AND erased_at IS NULL"
    " AND (email <> '' OR phone <> '') AND captured_at <= %(before)s AND id > %(after)s"
    " ORDER BY id LIMIT %(most)s"
)
_REQUESTS = Statement(
    "SELECT id, subject, answers, history FROM approval_requests"
    " WHERE tenant_id = %(tenant_id)s AND created_at <= %(before)s AND id > %(after)s"
    " ORDER BY id LIMIT %(most)s"
)
