"""When people were last seen: what interactions that are signs of life amount to.

A projection of `InteractionRecorded`: for each person and channel the latest sign, and on the
person the latest of all. The later time wins, so facts may come in any order and more than once.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from chassis.domain import NotFound
from chassis.storage.statements import Statement
from chassis.storage.unit_of_work import Reading, UnitOfWork
from contacts.merges.survivors import survivor_of


@dataclass(frozen=True, slots=True)
class SignOfLife:
    """A person could be reached by this channel at this time."""

    person_id: UUID
    channel: str
    seen_at: datetime
    kind: str
    interaction_id: UUID


def note_sign_of_life(tx: UnitOfWork, sign: SignOfLife) -> None:
    """Remember when the person was seen, unless they were seen later; nothing if they are gone.

    For somebody who was merged since, it is the one who was left who was seen.
    """
    about = {
        "tenant_id": tx.tenant_id,
        "person_id": sign.person_id,
        "channel": sign.channel,
        "seen_at": sign.seen_at,
        "kind": sign.kind,
        "interaction_id": sign.interaction_id,
    }
    tx.write(_NOTE, about)


def signs_of_life(reading: Reading, person_id: UUID) -> dict[str, Any]:
    """When the person was last seen, by channel, latest first; for one who was merged, who was left.

    Raises `NotFound`.
    """
    person_id = survivor_of(reading, person_id) or person_id
    about = {"tenant_id": reading.caller.tenant_id, "person_id": person_id}
    owner = reading.fetch_one(_OWNER, about)
    if owner is None or not reading.scope.allows(owner["owner_id"]):
        raise NotFound.of("person", person_id)
    return {"items": reading.fetch_all(_SIGNS, about)}


# The row of the person is taken first, so that two who note signs of one person take turns.
_NOTE = Statement(
    """
    WITH person AS (
        SELECT id FROM people
        WHERE tenant_id = %(tenant_id)s AND id = coalesce((
            SELECT person_id FROM merges
            WHERE tenant_id = %(tenant_id)s AND merged_id = %(person_id)s AND undone_at IS NULL
        ), %(person_id)s)
        FOR NO KEY UPDATE
    ), seen AS (
        UPDATE people SET last_seen_at = %(seen_at)s
        FROM person
        WHERE people.tenant_id = %(tenant_id)s AND people.id = person.id
          AND (people.last_seen_at IS NULL OR people.last_seen_at < %(seen_at)s)
    )
    INSERT INTO signs_of_life (tenant_id, person_id, channel, seen_at, kind, interaction_id)
    SELECT %(tenant_id)s, id, %(channel)s, %(seen_at)s, %(kind)s, %(interaction_id)s FROM person
    ON CONFLICT (tenant_id, person_id, channel) DO UPDATE
    SET seen_at = excluded.seen_at, kind = excluded.kind, interaction_id = excluded.interaction_id
    WHERE (signs_of_life.seen_at, signs_of_life.interaction_id)
        < (excluded.seen_at, excluded.interaction_id)
    """
)
_OWNER = Statement(
    "SELECT owner_id FROM people WHERE tenant_id = %(tenant_id)s AND id = %(person_id)s"
)
_SIGNS = Statement(
    "SELECT channel, seen_at, kind, interaction_id FROM signs_of_life"
    " WHERE tenant_id = %(tenant_id)s AND person_id = %(person_id)s ORDER BY seen_at DESC, channel"
)
