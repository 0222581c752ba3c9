"""Statements of commissions over REST."""

from __future__ import annotations

from uuid import UUID

from flask import Response

from chassis.http.call import Call
from chassis.http.reply import Reply
from chassis.http.routes import Routes
from chassis.storage.listing import Listing
from sales.commission_statements import operations, queries
from sales.commission_statements.domain import CommissionStatement
from sales.commission_statements.models import (
    DraftOut,
    StatementChoice,
    StatementIn,
    StatementOut,
    SummaryOut,
    shown,
)
from sales.periods.domain import Period
from sales.transaction import SalesTx

READ = "sales.commission_statements.read"
CLOSE = "sales.commission_statements.close"

commission_statements = Routes("/v1/sales/commission-statements", tag="commissions")


@commission_statements.get("", permission=READ, listing=queries.STATEMENTS, returns=SummaryOut)
def list_commission_statements(call: Call[SalesTx], listing: Listing) -> Reply:
    """List closed statements, those closed last coming first."""
    return Reply(call.read(queries.list_statements, listing))


@commission_statements.get(
    "/open", permission=READ, query=StatementChoice, returns=DraftOut, problems=(404, 409, 422)
)
def get_open_commission_statement(call: Call[SalesTx], query: StatementChoice) -> Reply:
    """Get what somebody has earned in a period so far, as it would be closed now."""
    period = Period.parse(query.period)
    return Reply(call.read(queries.get_draft, query.plan_id, query.user_id, period))


@commission_statements.post(
    "",
    permission=CLOSE,
    body=StatementIn,
    returns=StatementOut,
    status=201,
    problems=(404, 409),
)
def close_commission_statement(call: Call[SalesTx], body: StatementIn) -> Response:
    """Close the statement of somebody else for a period that is over, for good.

    What changes later is corrected in the statement of the next period.
    """

    def reply(_tx: SalesTx, one: CommissionStatement) -> Reply:
        return Reply.created(f"{commission_statements.prefix}/{one.id}", shown(one), one.version)

    period = Period.parse(body.period)
    return call.run(
        lambda tx: operations.close_statement(tx, body.plan_id, body.user_id, period), reply
    )


@commission_statements.get("/<uuid:statement_id>", permission=READ, returns=StatementOut)
def get_commission_statement(call: Call[SalesTx], statement_id: UUID) -> Reply:
    """Get a closed statement with its lines."""
    one = call.read(queries.get_statement, statement_id)
    return Reply(one, version=one["version"])
