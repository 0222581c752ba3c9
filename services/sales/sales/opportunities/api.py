"""Opportunities over REST."""

from __future__ import annotations

from uuid import UUID

from flask import Response

from chassis.http.call import Call
from chassis.http.reply import Reply
from chassis.http.routes import Routes
from chassis.storage.listing import Listing
from sales.opportunities import operations, queries
from sales.opportunities.domain import Opportunity
from sales.opportunities.models import (
    CoverageOut,
    HistoryOut,
    LossIn,
    OpportunityIn,
    OpportunityOut,
    OpportunityPatch,
    OptionalStageIn,
    ReadinessOut,
    ReadinessQuery,
    StageChoiceIn,
    TeamQuery,
    changes_of,
    details_in,
    loss_in,
    shown,
)
from sales.transaction import SalesTx

READ = "sales.opportunities.read"
WRITE = "sales.opportunities.write"

opportunities = Routes("/v1/sales/opportunities", tag="opportunities")


@opportunities.get(
    "",
    permission=READ,
    listing=queries.OPPORTUNITIES,
    query=TeamQuery,
    returns=OpportunityOut,
)
def list_opportunities(call: Call[SalesTx], listing: Listing, query: TeamQuery) -> Reply:
    """List opportunities, the latest first unless asked otherwise."""
    return Reply(call.read(queries.list_opportunities, listing, query.member_id))


@opportunities.post(
    "", permission=WRITE, body=OpportunityIn, returns=OpportunityOut, status=201, problems=(409,)
)
def open_opportunity(call: Call[SalesTx], body: OpportunityIn) -> Response:
    """Open an opportunity; an amount is valued in the base currency by the rate of today."""
    details = details_in(body)

    def reply(_tx: SalesTx, one: Opportunity) -> Reply:
        return Reply.created(f"{opportunities.prefix}/{one.id}", shown(one), one.version)

    return call.run(
        lambda tx: operations.open_opportunity(tx, body.pipeline_id, details, body.stage), reply
    )


@opportunities.get("/<uuid:opportunity_id>", permission=READ, returns=OpportunityOut)
def get_opportunity(call: Call[SalesTx], opportunity_id: UUID) -> Reply:
    """Get an opportunity."""
    one = call.read(queries.get_opportunity, opportunity_id)
    return Reply(one, version=one["version"])


@opportunities.patch(
    "/<uuid:opportunity_id>",
    permission=WRITE,
    body=OpportunityPatch,
    returns=OpportunityOut,
    problems=(409,),
)
def change_opportunity(
    call: Call[SalesTx], body: OpportunityPatch, opportunity_id: UUID
) -> Response:
    """Change what is mentioned of an opportunity; its stage is changed by moving it."""
    changes = changes_of(body)
    return call.run(lambda tx: operations.change_opportunity(tx, opportunity_id, changes), _shown)


@opportunities.get("/<uuid:opportunity_id>/history", permission=READ, returns=HistoryOut)
def list_opportunity_history(call: Call[SalesTx], opportunity_id: UUID) -> Reply:
    """List every stage that an opportunity was in, the first one first."""
    return Reply(call.read(queries.list_history, opportunity_id))


@opportunities.get(
    "/<uuid:opportunity_id>/readiness",
    permission=READ,
    query=ReadinessQuery,
    returns=ReadinessOut,
)
def get_opportunity_readiness(
    call: Call[SalesTx], query: ReadinessQuery, opportunity_id: UUID
) -> Reply:
    """Get whether an opportunity may move to a stage, and all that stands in its way."""
    return Reply(call.read(queries.get_readiness, opportunity_id, query.stage))


@opportunities.get("/<uuid:opportunity_id>/coverage", permission=READ, returns=CoverageOut)
def get_opportunity_coverage(call: Call[SalesTx], opportunity_id: UUID) -> Reply:
    """Get which buying roles are covered, and which required ones are not."""
    return Reply(call.read(queries.get_coverage, opportunity_id))


@opportunities.post(
    "/<uuid:opportunity_id>/move",
    permission=WRITE,
    body=StageChoiceIn,
    returns=OpportunityOut,
    conditional=True,
    problems=(409,),
)
def move_opportunity(call: Call[SalesTx], body: StageChoiceIn, opportunity_id: UUID) -> Response:
    """Move an opportunity to another stage, or win it.

    Forwards it moves once everything is met that the stages left behind ask for; a 409 names in
    `errors` all that is not.
    """
    return call.run(lambda tx: operations.move_opportunity(tx, opportunity_id, body.stage), _shown)


@opportunities.post(
    "/<uuid:opportunity_id>/lose",
    permission=WRITE,
    body=LossIn,
    returns=OpportunityOut,
    conditional=True,
    problems=(409,),
)
def lose_opportunity(call: Call[SalesTx], body: LossIn, opportunity_id: UUID) -> Response:
    """Give an opportunity up, with a reason; nothing needs to be met."""
    loss = loss_in(body)
    return call.run(
        lambda tx: operations.lose_opportunity(tx, opportunity_id, loss, body.stage), _shown
    )


@opportunities.post(
    "/<uuid:opportunity_id>/reopen",
    permission=WRITE,
    body=OptionalStageIn,
    returns=OpportunityOut,
    conditional=True,
    problems=(409,),
)
def reopen_opportunity(
    call: Call[SalesTx], body: OptionalStageIn, opportunity_id: UUID
) -> Response:
    """Go on with an opportunity that was won or lost."""
    return call.run(
        lambda tx: operations.reopen_opportunity(tx, opportunity_id, body.stage), _shown
    )


@opportunities.post(
    "/<uuid:opportunity_id>/adopt-definition",
    permission=WRITE,
    body=OptionalStageIn,
    returns=OpportunityOut,
    conditional=True,
    problems=(409,),
)
def adopt_definition(call: Call[SalesTx], body: OptionalStageIn, opportunity_id: UUID) -> Response:
    """Have an opportunity go by the newest definition of its pipeline.

    Its stage is kept by its key; where there is none with that key any more, name another.
    """
    return call.run(lambda tx: operations.adopt_definition(tx, opportunity_id, body.stage), _shown)


def _shown(_tx: SalesTx, one: Opportunity) -> Reply:
    return Reply(shown(one), version=one.version)
