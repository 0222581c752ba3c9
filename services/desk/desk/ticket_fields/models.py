"""Fields of tickets as the REST face shows them."""

from __future__ import annotations

from typing import Any

from desk.ticket_fields.domain import TicketField


def shown(one: TicketField) -> dict[str, Any]:
    """A field as the API shows one."""
    own = ("id", "version", "key", "kind", "created_at", "updated_at", "archived_at")
    return {
        **{name: getattr(one, name) for name in own},
        "label": dict(one.definition.label),
        "required": one.definition.required,
        "choices": [{"key": x.key, "label": dict(x.label)} for x in one.definition.choices],
    }
