"""Days that matter to members, over REST."""

from __future__ import annotations

from uuid import UUID

from flask import Response

from chassis.http.call import Call
from chassis.http.reply import Reply
from chassis.http.routes import Routes
from chassis.storage.listing import Listing
from loyalty.occasions import operations, queries
from loyalty.occasions.domain import Occasion
from loyalty.occasions.models import (
    CelebrationOut,
    NextOccasionsOut,
    OccasionIn,
    OccasionOut,
    OccasionPatch,
    changed_by,
    shown,
    terms_in,
)
from loyalty.transaction import LoyaltyTx

READ = "loyalty.occasions.read"
WRITE = "loyalty.occasions.write"
_ONE = "/<uuid:occasion_id>"

occasions = Routes("/v1/loyalty/occasions", tag="occasions")
celebrations = Routes("/v1/loyalty/celebrations", tag="occasions")
member_occasions = Routes("/v1/loyalty/members/<uuid:member_id>/occasions", tag="occasions")


@occasions.get("", permission=READ, listing=queries.OCCASIONS, returns=OccasionOut)
def list_occasions(call: Call[LoyaltyTx], listing: Listing) -> Reply:
    """List the days that programs keep, newest first unless asked otherwise."""
    return Reply(call.read(queries.list_occasions, listing))


@occasions.post(
    "", permission=WRITE, body=OccasionIn, returns=OccasionOut, status=201, problems=(404, 409)
)
def define_occasion(call: Call[LoyaltyTx], body: OccasionIn) -> Response:
    """Have a program keep a day of its members, each in their own time zone."""

    def reply(_tx: LoyaltyTx, occasion: Occasion) -> Reply:
        location = f"{occasions.prefix}/{occasion.id}"
        return Reply.created(location, shown(occasion), occasion.version)

    asked = (body.program_id, body.key, body.date_kind, terms_in(body))
    return call.run(lambda tx: operations.define_occasion(tx, *asked), reply)


@occasions.get(_ONE, permission=READ, returns=OccasionOut)
def get_occasion(call: Call[LoyaltyTx], occasion_id: UUID) -> Reply:
    """Get a day that a program keeps."""
    occasion = call.read(queries.get_occasion, occasion_id)
    return Reply(occasion, version=occasion["version"])


@occasions.patch(
    _ONE, permission=WRITE, body=OccasionPatch, returns=OccasionOut, problems=(404, 409)
)
def change_occasion(call: Call[LoyaltyTx], body: OccasionPatch, occasion_id: UUID) -> Response:
    """Keep a day differently from now on."""
    return call.run(
        lambda tx: operations.change_occasion(
            tx, occasion_id, lambda terms: changed_by(body, terms)
        ),
        _shown,
    )


@occasions.post(f"{_ONE}/pause", permission=WRITE, returns=OccasionOut, problems=(409,))
def pause_occasion(call: Call[LoyaltyTx], occasion_id: UUID) -> Response:
    """Keep a day no more for a while; what falls into that time is not made up for."""
    return call.run(lambda tx: operations.pause_occasion(tx, occasion_id), _shown)


@occasions.post(f"{_ONE}/resume", permission=WRITE, returns=OccasionOut, problems=(409,))
def resume_occasion(call: Call[LoyaltyTx], occasion_id: UUID) -> Response:
    """Keep a day again."""
    return call.run(lambda tx: operations.resume_occasion(tx, occasion_id), _shown)


@occasions.post(f"{_ONE}/archive", permission=WRITE, returns=OccasionOut)
def archive_occasion(call: Call[LoyaltyTx], occasion_id: UUID) -> Response:
    """Keep a day no more."""
    return call.run(lambda tx: operations.archive_occasion(tx, occasion_id), _shown)


@occasions.post(f"{_ONE}/restore", permission=WRITE, returns=OccasionOut)
def restore_occasion(call: Call[LoyaltyTx], occasion_id: UUID) -> Response:
    """Have an archived day be back, paused; what fell into that time is not made up for."""
    return call.run(lambda tx: operations.restore_occasion(tx, occasion_id), _shown)


@celebrations.get("", permission=READ, listing=queries.CELEBRATIONS, returns=CelebrationOut)
def list_celebrations(call: Call[LoyaltyTx], listing: Listing) -> Reply:
    """List what members were given on their days, the latest first."""
    return Reply(call.read(queries.list_celebrations, listing))


@celebrations.get("/<uuid:celebration_id>", permission=READ, returns=CelebrationOut)
def get_celebration(call: Call[LoyaltyTx], celebration_id: UUID) -> Reply:
    """Get what a member was given on a day."""
    kept = call.read(queries.get_celebration, celebration_id)
    return Reply(kept, version=kept["version"])


@member_occasions.get("", permission=READ, returns=NextOccasionsOut)
def list_member_occasions(call: Call[LoyaltyTx], member_id: UUID) -> Reply:
    """Get when each occasion is next kept for a member, and when it last was."""
    return Reply(call.read(queries.next_occasions, member_id))


def _shown(_tx: LoyaltyTx, occasion: Occasion) -> Reply:
    return Reply(shown(occasion), version=occasion.version)
