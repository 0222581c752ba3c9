"""Whom a message goes to, where, and whether it may: what is asked before anything is sent.

One statement answers for person, consent and purpose of one moment, since it is asked for every
single message.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

import orjson

from chassis.domain import NotFound
from chassis.storage.scope import Scope
from chassis.storage.statements import Statement
from chassis.storage.unit_of_work import Reading
from contacts.consents.domain import ConsentState
from contacts.consents.queries import consents_of
from contacts.contact_points.documents import emails_of, handles_of, phones_of
from contacts.contact_points.domain import EmailPoint, Handle, PhonePoint
from contacts.contact_points.reaching import ContactPoint, point_called, points_on, preferred
from contacts.merges.survivors import survivor_of
from contacts.people.queries import READ as READ_PEOPLE
from contacts.purposes.built_in import BUILT_IN
from contacts.purposes.domain import KnownPurpose
from contacts.purposes.storage import definition_of, purposes_by_key


@dataclass(frozen=True, slots=True)
class ConsentAnswer:
    """What was said about a purpose on a channel; no id while nothing was."""

    id: UUID | None
    purpose: KnownPurpose
    channel: str
    state: ConsentState


@dataclass(frozen=True, slots=True)
class Recipient:
    """`person` is as `get_person` gives one; no consent when no purpose was asked for."""

    person: dict[str, Any]
    point: ContactPoint | None
    consent: ConsentAnswer | None


@dataclass(frozen=True, slots=True)
class _Points:
    emails: tuple[EmailPoint, ...]
    phones: tuple[PhonePoint, ...]
    handles: tuple[Handle, ...]


def get_recipient(
    reading: Reading, person_id: UUID, channel: str, purpose: str, point_id: UUID | None
) -> Recipient:
    """Where a person is reached on a channel, and what they have said about a purpose.

    Whoever was merged is answered with who was left; their contact points keep their ids, too.
    Raises `NotFound` for nobody, for somebody out of reach of either permission, and for a
    purpose that there is not.
    """
    row = _row(reading, person_id, channel, purpose)
    known = points_on(_points(row), channel)
    if point_id is None:
        point = preferred(known)
    else:
        point = point_called(known, point_id, {row["id"], person_id})
    return Recipient(row, point, _consent(row, channel, purpose) if purpose else None)


def list_consents(reading: Reading, person_id: UUID) -> tuple[str, list[ConsentAnswer]]:
    """A person's language, and what they have said about promotional purposes in use.

    On the channels that they can be reached on, or that they have said something about.
    """
    row = _row(reading, person_id, "", "")
    points, answers = _points(row), []
    purposes = purposes_by_key(reading)
    for said in consents_of(reading, row["id"])["items"]:
        purpose, channel = purposes.get(said["purpose"]), said["channel"]
        if purpose is None or purpose.archived or not purpose.definition.promotional:
            continue
        if said["id"] is not None or points_on(points, channel):
            state = ConsentState(said["state"])
            answers.append(ConsentAnswer(said["id"], purpose, channel, state))
    return row["language"], answers


def _row(reading: Reading, person_id: UUID, channel: str, purpose: str) -> dict[str, Any]:
    about = {
        "tenant_id": reading.caller.tenant_id,
        "id": person_id,
        "purpose": purpose,
        "channel": channel,
    }
    row = reading.fetch_one(_RECIPIENT, about)
    if row is None and (survivor_id := survivor_of(reading, person_id)) is not None:
        row = reading.fetch_one(_RECIPIENT, {**about, "id": survivor_id})
    scopes = (reading.scope, Scope.under(reading.caller, READ_PEOPLE))
    if row is None or not all(scope.allows(row["owner_id"]) for scope in scopes):
        raise NotFound.of("person", person_id)
    row.update(orjson.loads(row.pop("details")))
    return row


def _points(row: dict[str, Any]) -> _Points:
    return _Points(emails_of(row), phones_of(row), handles_of(row))


def _consent(row: dict[str, Any], channel: str, key: str) -> ConsentAnswer:
    if row["purpose_key"] is not None:
        stored = {name: row[f"purpose_{name}"] for name in _OF_PURPOSE}
        purpose = KnownPurpose(definition_of(stored), row["purpose_archived_at"] is not None)
    elif key in BUILT_IN:
        purpose = KnownPurpose(BUILT_IN[key])
    else:
        raise NotFound.of("purpose", key)
    state = ConsentState(row["consent_state"] or ConsentState.NONE)
    return ConsentAnswer(row["consent_id"], purpose, channel, state)


_OF_PURPOSE = (
    "key",
    "name",
    "description",
    "kind",
    "channels",
    "double_opt_in",
    "legal_basis",
    "archived_at",
)
_RECIPIENT = Statement(
    # With OFFSET 0 only the index by person serves, whatever the planner believes of a table that
    # it has no statistics of yet: another one would lead through all who have said the same.
    f"""
    SELECT p.id, p.version, p.given_name, p.family_name, p.full_name, p.lifecycle_stage,
           p.owner_id, p.language, p.time_zone, p.archived_at, p.details::text AS details,
           c.id AS consent_id, c.state AS consent_state,
           {", ".join(f"u.{name} AS purpose_{name}" for name in _OF_PURPOSE)}
    FROM people p
    LEFT JOIN (
        SELECT id, state, purpose, channel FROM consents
        WHERE tenant_id = %(tenant_id)s AND person_id = %(id)s OFFSET 0
    ) c ON c.purpose = %(purpose)s AND c.channel = %(channel)s
    LEFT JOIN purposes u ON u.tenant_id = %(tenant_id)s AND u.key = %(purpose)s
    WHERE p.tenant_id = %(tenant_id)s AND p.id = %(id)s
    """  # noqa: S608 - our own names
)
