"""Triggers over REST."""

from __future__ import annotations

from uuid import UUID

from flask import Response

from chassis.http.call import Call
from chassis.http.reply import Reply
from chassis.http.routes import SIGNED_IN, Routes
from chassis.storage.listing import Listing
from desk.service_levels.models import TicketVocabularyOut
from desk.transaction import DeskTx
from desk.triggers import operations, queries
from desk.triggers.domain import Trigger
from desk.triggers.models import (
    FiringOut,
    TriggerIn,
    TriggerOut,
    TriggerPatch,
    TriggerSimulationIn,
    TriggerSimulationOut,
    changed,
    definition_in,
    shown,
)
from desk.triggers.vocabulary import Happened

READ = "desk.triggers.read"
WRITE = "desk.triggers.write"

triggers = Routes("/v1/desk/triggers", tag="triggers")
trigger_firings = Routes("/v1/desk/trigger-firings", tag="triggers")
trigger_vocabulary = Routes("/v1/desk/trigger-vocabulary", tag="triggers")


@triggers.get("", permission=READ, listing=queries.TRIGGERS, returns=TriggerOut)
def list_triggers(call: Call[DeskTx], listing: Listing) -> Reply:
    """List triggers in the order in which they are tried."""
    return Reply(call.read(queries.list_triggers, listing))


@triggers.post(
    "", permission=WRITE, body=TriggerIn, returns=TriggerOut, status=201, problems=(409,)
)
def define_trigger(call: Call[DeskTx], body: TriggerIn) -> Response:
    """Define what happens to tickets by itself: on which events, under which condition, and what."""

    def reply(_tx: DeskTx, trigger: Trigger) -> Reply:
        return Reply.created(f"{triggers.prefix}/{trigger.id}", shown(trigger), trigger.version)

    return call.run(
        lambda tx: operations.define_trigger(
            tx, lambda last: definition_in(body, last), active=body.active
        ),
        reply,
    )


@triggers.get("/<uuid:trigger_id>", permission=READ, returns=TriggerOut)
def get_trigger(call: Call[DeskTx], trigger_id: UUID) -> Reply:
    """Get a trigger."""
    trigger = call.read(queries.get_trigger, trigger_id)
    return Reply(trigger, version=trigger["version"])


@triggers.patch("/<uuid:trigger_id>", permission=WRITE, body=TriggerPatch, returns=TriggerOut)
def redefine_trigger(call: Call[DeskTx], body: TriggerPatch, trigger_id: UUID) -> Response:
    """Have a trigger go by something else from now on."""
    return call.run(
        lambda tx: operations.redefine_trigger(tx, trigger_id, lambda old: changed(old, body)),
        _shown,
    )


@triggers.post("/<uuid:trigger_id>/pause", permission=WRITE, returns=TriggerOut)
def pause_trigger(call: Call[DeskTx], trigger_id: UUID) -> Response:
    """Have a trigger fire no more until it is resumed."""
    return call.run(lambda tx: operations.pause_trigger(tx, trigger_id), _shown)


@triggers.post("/<uuid:trigger_id>/resume", permission=WRITE, returns=TriggerOut, problems=(409,))
def resume_trigger(call: Call[DeskTx], trigger_id: UUID) -> Response:
    """Have a paused trigger fire again, on what happens from now on."""
    return call.run(lambda tx: operations.resume_trigger(tx, trigger_id), _shown)


@triggers.delete("/<uuid:trigger_id>", permission=WRITE)
def archive_trigger(call: Call[DeskTx], trigger_id: UUID) -> Response:
    """Put a trigger away: it fires no more."""
    return call.run(
        lambda tx: operations.archive_trigger(tx, trigger_id),
        lambda _tx, _trigger: Reply.nothing(),
    )


@triggers.post("/<uuid:trigger_id>/restore", permission=WRITE, returns=TriggerOut)
def restore_trigger(call: Call[DeskTx], trigger_id: UUID) -> Response:
    """Have an archived trigger back; it is paused until it is resumed."""
    return call.run(lambda tx: operations.restore_trigger(tx, trigger_id), _shown)


@triggers.post(
    "/simulate",
    permission=READ,
    body=TriggerSimulationIn,
    returns=TriggerSimulationOut,
    problems=(404,),
)
def simulate_triggers(call: Call[DeskTx], body: TriggerSimulationIn) -> Reply:
    """See which triggers would fire about a ticket as it is, what they would do, and why others not."""
    given = {name: getattr(body, name) for name in type(body).model_fields}
    return Reply(call.read(queries.simulate_triggers, Happened(**given)))


@trigger_firings.get("", permission=READ, listing=queries.FIRINGS, returns=FiringOut)
def list_trigger_firings(call: Call[DeskTx], listing: Listing) -> Reply:
    """List which triggers fired about which tickets, the latest first; kept for 90 days."""
    return Reply(call.read(queries.list_firings, listing))


@trigger_vocabulary.get("", permission=SIGNED_IN, returns=TicketVocabularyOut)
def get_trigger_vocabulary(_call: Call[DeskTx]) -> Reply:
    """Get what conditions of triggers can ask: all about the ticket, and what has happened to it."""
    return Reply(queries.vocabulary())


def _shown(_tx: DeskTx, trigger: Trigger) -> Reply:
    return Reply(shown(trigger), version=trigger.version)
