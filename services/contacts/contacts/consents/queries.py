"""Reads consents, straight to the response."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from chassis.domain import NotFound
from chassis.storage.listing import (
    Listing,
    ListSpec,
    choice_filter,
    text_filter,
    time_filter,
    uuid_filter,
)
from chassis.storage.statements import Statement
from chassis.storage.unit_of_work import Reading
from contacts.consents.domain import ConsentKey, ConsentState
from contacts.consents.storage import consent_sayings, consents
from contacts.contact_points.domain import Channel
from contacts.merges.survivors import survivor_of
from contacts.people.storage import people
from contacts.purposes.storage import purposes_by_key

READ = "contacts.consents.read"

_columns = consents.c
_HIDDEN = ("tenant_id", "round")
_shown = sa.select(*(column for column in _columns if column.name not in _HIDDEN))
_said = consent_sayings.c
_entries = sa.select(*(c for c in _said if c.name not in ("tenant_id", *ConsentKey._fields)))

CONSENTS = ListSpec(
    key=_columns.id,
    sorts={"updated_at": _columns.updated_at},
    default_sort="-updated_at",
    filters={
        "person_id": uuid_filter(_columns.person_id),
        "purpose": text_filter(_columns.purpose),
        "channel": choice_filter(_columns.channel, *Channel),
        "state": choice_filter(
            _columns.state, *(state for state in ConsentState if state is not ConsentState.NONE)
        ),
        "updated_at": time_filter(_columns.updated_at),
    },
)
HISTORY = ListSpec(
    key=_said.id,
    sorts={"recorded_at": _said.recorded_at},
    default_sort="-recorded_at",
)


def list_consents(reading: Reading, listing: Listing) -> dict[str, Any]:
    """A page of what people within reach have said."""
    tenant_id = reading.caller.tenant_id
    base = _shown.where(_columns.tenant_id == tenant_id)
    within = reading.scope.condition(people.c.owner_id)
    if within is not None:
        reachable = sa.select(people.c.id).where(people.c.tenant_id == tenant_id, within)
        base = base.where(_columns.person_id.in_(reachable))
    return listing.fetch(reading.connection, base)


def consents_of(reading: Reading, person_id: UUID) -> dict[str, Any]:
    """All that a person has said, and what they could say yet. Raises `NotFound`.

    Here as below, whoever was merged is answered with who was left.
    """
    return {"items": said_by(reading, _who_is_there(reading, person_id))}


def said_by(reading: Reading, person_id: UUID) -> list[dict[str, Any]]:
    """The same, for a caller who was found to reach this person."""
    about = {"tenant_id": reading.caller.tenant_id, "person_id": person_id}
    known = {
        ConsentKey(person_id, row["purpose"], Channel(row["channel"])): row
        for row in reading.fetch_all(_OF_PERSON, about)
    }
    unsaid = {key: _unsaid(key) for key in _open_keys(reading, person_id)}
    every = {**unsaid, **known}
    return [every[key] for key in sorted(every)]


def get_consent(reading: Reading, key: ConsentKey) -> dict[str, Any]:
    """What a person has said about a purpose on a channel. Raises `NotFound`."""
    key = key._replace(person_id=_who_is_there(reading, key.person_id))
    row = reading.fetch_one(_ONE, {"tenant_id": reading.caller.tenant_id, **key._asdict()})
    if row is None and not purposes_by_key(reading, [key.purpose]):
        raise NotFound.of("purpose", key.purpose)
    return _unsaid(key) if row is None else row


def list_history(reading: Reading, listing: Listing, key: ConsentKey) -> dict[str, Any]:
    """A page of all that was said about it, what was recorded last first. Raises `NotFound`."""
    consent = get_consent(reading, key)
    key = key._replace(person_id=consent["person_id"])
    base = _entries.where(
        _said.tenant_id == reading.caller.tenant_id,
        *(_said[name] == value for name, value in key._asdict().items()),
    )
    return listing.fetch(reading.connection, base)


def consent_id_of(reading: Reading, key: ConsentKey) -> UUID | None:
    """The consent's id, if anything was said."""
    row = reading.fetch_one(_ONE, {"tenant_id": reading.caller.tenant_id, **key._asdict()})
    return None if row is None else row["id"]


def _who_is_there(reading: Reading, person_id: UUID) -> UUID:
    """The person, or who answers for them. Raises `NotFound` for nobody, or one out of reach."""
    about = {"tenant_id": reading.caller.tenant_id, "id": person_id}
    owner = reading.fetch_one(_OWNER, about)
    if owner is None and (survivor_id := survivor_of(reading, person_id)) is not None:
        owner = reading.fetch_one(_OWNER, {**about, "id": survivor_id})
    if owner is None or not reading.scope.allows(owner["owner_id"]):
        raise NotFound.of("person", person_id)
    found: UUID = owner["id"]
    return found


def _open_keys(reading: Reading, person_id: UUID) -> Iterator[ConsentKey]:
    """What the person could be asked about."""
    for key, purpose in purposes_by_key(reading).items():
        if purpose.definition.promotional and not purpose.archived:
            for channel in purpose.definition.channels:
                yield ConsentKey(person_id, key, channel)


def _unsaid(key: ConsentKey) -> dict[str, Any]:
    """What is shown where nothing was said: that is no yes."""
    nothing: Mapping[str, Any] = dict.fromkeys(_NAMES)
    return {**nothing, **key._asdict(), "version": 0, "state": ConsentState.NONE}


_NAMES = [column.name for column in _shown.selected_columns]
_SHOWN = f"SELECT {', '.join(_NAMES)} FROM consents"  # noqa: S608 - our own names
_OF_PERSON = Statement(f"{_SHOWN} WHERE tenant_id = %(tenant_id)s AND person_id = %(person_id)s")
_ONE = Statement(
    # With OFFSET 0 only the index by person serves, whatever the planner believes.
    f"SELECT * FROM ({_OF_PERSON.sql} OFFSET 0) AS of_person"  # noqa: S608 - our own names
    " WHERE purpose = %(purpose)s AND channel = %(channel)s"
)
_OWNER = Statement(
    "SELECT id, owner_id FROM people WHERE tenant_id = %(tenant_id)s AND id = %(id)s"
)
