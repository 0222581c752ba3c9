"""Quotas over REST."""

from __future__ import annotations

from uuid import UUID

from flask import Response

from chassis.http.call import Call
from chassis.http.reply import Reply
from chassis.http.routes import Routes
from chassis.storage.listing import Listing
from sales.periods.domain import Period
from sales.quotas import operations, queries
from sales.quotas.domain import Quota, QuotaHolder
from sales.quotas.models import (
    AttainmentOut,
    AttainmentQuery,
    AttainmentsOut,
    QuotaIn,
    QuotaOut,
    QuotaPatch,
    asked_in,
    shown,
)
from sales.transaction import SalesTx

READ = "sales.quotas.read"
WRITE = "sales.quotas.write"

quotas = Routes("/v1/sales/quotas", tag="quotas")
quota_attainments = Routes("/v1/sales/quota-attainments", tag="quotas")


@quotas.get("", permission=READ, listing=queries.QUOTAS, returns=QuotaOut)
def list_quotas(call: Call[SalesTx], listing: Listing) -> Reply:
    """List targets, the latest first unless asked otherwise."""
    return Reply(call.read(queries.list_quotas, listing))


@quotas.post("", permission=WRITE, body=QuotaIn, returns=QuotaOut, status=201, problems=(404, 409))
def set_quota(call: Call[SalesTx], body: QuotaIn) -> Response:
    """Set a target for a person or a team within reach; there is one for each period and measure."""
    holder, period = QuotaHolder(body.user_id, body.team_id), Period.parse(body.period)
    asked = asked_in(body)

    def reply(_tx: SalesTx, quota: Quota) -> Reply:
        return Reply.created(f"{quotas.prefix}/{quota.id}", shown(quota), quota.version)

    return call.run(lambda tx: operations.set_quota(tx, holder, period, body.measure, asked), reply)


@quotas.get("/<uuid:quota_id>", permission=READ, returns=QuotaOut)
def get_quota(call: Call[SalesTx], quota_id: UUID) -> Reply:
    """Get a target."""
    quota = call.read(queries.get_quota, quota_id)
    return Reply(quota, version=quota["version"])


@quotas.patch(
    "/<uuid:quota_id>", permission=WRITE, body=QuotaPatch, returns=QuotaOut, problems=(409,)
)
def change_quota(call: Call[SalesTx], body: QuotaPatch, quota_id: UUID) -> Response:
    """Ask for more or less; statements that are closed stay as they are."""
    asked = asked_in(body)
    return call.run(
        lambda tx: operations.change_quota(tx, quota_id, asked),
        lambda _tx, quota: Reply(shown(quota), version=quota.version),
    )


@quotas.delete("/<uuid:quota_id>", permission=WRITE)
def remove_quota(call: Call[SalesTx], quota_id: UUID) -> Response:
    """Take a target back."""
    return call.run(
        lambda tx: operations.remove_quota(tx, quota_id), lambda _tx, _quota: Reply.nothing()
    )


@quotas.get("/<uuid:quota_id>/attainment", permission=READ, returns=AttainmentOut, problems=(409,))
def get_quota_attainment(call: Call[SalesTx], quota_id: UUID) -> Reply:
    """Get how much of a target was attained so far."""
    return Reply(call.read(queries.get_attainment, quota_id))


@quota_attainments.get(
    "", permission=READ, query=AttainmentQuery, returns=AttainmentsOut, problems=(409,)
)
def list_quota_attainments(call: Call[SalesTx], query: AttainmentQuery) -> Reply:
    """Get how much of each target for a period was attained so far, with what counts."""
    return Reply(call.read(queries.list_attainments, Period.parse(query.period)))
