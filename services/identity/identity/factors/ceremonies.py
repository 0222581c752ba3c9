"""What is under way: a sign-in after the password, a factor to be, a proof. Each ends once."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

import sqlalchemy as sa

from chassis.storage.unit_of_work import Reading
from identity.factors.domain import CEREMONY_LASTS, CeremonyOver, Purpose
from identity.factors.passkeys import new_challenge
from identity.factors.storage import ceremonies

if TYPE_CHECKING:
    from identity.transaction import IdentityTx

_OVER = "This took too long, or was finished already. Begin anew."
_columns = ceremonies.c


@dataclass(frozen=True, slots=True)
class Ceremony:
    """One thing under way. `challenge` is what a passkey has to sign, `sealed` an app's secret to be."""

    id: UUID
    user_id: UUID
    purpose: Purpose
    challenge: bytes = field(repr=False)
    sealed: bytes | None = field(repr=False)
    expires_at: datetime


def begin_ceremony(
    tx: IdentityTx, user_id: UUID, purpose: Purpose, sealed: bytes | None = None
) -> Ceremony:
    """Begin something for a user."""
    now = tx.clock.now()
    made = Ceremony(tx.ids.new(), user_id, purpose, new_challenge(), sealed, now + CEREMONY_LASTS)
    tx.connection.execute(
        sa.insert(ceremonies).values(
            tenant_id=tx.tenant_id,
            id=made.id,
            user_id=user_id,
            purpose=purpose.value,
            challenge=made.challenge,
            sealed=sealed,
            created_at=now,
            expires_at=made.expires_at,
        )
    )
    return made


def open_ceremony(
    at: IdentityTx | Reading, ceremony_id: UUID | None, user_id: UUID, *purposes: Purpose
) -> Ceremony | None:
    """What is under way, to look at; None when it is over, somebody else's, or something else."""
    row = at.connection.execute(_select(at, ceremony_id, user_id, purposes)).first()
    return None if row is None else _ceremony(row)


def finish_ceremony(
    tx: IdentityTx, ceremony_id: UUID | None, user_id: UUID, *purposes: Purpose
) -> Ceremony:
    """End it, for good with the commit. Raises `CeremonyOver`; of two at once one waits, and finds it so."""
    statement = _select(tx, ceremony_id, user_id, purposes).with_for_update()
    row = tx.connection.execute(statement).first()
    if row is None:
        raise CeremonyOver(_OVER)
    tx.connection.execute(
        sa.update(ceremonies)
        .where(_columns.tenant_id == tx.tenant_id, _columns.id == row.id)
        .values(used_at=tx.clock.now())
    )
    return _ceremony(row)


def ask_anew(tx: IdentityTx, ceremony_id: UUID, user_id: UUID) -> Ceremony | None:
    """Replace the challenge: an answer to the one before is worth nothing. None when it is over."""
    row = tx.connection.execute(
        sa.update(ceremonies)
        .where(*_open(tx, ceremony_id, user_id))
        .values(challenge=new_challenge())
        .returning(ceremonies)
    ).first()
    return None if row is None else _ceremony(row)


def _select(
    at: IdentityTx | Reading,
    ceremony_id: UUID | None,
    user_id: UUID,
    purposes: tuple[Purpose, ...],
) -> sa.Select[tuple[object, ...]]:
    wanted = [purpose.value for purpose in purposes]
    return sa.select(ceremonies).where(
        *_open(at, ceremony_id, user_id), _columns.purpose.in_(wanted)
    )


def _open(
    at: IdentityTx | Reading, ceremony_id: UUID | None, user_id: UUID
) -> tuple[sa.ColumnElement[bool], ...]:
    return (
        _columns.tenant_id == at.caller.tenant_id,
        _columns.id == ceremony_id,
        _columns.user_id == user_id,
        _columns.used_at.is_(None),
        _columns.expires_at > at.clock.now(),
    )


def _ceremony(row: sa.Row[tuple[object, ...]]) -> Ceremony:
    values = row._mapping
    sealed = values["sealed"]
    return Ceremony(
        values["id"],
        values["user_id"],
        Purpose(values["purpose"]),
        bytes(values["challenge"]),
        None if sealed is None else bytes(sealed),
        values["expires_at"],
    )
