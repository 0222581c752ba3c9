"""Reads messages, straight to the response (NO-7)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
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
from chassis.storage.unit_of_work import Reading, UnitOfWork
from notifications.messages.bodies import body_of
from notifications.messages.domain import State
from notifications.messages.reach import actors
from notifications.messages.storage import messages

_columns = messages.c
_HIDDEN = ("tenant_id", "address", "fingerprint", "variables", "content")
_shown = sa.select(
    *(column for column in _columns if column.name not in _HIDDEN),
    sa.and_(_columns.address.is_not(None), _columns.person_id.is_(None)).label("to_address"),
)

MESSAGES = ListSpec(
    key=_columns.id,
    sorts={"created_at": _columns.created_at},
    default_sort="-created_at",
    filters={
        "person_id": uuid_filter(_columns.person_id),
        "user_id": uuid_filter(_columns.user_id),
        "template": text_filter(_columns.template),
        "state": choice_filter(_columns.state, *State),
        "reason": text_filter(_columns.reason),
        "channel": text_filter(_columns.channel),
        "purpose": text_filter(_columns.purpose),
        "cause": text_filter(_columns.cause),
        "request_id": text_filter(_columns.request_id),
        "provider_id": uuid_filter(_columns.provider_id),
        "resend_of": uuid_filter(_columns.resend_of),
        "created_at": time_filter(_columns.created_at),
        "sent_at": time_filter(_columns.sent_at),
    },
)


def list_messages(reading: Reading, listing: Listing) -> dict[str, Any]:
    """A page of the log."""
    base = _within_reach(reading)
    rows = reading.connection.execute(listing.apply(base)).all()
    page = listing.page(rows, lambda row: _present(row._mapping))
    if listing.count:
        page["total_count"] = reading.connection.execute(listing.counted(base)).scalar_one()
    return page


def get_message(reading: Reading | UnitOfWork, message_id: UUID) -> dict[str, Any]:
    """A message with its attempts, and its words as long as they are kept. Raises `NotFound`."""
    statement = _within_reach(reading).where(_columns.id == message_id)
    row = reading.connection.execute(statement).first()
    if row is None:
        raise NotFound.of("message", message_id)
    about = {"tenant_id": reading.caller.tenant_id, "message_id": message_id}
    body = body_of(reading, message_id)
    content = None
    if body is not None:
        content = asdict(body[0])
    return {
        **_present(row._mapping),
        "content": content,
        "attempt_log": reading.fetch_all(_ATTEMPTS, about),
    }


def _within_reach(reading: Reading | UnitOfWork) -> sa.Select[Any]:
    base = _shown.where(_columns.tenant_id == reading.caller.tenant_id)
    owners = reading.scope.owners
    if owners is None:
        return base
    return base.where(
        sa.or_(_columns.created_by.in_(actors(reading.scope)), _columns.user_id.in_(owners))
    )


def _present(row: Mapping[Any, Any]) -> dict[str, Any]:
    return dict(row)


_ATTEMPTS = Statement(
    "SELECT number, provider_id, provider_kind, phase, outcome, detail, started_at, finished_at"
    " FROM message_attempts WHERE tenant_id = %(tenant_id)s AND message_id = %(message_id)s"
    " ORDER BY number"
)
