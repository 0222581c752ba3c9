"""Interactions over REST."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from flask import Response

from chassis.domain import DomainError
from chassis.http.batch import BATCH_BODY, BatchOut, Done, Outcome, answer_batch
from chassis.http.call import Call
from chassis.http.reply import Reply
from chassis.http.routes import Routes
from chassis.storage.listing import Listing
from contacts.interactions import operations, queries
from contacts.interactions.domain import Report
from contacts.interactions.models import (
    InteractionIn,
    InteractionOut,
    InteractionsBatchIn,
    SignsOfLifeOut,
    report_of,
    shown,
)
from contacts.interactions.signs_of_life import signs_of_life
from contacts.transaction import ContactsTx

READ = "contacts.interactions.read"
WRITE = "contacts.interactions.write"

interactions = Routes("/v1/contacts/interactions", tag="interactions")
interactions_of_people = Routes("/v1/contacts/people/<uuid:person_id>", tag="interactions")


@interactions.get("", permission=READ, listing=queries.INTERACTIONS, returns=InteractionOut)
def list_interactions(call: Call[ContactsTx], listing: Listing) -> Reply:
    """List interactions, the latest first unless asked otherwise."""
    return Reply(call.read(queries.list_interactions, listing))


@interactions.post(
    "",
    permission=WRITE,
    body=InteractionIn,
    returns=InteractionOut,
    status=201,
    otherwise=200,
    problems=(409,),
)
def record_interaction(call: Call[ContactsTx], body: InteractionIn) -> Response:
    """Record what a person did; late is as good as early, and once recorded it stays.

    201 for a new interaction; 200 with the one that was recorded before under its external id.
    """
    report = report_of(body)

    def reply(_tx: ContactsTx, recorded: operations.Recorded) -> Reply:
        one = recorded.interaction
        if not recorded.new:
            return Reply(shown(one), version=one.version)
        return Reply.created(f"{interactions.prefix}/{one.id}", shown(one), one.version)

    return call.run(lambda tx: operations.record_interaction(tx, report), reply)


@interactions.post(
    "/batch",
    permission=WRITE,
    body=InteractionsBatchIn,
    body_limit=BATCH_BODY,
    returns=BatchOut,
)
def record_interactions(call: Call[ContactsTx], body: InteractionsBatchIn) -> Response:
    """Record up to 1,000 interactions; each is answered in its place, with `atomic` all or none."""
    return answer_batch(call, body, InteractionIn, _record)


@interactions.get("/<uuid:interaction_id>", permission=READ, returns=InteractionOut)
def get_interaction(call: Call[ContactsTx], interaction_id: UUID) -> Reply:
    """Get an interaction."""
    interaction = call.read(queries.get_interaction, interaction_id)
    return Reply(interaction, version=interaction["version"])


@interactions_of_people.get(
    "/interactions", permission=READ, listing=queries.OF_PERSON, returns=InteractionOut
)
def list_interactions_of_person(call: Call[ContactsTx], listing: Listing, person_id: UUID) -> Reply:
    """List what a person did, the latest first unless asked otherwise."""
    return Reply(call.read(queries.list_interactions_of, listing, person_id))


@interactions_of_people.get("/signs-of-life", permission=READ, returns=SignsOfLifeOut)
def get_signs_of_life(call: Call[ContactsTx], person_id: UUID) -> Reply:
    """Get when a person was last seen on each channel, the latest first."""
    return Reply(call.read(signs_of_life, person_id))


def _record(tx: ContactsTx, items: Sequence[InteractionIn | DomainError]) -> list[Outcome]:
    reports = [_reported(item) for item in items]
    return [_outcome(result) for result in operations.record_interactions(tx, reports)]


def _reported(item: InteractionIn | DomainError) -> Report | DomainError:
    try:
        return item if isinstance(item, DomainError) else report_of(item)
    except DomainError as error:
        return error


def _outcome(result: operations.Recorded | DomainError) -> Outcome:
    if isinstance(result, DomainError):
        return result
    return Done(
        201 if result.new else 200,
        {"id": result.interaction.id, "version": result.interaction.version},
    )
