"""Where and whether somebody can be written to: asked at the time of need, remembered for a day."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Protocol
from uuid import UUID

import orjson

from chassis.context import Caller
from chassis.sealing import CannotUnseal, Sealer
from chassis.storage.statements import Statement
from chassis.storage.unit_of_work import Reading, UnitOfWork

REMEMBERED = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class Addressee:
    """Somebody as far as a message needs to know them.

    `address` is empty when there is none on the channel. `usable` is false for one that bounced or
    is invalid. `consented` answers for the purpose that was asked about.
    """

    person_id: UUID | None
    address: str
    contact_point_id: str = ""
    usable: bool = True
    name: str = ""
    given_name: str = ""
    family_name: str = ""
    language: str = ""
    time_zone: str = ""
    consented: bool = False
    promotional: bool = False
    purpose_archived: bool = False


@dataclass(frozen=True, slots=True)
class PersonConsent:
    """What a person has said about a purpose on a channel; `names` are the purpose's by language."""

    purpose: str
    names: Mapping[str, str]
    channel: str
    granted: bool


class Recipients(Protocol):
    """Whoever knows people and users: contacts and identity."""

    def person(
        self, caller: Caller, person_id: UUID, channel: str, purpose: str, contact_point_id: str
    ) -> Addressee:
        """A person, asked of contacts. Raises `Unavailable`, `NotFound` for nobody or no purpose."""
        ...

    def user(self, caller: Caller, user_id: UUID, channel: str) -> Addressee:
        """A user, asked of identity. Raises `Unavailable`, `NotFound`."""
        ...

    def consents(self, caller: Caller, person_id: UUID) -> tuple[list[PersonConsent], str]:
        """What a person has said about every purpose, and the person's language."""
        ...

    def record_consent(
        self, caller: Caller, person_id: UUID, consent: PersonConsent, source: str, proof: str
    ) -> None:
        """Note what a person said. Raises `Unavailable`, `NotFound`."""
        ...


def remember(
    tx: UnitOfWork, sealer: Sealer, addressee: Addressee, channel: str, wanted_point: str
) -> None:
    """Keep what contacts said for a day, sealed, for when contacts does not answer."""
    if addressee.person_id is None or not addressee.address:
        return
    plain = orjson.dumps({**asdict(addressee), "consented": False})
    context = _context(tx.tenant_id, addressee.person_id)
    about = {
        "tenant_id": tx.tenant_id,
        "person_id": addressee.person_id,
        "channel": channel,
        "contact_point_id": wanted_point,
        "sealed": sealer.seal(plain, context),
        "now": tx.clock.now(),
    }
    tx.write(_REMEMBER, about)


def remembered(
    reading: Reading | UnitOfWork, sealer: Sealer, person_id: UUID, channel: str, wanted_point: str
) -> Addressee | None:
    """What contacts said less than a day ago; without any consent, which may be gone by now."""
    tenant_id = reading.caller.tenant_id
    if tenant_id is None:
        return None
    about = {
        "tenant_id": tenant_id,
        "person_id": person_id,
        "channel": channel,
        "contact_point_id": wanted_point,
        "since": reading.clock.now() - REMEMBERED,
    }
    row = reading.fetch_one(_REMEMBERED, about)
    if row is None:
        return None
    try:
        plain = orjson.loads(sealer.open(bytes(row["sealed"]), _context(tenant_id, person_id)))
    except CannotUnseal:
        return None
    return Addressee(**{**plain, "person_id": person_id})


def forget(tx: UnitOfWork, person_id: UUID) -> None:
    """Keep nothing of a person: something has changed, or they are gone."""
    tx.write(_FORGET, {"tenant_id": tx.tenant_id, "person_id": person_id})


def oldest_kept(now: datetime) -> datetime:
    """What was known before is not kept any longer."""
    return now - REMEMBERED


def _context(tenant_id: UUID, person_id: UUID) -> str:
    return f"recipient:{tenant_id}:{person_id}"


_REMEMBER = Statement(
    """
    INSERT INTO known_recipients
        (tenant_id, person_id, channel, contact_point_id, sealed, known_at)
    VALUES (%(tenant_id)s, %(person_id)s, %(channel)s, %(contact_point_id)s, %(sealed)s, %(now)s)
    ON CONFLICT (tenant_id, person_id, channel, contact_point_id)
    DO UPDATE SET sealed = excluded.sealed, known_at = excluded.known_at
    """
)
_REMEMBERED = Statement(
    "SELECT sealed FROM known_recipients WHERE tenant_id = %(tenant_id)s"
    " AND person_id = %(person_id)s AND channel = %(channel)s"
    " AND contact_point_id = %(contact_point_id)s AND known_at > %(since)s"
)
_FORGET = Statement(
    "DELETE FROM known_recipients WHERE tenant_id = %(tenant_id)s AND person_id = %(person_id)s"
)
