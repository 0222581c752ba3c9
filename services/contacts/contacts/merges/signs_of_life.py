"""How signs of life follow people through merges: from the interactions that are theirs now."""

from __future__ import annotations

from collections.abc import Collection
from uuid import UUID

from chassis.storage.statements import Statement
from contacts.interaction_kinds.storage import kinds_by_key
from contacts.transaction import ContactsTx


def see_again(tx: ContactsTx, person_ids: Collection[UUID]) -> None:
    """Have people seen when the interactions say so that are theirs; call it when all is stored."""
    about = {"tenant_id": tx.tenant_id, "ids": list(person_ids)}
    kinds = kinds_by_key(tx, {row["kind"] for row in tx.fetch_all(_KINDS, about)})
    signs = sorted(key for key, kind in kinds.items() if kind.definition.sign_of_life)
    tx.write(_FORGET, about)
    tx.write(_SEE, {**about, "kinds": signs})
    tx.write(_LAST_SEEN, about)


_KINDS = Statement(
    "SELECT DISTINCT kind FROM interactions"
    " WHERE tenant_id = %(tenant_id)s AND person_id = ANY(%(ids)s)"
)
_FORGET = Statement(
    "DELETE FROM signs_of_life WHERE tenant_id = %(tenant_id)s AND person_id = ANY(%(ids)s)"
)
_SEE = Statement(
    """
    INSERT INTO signs_of_life (tenant_id, person_id, channel, seen_at, kind, interaction_id)
    SELECT DISTINCT ON (person_id, channel)
        tenant_id, person_id, channel, occurred_at, kind, id
    FROM interactions
    WHERE tenant_id = %(tenant_id)s AND person_id = ANY(%(ids)s) AND kind = ANY(%(kinds)s)
    ORDER BY person_id, channel, occurred_at DESC, id DESC
    """
)
_LAST_SEEN = Statement(
    """
    UPDATE people SET last_seen_at = (
        SELECT max(s.seen_at) FROM signs_of_life s
        WHERE s.tenant_id = people.tenant_id AND s.person_id = people.id
    )
    WHERE tenant_id = %(tenant_id)s AND id = ANY(%(ids)s)
    """
)
