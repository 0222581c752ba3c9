"""Who drifts, who is lost, and the figures of it, over REST."""

from __future__ import annotations

from uuid import UUID

from flask import Response

from chassis.http.call import Call
from chassis.http.reply import Reply
from chassis.http.routes import Routes
from chassis.storage.listing import Listing
from loyalty.retention import figures, operations, queries
from loyalty.retention.models import (
    CohortsOut,
    CohortsQuery,
    CustomerOut,
    CyclesOut,
    ExplainedCustomerOut,
    LossesOut,
    LossesQuery,
    LossReasonIn,
    RatesOut,
    RatesQuery,
    RetentionDefinitionIn,
    RetentionDefinitionOut,
    rules_in,
    shown,
)
from loyalty.transaction import LoyaltyTx

READ_DEFINITION = "loyalty.retention_definition.read"
WRITE_DEFINITION = "loyalty.retention_definition.write"
READ = "loyalty.customers.read"
WRITE = "loyalty.customers.write"
FIGURES = "loyalty.retention_figures.read"

retention_definition = Routes("/v1/loyalty/retention-definition", tag="retention")
customers = Routes("/v1/loyalty/customers", tag="retention")
retention_figures = Routes("/v1/loyalty", tag="retention")


@retention_definition.get("", permission=READ_DEFINITION, returns=RetentionDefinitionOut)
def get_retention_definition(call: Call[LoyaltyTx]) -> Reply:
    """Get who drifts away and who is lost, by the tenant's definition."""
    definition = call.read(queries.get_definition)
    return Reply(definition, version=definition["version"])


@retention_definition.put(
    "", permission=WRITE_DEFINITION, body=RetentionDefinitionIn, returns=RetentionDefinitionOut
)
def change_retention_definition(call: Call[LoyaltyTx], body: RetentionDefinitionIn) -> Response:
    """Say who drifts away and who is lost; all customers are judged anew in the background."""
    asked = rules_in(body)
    return call.run(
        lambda tx: operations.change_definition(tx, asked),
        lambda _tx, definition: Reply(shown(definition), version=definition.version),
        about=call.caller.tenant_id,
    )


@customers.get("", permission=READ, listing=queries.CUSTOMERS, returns=CustomerOut)
def list_customers(call: Call[LoyaltyTx], listing: Listing) -> Reply:
    """List customers and how they stand, who bought last first unless asked otherwise."""
    return Reply(call.read(queries.list_customers, listing))


@customers.get("/<uuid:person_id>", permission=READ, returns=ExplainedCustomerOut)
def get_customer(call: Call[LoyaltyTx], person_id: UUID) -> Reply:
    """Get how a person stands as a customer, and why."""
    customer = call.read(queries.get_customer, person_id)
    return Reply(customer, version=customer["version"])


@customers.put(
    "/<uuid:person_id>/loss-reason",
    permission=WRITE,
    body=LossReasonIn,
    returns=ExplainedCustomerOut,
    problems=(409,),
)
def enter_loss_reason(call: Call[LoyaltyTx], body: LossReasonIn, person_id: UUID) -> Response:
    """Say why a customer was lost the last time, or take it back."""
    return call.run(
        lambda tx: operations.enter_loss_reason(tx, person_id, body.reason),
        lambda tx, _none: Reply(queries.get_customer(tx, person_id)),
    )


@retention_figures.get("/purchase-cycles", permission=FIGURES, returns=CyclesOut)
def list_purchase_cycles(call: Call[LoyaltyTx]) -> Reply:
    """List in how many days purchases are expected, by category, and who says so."""
    return Reply(call.read(queries.list_cycles))


@retention_figures.get(
    "/retention-rates", permission=FIGURES, query=RatesQuery, returns=RatesOut, problems=(409, 422)
)
def list_retention_rates(call: Call[LoyaltyTx], query: RatesQuery) -> Reply:
    """Get rates of retention and loss by month, quarter or year, with what they mean."""
    asked = (query.by, query.first_on, query.last_on)
    return Reply(call.read(figures.retention_rates, *asked))


@retention_figures.get(
    "/retention-cohorts",
    permission=FIGURES,
    query=CohortsQuery,
    returns=CohortsOut,
    problems=(409, 422),
)
def list_retention_cohorts(call: Call[LoyaltyTx], query: CohortsQuery) -> Reply:
    """Get who of those that first bought in a month has bought in which month after it."""
    asked = (query.first_on, query.last_on, query.months)
    return Reply(call.read(figures.retention_cohorts, *asked))


@retention_figures.get(
    "/losses", permission=FIGURES, query=LossesQuery, returns=LossesOut, problems=(409,)
)
def get_losses(call: Call[LoyaltyTx], query: LossesQuery) -> Reply:
    """Get what was lost in a month, quarter or year: by reason, by value, and by time."""
    return Reply(call.read(figures.losses, query.by, query.day))
