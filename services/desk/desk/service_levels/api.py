"""Policies of service levels over REST."""

from __future__ import annotations

from uuid import UUID

from flask import Response

from chassis.http.call import Call
from chassis.http.reply import Reply
from chassis.http.routes import SIGNED_IN, Routes
from chassis.storage.listing import Listing
from desk.service_levels import operations, queries
from desk.service_levels.domain import ServiceLevel
from desk.service_levels.models import (
    ServiceLevelIn,
    ServiceLevelOut,
    ServiceLevelPatch,
    TicketVocabularyOut,
    changed_by,
    shown,
    terms_in,
)
from desk.transaction import DeskTx

READ = "desk.service_levels.read"
WRITE = "desk.service_levels.write"

service_levels = Routes("/v1/desk/service-levels", tag="service-levels")
ticket_vocabulary = Routes("/v1/desk/ticket-vocabulary", tag="service-levels")


@service_levels.get("", permission=READ, listing=queries.SERVICE_LEVELS, returns=ServiceLevelOut)
def list_service_levels(call: Call[DeskTx], listing: Listing) -> Reply:
    """List policies in the order in which they are tried; archived ones only when asked for."""
    return Reply(call.read(queries.list_service_levels, listing))


@service_levels.post(
    "",
    permission=WRITE,
    body=ServiceLevelIn,
    returns=ServiceLevelOut,
    status=201,
    problems=(409,),
)
def create_service_level(call: Call[DeskTx], body: ServiceLevelIn) -> Response:
    """Say by when tickets are to be answered and solved. Tickets that are open follow soon."""
    terms = terms_in(body)

    def reply(_tx: DeskTx, policy: ServiceLevel) -> Reply:
        return Reply.created(f"{service_levels.prefix}/{policy.id}", shown(policy), policy.version)

    return call.run(lambda tx: operations.create_service_level(tx, terms), reply)


@service_levels.get("/<uuid:service_level_id>", permission=READ, returns=ServiceLevelOut)
def get_service_level(call: Call[DeskTx], service_level_id: UUID) -> Reply:
    """Get a policy."""
    policy = call.read(queries.get_service_level, service_level_id)
    return Reply(policy, version=policy["version"])


@service_levels.patch(
    "/<uuid:service_level_id>",
    permission=WRITE,
    body=ServiceLevelPatch,
    returns=ServiceLevelOut,
)
def change_service_level(
    call: Call[DeskTx], body: ServiceLevelPatch, service_level_id: UUID
) -> Response:
    """Write a policy anew. Open deadlines are soon reckoned by it, from the tickets' beginning on."""
    return call.run(
        lambda tx: operations.change_service_level(
            tx, service_level_id, lambda terms: changed_by(body, terms)
        ),
        _shown,
    )


@service_levels.post("/<uuid:service_level_id>/archive", permission=WRITE, returns=ServiceLevelOut)
def archive_service_level(call: Call[DeskTx], service_level_id: UUID) -> Response:
    """Have a policy hold for no ticket any more; open ones go by the next that fits."""
    return call.run(lambda tx: operations.archive_service_level(tx, service_level_id), _shown)


@service_levels.post("/<uuid:service_level_id>/restore", permission=WRITE, returns=ServiceLevelOut)
def restore_service_level(call: Call[DeskTx], service_level_id: UUID) -> Response:
    """Have an archived policy tried again, in its place."""
    return call.run(lambda tx: operations.restore_service_level(tx, service_level_id), _shown)


@ticket_vocabulary.get("", permission=SIGNED_IN, returns=TicketVocabularyOut)
def get_ticket_vocabulary(_call: Call[DeskTx]) -> Reply:
    """Get what conditions about tickets can ask: in service levels, routing rules and triggers."""
    return Reply(queries.vocabulary())


def _shown(_tx: DeskTx, policy: ServiceLevel) -> Reply:
    return Reply(shown(policy), version=policy.version)
