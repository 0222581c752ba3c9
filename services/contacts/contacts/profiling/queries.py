"""Reads questions, what people were asked, and which question is next, straight to the response."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from chassis.domain import Invalid, NotFound
from chassis.storage.listing import (
    FilterField,
    Listing,
    ListSpec,
    archived_filter,
    choice_filter,
    read_text,
    text_filter,
    time_filter,
    uuid_filter,
)
from chassis.storage.statements import Statement
from chassis.storage.unit_of_work import Reading
from contacts.custom_fields.domain import RecordKind
from contacts.custom_fields.known_fields import find_fields
from contacts.people.queries import get_person
from contacts.profiling.choosing import Ask, Choice, Question, Silence, choose
from contacts.profiling.domain import AskOutcome, custom_field_of
from contacts.profiling.storage import definition_of, profile_questions, question_asks
from contacts.purposes.storage import purposes_by_key

MOST_ASKS = 2_000
"""How many of the last times that a person was asked are looked at."""

_columns, _asks = profile_questions.c, question_asks.c
_shown_ask = sa.select(*(column for column in _asks if column.name != "tenant_id"))

QUESTIONS = ListSpec(
    key=_columns.id,
    sorts={
        "position": _columns.position,
        "key": _columns.key,
        "created_at": _columns.created_at,
    },
    default_sort="position",
    filters={
        "key": text_filter(_columns.key),
        "asks_for": text_filter(_columns.asks_for),
        "purpose": FilterField(
            read_text,
            lambda _operator, key: sa.literal(key) == sa.any_(_columns.purposes),
            ("eq",),
            {"type": "string"},
        ),
        "archived": archived_filter(_columns.archived_at),
    },
)
ASKS = ListSpec(
    key=_asks.id,
    sorts={"asked_at": _asks.asked_at},
    default_sort="-asked_at",
    filters={
        "question_id": uuid_filter(_asks.question_id),
        "purpose": text_filter(_asks.purpose),
        "outcome": choice_filter(_asks.outcome, *AskOutcome),
        "asked_at": time_filter(_asks.asked_at),
    },
)


def get_question(reading: Reading, question_id: UUID) -> dict[str, Any]:
    """The question as the API shows one. Raises `NotFound`."""
    statement = sa.select(profile_questions).where(
        _columns.tenant_id == reading.caller.tenant_id, _columns.id == question_id
    )
    row = reading.connection.execute(statement).first()
    if row is None:
        raise NotFound.of("profile question", question_id)
    return _present(row._mapping)


def list_questions(reading: Reading, listing: Listing) -> dict[str, Any]:
    """A page of questions."""
    base = sa.select(profile_questions).where(_columns.tenant_id == reading.caller.tenant_id)
    if "archived" not in listing.given:
        base = base.where(_columns.archived_at.is_(None))
    rows = reading.connection.execute(listing.apply(base)).all()
    page = listing.page(rows, lambda row: _present(row._mapping))
    if listing.count:
        page["total_count"] = reading.connection.execute(listing.counted(base)).scalar_one()
    return page


def get_ask(reading: Reading, person_id: UUID, ask_id: UUID) -> dict[str, Any]:
    """One time that a person was asked. Raises `NotFound` for either."""
    row = reading.connection.execute(_asks_of(reading, person_id).where(_asks.id == ask_id)).first()
    if row is None:
        raise NotFound.of("asked question", ask_id)
    return dict(row._mapping)


def list_asks(reading: Reading, listing: Listing, person_id: UUID) -> dict[str, Any]:
    """A page of what a person was asked. Raises `NotFound` for the person."""
    base = _asks_of(reading, person_id)
    rows = reading.connection.execute(listing.apply(base)).all()
    page = listing.page(rows, lambda row: dict(row._mapping))
    if listing.count:
        page["total_count"] = reading.connection.execute(listing.counted(base)).scalar_one()
    return page


def next_question(
    reading: Reading, person_id: UUID, purpose: str, pause: timedelta
) -> tuple[UUID, Choice]:
    """Who the person is by now, and what is worth asking them for a purpose.

    Raises `NotFound` for the person, `Invalid` for a purpose that there is not.
    """
    person = get_person(reading, person_id)
    known = purposes_by_key(reading, [purpose]).get(purpose)
    if known is None:
        raise Invalid.at("purpose", "purpose_unknown", f"There is no purpose {purpose!r}.")
    if known.archived:
        return person["id"], Choice(None, Silence.PURPOSE_ARCHIVED, None, ())
    about = {"tenant_id": reading.caller.tenant_id, "purpose": purpose}
    questions = [
        Question(row["id"], definition_of(row)) for row in reading.fetch_all(_IN_USE, about)
    ]
    asks = reading.fetch_all(_ASKED, {**about, "person_id": person["id"], "most": MOST_ASKS})
    return person["id"], choose(
        questions,
        person,
        [Ask(row["question_id"], AskOutcome(row["outcome"]), row["asked_at"]) for row in asks],
        _fields_in_use(reading, questions),
        pause=pause,
        now=reading.clock.now(),
    )


def _fields_in_use(reading: Reading, questions: list[Question]) -> frozenset[str]:
    wanted = [custom_field_of(question.definition.asks_for) for question in questions]
    keys = [key for key in wanted if key is not None]
    found = find_fields(reading, RecordKind.PERSON, keys) if keys else {}
    return frozenset(key for key, known in found.items() if not known.archived)


def _asks_of(reading: Reading, person_id: UUID) -> sa.Select[Any]:
    """What a person was asked; of somebody who was merged, who was left. Raises `NotFound`."""
    who = get_person(reading, person_id)["id"]
    return _shown_ask.where(_asks.tenant_id == reading.caller.tenant_id, _asks.person_id == who)


def _present(row: Mapping[Any, Any]) -> dict[str, Any]:
    return {column.name: row[column] for column in _columns if column.name != "tenant_id"}


_IN_USE = Statement(
    "SELECT * FROM profile_questions WHERE tenant_id = %(tenant_id)s AND archived_at IS NULL"
    " AND %(purpose)s = ANY(purposes) ORDER BY position, key"
)
_ASKED = Statement(
    "SELECT question_id, outcome, asked_at FROM question_asks"
    " WHERE tenant_id = %(tenant_id)s AND person_id = %(person_id)s"
    " ORDER BY asked_at DESC, id DESC LIMIT %(most)s"
)
