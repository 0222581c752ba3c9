"""Tiers over REST."""

from __future__ import annotations

from uuid import UUID

from flask import Response

from chassis.http.call import Call
from chassis.http.reply import Reply
from chassis.http.routes import Routes
from chassis.work.jobs_api import Job, job_accepted
from loyalty.tier_standings.preview_jobs import start_preview
from loyalty.tier_standings.previewing import preview_at_once
from loyalty.tiers import operations, queries
from loyalty.tiers.models import (
    TierPreviewOut,
    TierRevisionsOut,
    TiersIn,
    TiersOut,
    shown,
    terms_in,
)
from loyalty.transaction import LoyaltyTx

READ = "loyalty.tiers.read"
WRITE = "loyalty.tiers.write"

tiers = Routes("/v1/loyalty/programs", tag="tiers")


@tiers.get("/<uuid:program_id>/tiers", permission=READ, returns=TiersOut)
def get_tiers(call: Call[LoyaltyTx], program_id: UUID) -> Reply:
    """Get the tiers of a program, and by what they are reached."""
    scheme = call.read(queries.get_tiers, program_id)
    return Reply(scheme, version=scheme["version"])


@tiers.put(
    "/<uuid:program_id>/tiers",
    permission=WRITE,
    body=TiersIn,
    returns=TiersOut,
    problems=(404,),
    conditional=True,
)
def define_tiers(call: Call[LoyaltyTx], body: TiersIn, program_id: UUID) -> Response:
    """Define the tiers of a program, or others; its members are looked at soon after."""
    terms = terms_in(body)
    return call.run(
        lambda tx: operations.define_tiers(tx, program_id, terms),
        lambda _tx, scheme: Reply(shown(scheme), version=scheme.version),
    )


@tiers.get("/<uuid:program_id>/tiers/revisions", permission=READ, returns=TierRevisionsOut)
def list_tier_revisions(call: Call[LoyaltyTx], program_id: UUID) -> Reply:
    """List all tiers that a program ever had, the latest first."""
    return Reply(call.read(queries.list_revisions, program_id))


@tiers.post(
    "/<uuid:program_id>/tiers/preview", permission=WRITE, body=TiersIn, returns=TierPreviewOut
)
def preview_tiers(call: Call[LoyaltyTx], body: TiersIn, program_id: UUID) -> Reply:
    """See how many members other tiers would move, of up to 500; nothing changes."""
    return Reply(call.read(preview_at_once, program_id, terms_in(body)))


@tiers.post(
    "/<uuid:program_id>/tiers/previews", permission=WRITE, body=TiersIn, returns=Job, status=202
)
def start_tiers_preview(call: Call[LoyaltyTx], body: TiersIn, program_id: UUID) -> Response:
    """Have a job see how many members other tiers would move, however many there are."""
    terms = terms_in(body)
    return call.run(
        lambda tx: start_preview(tx, program_id, terms),
        lambda tx, job_id: job_accepted(tx, "loyalty", job_id),
    )
