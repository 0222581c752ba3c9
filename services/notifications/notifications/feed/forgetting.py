"""Takes out of the feed what names somebody who is erased: the facts stay, without what is personal."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import orjson

from chassis.personal import personal_names
from chassis.storage.statements import Statement
from chassis.storage.unit_of_work import UnitOfWork
from notifications.feed.erased import note_erased
from notifications.feed.storage import take_positions


def forget_in_feed(tx: UnitOfWork, person_id: UUID) -> list[UUID]:
    """Empty the personal fields of all facts that mention a person; gives the ids of these facts.

    What receivers of webhooks answered to them goes as well: an answer may repeat what it was told.
    Readers have had what they have had; a fact that is delivered from now on has these fields no
    more. One pass over the tenant's thirty days: an erasure is rare. Facts that are stored meanwhile
    are looked at in a second, short one, to which all others wait; those that come later find that
    the person was erased.
    """
    note_erased(tx, person_id)
    about = {"tenant_id": tx.tenant_id, "id": person_id, "text": f"%{person_id}%"}
    reached = tx.fetch_one(_REACHED, about)
    found = _blank(tx, {**about, "after": 0})
    take_positions(tx, 0)
    found |= _blank(tx, {**about, "after": 0 if reached is None else reached["position"]})
    tx.write(_ANSWERS, {**about, "positions": list(found)})
    return list(found.values())


def _blank(tx: UnitOfWork, about: dict[str, Any]) -> dict[int, UUID]:
    """Empty the facts behind a position that mention the person; gives their ids by position."""
    found = tx.fetch_all(_MENTIONS, about)
    for row in found:
        left = _without(personal_names(row["type"]), orjson.loads(row["data"]))
        if left is not None:
            tx.write(_BLANK, {**about, "position": row["position"], "data": left})
    return {row["position"]: row["id"] for row in found}


def _without(names: frozenset[str], data: dict[str, Any]) -> str | None:
    """The content with these fields as if they had no value; None when they have none."""
    if not any(data.get(name) for name in names):
        return None
    empty: dict[type, Any] = {str: "", list: [], dict: {}}
    left = {
        name: empty.get(type(value)) if name in names else value for name, value in data.items()
    }
    return orjson.dumps(left).decode()


_REACHED = Statement("SELECT position FROM fact_positions WHERE tenant_id = %(tenant_id)s")
_MENTIONS = Statement(
    "SELECT id, position, type, data::text AS data FROM feed_facts"
    " WHERE tenant_id = %(tenant_id)s AND position > %(after)s AND (aggregate_id = %(id)s OR data::text LIKE %(text)s)"
)
_BLANK = Statement(
    "UPDATE feed_facts SET data = %(data)s WHERE tenant_id = %(tenant_id)s"
    " AND position = %(position)s"
)
_ANSWERS = Statement(
    "UPDATE webhook_attempts SET body = '', headers = '{}' FROM webhook_deliveries d"
    " WHERE webhook_attempts.tenant_id = %(tenant_id)s AND d.tenant_id = %(tenant_id)s"
    " AND d.position = ANY(%(positions)s) AND webhook_attempts.endpoint_id = d.endpoint_id"
    " AND webhook_attempts.delivery_id = d.id"
)
