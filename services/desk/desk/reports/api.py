"""Reports over REST: figures with their definitions, from what facts have told."""

from __future__ import annotations

from uuid import UUID

from flask import Response

from chassis.context import Reach
from chassis.domain import Forbidden
from chassis.http.call import Call
from chassis.http.reply import Reply
from chassis.http.routes import Routes
from desk.reports import backlog, figures
from desk.reports.models import (
    BacklogsOut,
    RecountOut,
    ReportQuery,
    ResolutionsOut,
    ResponsesOut,
    VolumesOut,
)
from desk.reports.recount import Batch, compare, recount
from desk.transaction import DeskTx

READ = "desk.reports.read"
RECOUNT = "desk.reports.recount"

reports = Routes("/v1/desk/reports", tag="reports")


@reports.get("/volume", permission=READ, query=ReportQuery, returns=VolumesOut, problems=(422,))
def get_volume(call: Call[DeskTx], query: ReportQuery) -> Reply:
    """Get how many tickets were opened, resolved, closed and reopened."""
    return Reply(call.read(figures.volume, query))


@reports.get("/backlog", permission=READ, query=ReportQuery, returns=BacklogsOut, problems=(422,))
def get_backlog(call: Call[DeskTx], query: ReportQuery) -> Reply:
    """Get how many tickets are unsettled, and how old they are."""
    return Reply(call.read(backlog.backlog, query))


@reports.get("/response", permission=READ, query=ReportQuery, returns=ResponsesOut, problems=(422,))
def get_response(call: Call[DeskTx], query: ReportQuery) -> Reply:
    """Get how long customers waited for a first answer: mean, median, 90th percentile."""
    return Reply(call.read(figures.response, query))


@reports.get(
    "/resolution", permission=READ, query=ReportQuery, returns=ResolutionsOut, problems=(422,)
)
def get_resolution(call: Call[DeskTx], query: ReportQuery) -> Reply:
    """Get how long it took to resolve tickets, how many were reopened, how many took one answer."""
    return Reply(call.read(figures.resolution, query))


@reports.get("/recount", permission=RECOUNT, returns=RecountOut)
def compare_with_records(call: Call[DeskTx]) -> Reply:
    """Compare what is counted with the records; what is still on its way counts as a difference."""
    _require_all(call)
    return Reply(call.read(compare))


@reports.post("/recount", permission=RECOUNT, returns=RecountOut, problems=(409,))
def recount_records(call: Call[DeskTx]) -> Response:
    """Count all records anew, in place of what facts have told; one at a time in a tenant."""
    _require_all(call)

    def apart(batch: Batch) -> UUID | None:
        return call.operations.transact(call.caller, call.scope, "recount_batch", batch)

    return call.run(lambda tx: recount(tx, apart), lambda _tx, result: Reply(result))


def _require_all(call: Call[DeskTx]) -> None:
    """Raises `Forbidden` for whoever has the permission for some records only."""
    if call.reach is not Reach.ALL:
        message = f"All of the tenant's records are counted: {RECOUNT} has to reach all of them."
        raise Forbidden(message, code="reach_too_short")
