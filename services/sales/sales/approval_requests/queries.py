"""Reads requests for approval, straight to the response."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB

from chassis.domain import NotFound
from chassis.http.money import amount_out
from chassis.money import rounded
from chassis.storage.listing import (
    Listing,
    ListSpec,
    choice_filter,
    text_filter,
    time_filter,
    uuid_filter,
)
from chassis.storage.unit_of_work import Reading
from sales.absences.storage import absences
from sales.approval_requests.domain import ApprovalStatus, Decider
from sales.approval_requests.models import shown
from sales.approval_requests.storage import approval_requests, request_of
from sales.colleagues.availability import Standing

_columns = approval_requests.c
_all = sa.select(approval_requests)
_LISTED = (
    "id",
    "version",
    "approval_type_id",
    "type_key",
    "status",
    "subject",
    "requester_id",
    "opportunity_id",
    "amount",
    "awaited_role_id",
    "awaited_user_id",
    "deputy_id",
    "created_at",
    "updated_at",
)
_listed = sa.select(*(_columns[name] for name in (*_LISTED, "currency")))
_colleagues = sa.table(
    "colleagues", sa.column("tenant_id"), sa.column("user_id"), sa.column("status")
)

APPROVAL_REQUESTS = ListSpec(
    key=_columns.id,
    sorts={"created_at": _columns.created_at},
    default_sort="-created_at",
    filters={
        "status": choice_filter(_columns.status, *ApprovalStatus),
        "type_key": text_filter(_columns.type_key),
        "approval_type_id": uuid_filter(_columns.approval_type_id),
        "requester_id": uuid_filter(_columns.requester_id),
        "opportunity_id": uuid_filter(_columns.opportunity_id),
        "created_at": time_filter(_columns.created_at),
    },
)
AWAITING = ListSpec(
    key=_columns.id,
    sorts={"updated_at": _columns.updated_at},
    default_sort="updated_at",
    filters={"type_key": text_filter(_columns.type_key)},
)


def list_requests(reading: Reading, listing: Listing) -> dict[str, Any]:
    """A page of requests, of those within reach."""
    base = _listed.where(_columns.tenant_id == reading.caller.tenant_id)
    base = reading.scope.narrow(base, _columns.requester_id)
    return listing.fetch(reading.connection, base, lambda row: _listed_of(row._mapping))


def list_awaiting(reading: Reading, listing: Listing) -> dict[str, Any]:
    """A page of the requests that the caller can decide on today, whoever asks for them."""
    base = _listed.where(_columns.tenant_id == reading.caller.tenant_id, _can_decide(reading))
    return listing.fetch(reading.connection, base, lambda row: _listed_of(row._mapping))


def get_request(reading: Reading, request_id: UUID) -> dict[str, Any]:
    """The request, for whom it is within reach, and for those who approve it. Raises `NotFound`."""
    caller = reading.caller
    statement = _all.where(_columns.tenant_id == caller.tenant_id, _columns.id == request_id)
    row = reading.connection.execute(statement).mappings().first()
    request = None if row is None else request_of(row)
    if request is None or not (
        reading.scope.allows(request.requester_id)
        or request.awaits(Decider(caller.user_id, caller.role_ids or ()))
    ):
        raise NotFound.of("approval request", request_id)
    return shown(request)


def _can_decide(reading: Reading) -> sa.ColumnElement[bool]:
    """Whether the open step is for the caller, who neither asks nor has taken another one.

    Steps are for users: an app decides on nothing, and would be taken for those without an approver.
    """
    caller = reading.caller
    if caller.user_id is None:
        return sa.false()
    taken = sa.literal([{"approved_by": str(caller.user_id)}], JSONB)
    return sa.and_(
        _columns.requester_id != caller.user_id,
        sa.not_(sa.cast(_columns.steps, JSONB).contains(taken)),
        sa.or_(
            _columns.awaited_user_id == caller.user_id,
            _columns.awaited_role_id.in_(caller.role_ids or ()),
            sa.and_(_columns.deputy_id == caller.user_id, _is_away(reading)),
        ),
    )


def _is_away(reading: Reading) -> sa.ColumnElement[bool]:
    """Whether the awaited user is away today, or may not sign in; days are those of UTC."""
    on, tenant_id = reading.clock.now().date(), reading.caller.tenant_id
    away = sa.exists().where(
        absences.c.tenant_id == tenant_id,
        absences.c.user_id == _columns.awaited_user_id,
        absences.c.first_day <= on,
        absences.c.last_day >= on,
    )
    gone = sa.exists().where(
        _colleagues.c.tenant_id == tenant_id,
        _colleagues.c.user_id == _columns.awaited_user_id,
        _colleagues.c.status != Standing.ACTIVE,
    )
    return sa.or_(away, gone)


def _listed_of(row: Mapping[Any, Any]) -> dict[str, Any]:
    found = {name: row[_columns[name]] for name in _LISTED}
    amount, currency = found["amount"], row[_columns.currency]
    told = None if amount is None else amount_out(rounded(amount, currency), currency)
    return {**found, "amount": told}
