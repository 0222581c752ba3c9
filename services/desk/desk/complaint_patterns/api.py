"""What complaints have in common, over REST."""

from __future__ import annotations

from flask import Response

from chassis.http.call import Call
from chassis.http.reply import Reply
from chassis.http.routes import Routes
from desk.complaint_patterns import operations, queries
from desk.complaint_patterns.domain import Measure
from desk.complaint_patterns.models import (
    ComplaintSettingsIn,
    ComplaintSettingsOut,
    PatternsOut,
    PatternsQuery,
    shown,
)
from desk.transaction import DeskTx

READ = "desk.complaints.read"
WRITE = "desk.complaint_causes.write"

complaint_patterns = Routes("/v1/desk/complaint-patterns", tag="complaints")
complaint_settings = Routes("/v1/desk/complaint-settings", tag="complaints")


@complaint_patterns.get("", permission=READ, query=PatternsQuery, returns=PatternsOut)
def get_complaint_patterns(call: Call[DeskTx], query: PatternsQuery) -> Reply:
    """Get the products, causes and processes that there are too many complaints about."""
    return Reply(call.read(queries.patterns, query))


@complaint_settings.get("", permission=READ, returns=ComplaintSettingsOut)
def get_complaint_settings(call: Call[DeskTx]) -> Reply:
    """Get how many complaints make a pattern."""
    settings = call.read(queries.get_settings)
    return Reply(settings, version=settings["version"])


@complaint_settings.put(
    "",
    permission=WRITE,
    body=ComplaintSettingsIn,
    returns=ComplaintSettingsOut,
    conditional=True,
)
def change_complaint_settings(call: Call[DeskTx], body: ComplaintSettingsIn) -> Response:
    """Say how many complaints make a pattern, from the next one on."""
    measure = Measure(body.threshold, body.days)
    return call.run(
        lambda tx: operations.change_settings(tx, measure),
        lambda _tx, settings: Reply(shown(settings), version=settings.version),
        about=call.caller.tenant_id,
    )
