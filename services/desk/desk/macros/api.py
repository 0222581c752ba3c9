"""Macros over REST."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from flask import Response

from chassis.domain import Category, DomainError
from chassis.http.batch import BatchOut, Done, Outcome, told
from chassis.http.call import Call
from chassis.http.reply import Reply
from chassis.http.routes import Routes
from chassis.storage.listing import Listing
from desk.macros import operations, queries
from desk.macros.domain import Macro
from desk.macros.models import (
    MacroIn,
    MacroOnManyIn,
    MacroOut,
    MacroPatch,
    MacroPreviewIn,
    MacroPreviewOut,
    changed,
    definition_in,
    shown,
)
from desk.macros.reach import READ
from desk.tickets.models import TicketOut
from desk.tickets.models import shown as ticket_shown
from desk.transaction import DeskTx

WRITE = "desk.macros.write"
APPLY = "desk.tickets.write"
LOOK = "desk.tickets.read"

macros = Routes("/v1/desk/macros", tag="macros")
macros_of_ticket = Routes("/v1/desk/tickets/<uuid:ticket_id>/macros", tag="macros")


@macros.get("", permission=READ, listing=queries.MACROS, returns=MacroOut)
def list_macros(call: Call[DeskTx], listing: Listing) -> Reply:
    """List the macros that are shared, those of one's teams, and one's own."""
    return Reply(call.read(queries.list_macros, listing))


@macros.post("", permission=WRITE, body=MacroIn, returns=MacroOut, status=201, problems=(409,))
def create_macro(call: Call[DeskTx], body: MacroIn) -> Response:
    """Put several changes, and what is said, under a name."""
    definition = definition_in(body)

    def reply(_tx: DeskTx, macro: Macro) -> Reply:
        return Reply.created(f"{macros.prefix}/{macro.id}", shown(macro, 0, None), macro.version)

    return call.run(lambda tx: operations.create_macro(tx, definition), reply)


@macros.get("/<uuid:macro_id>", permission=READ, returns=MacroOut)
def get_macro(call: Call[DeskTx], macro_id: UUID) -> Reply:
    """Get a macro."""
    macro = call.read(queries.get_macro, macro_id)
    return Reply(macro, version=macro["version"])


@macros.patch("/<uuid:macro_id>", permission=WRITE, body=MacroPatch, returns=MacroOut)
def change_macro(call: Call[DeskTx], body: MacroPatch, macro_id: UUID) -> Response:
    """Change what a macro does, or for whom it is."""
    return call.run(
        lambda tx: operations.change_macro(tx, macro_id, lambda old: changed(old, body)), _shown
    )


@macros.delete("/<uuid:macro_id>", permission=WRITE)
def archive_macro(call: Call[DeskTx], macro_id: UUID) -> Response:
    """Archive a macro: it is applied no more."""
    return call.run(
        lambda tx: operations.archive_macro(tx, macro_id), lambda _tx, _macro: Reply.nothing()
    )


@macros.post("/<uuid:macro_id>/restore", permission=WRITE, returns=MacroOut)
def restore_macro(call: Call[DeskTx], macro_id: UUID) -> Response:
    """Have an archived macro applied again."""
    return call.run(lambda tx: operations.restore_macro(tx, macro_id), _shown)


@macros.post(
    "/<uuid:macro_id>/preview", permission=LOOK, body=MacroPreviewIn, returns=MacroPreviewOut
)
def preview_macro(call: Call[DeskTx], body: MacroPreviewIn, macro_id: UUID) -> Reply:
    """See what a macro would do to a ticket as it is, texts filled in; nothing is done."""
    return Reply(call.read(queries.preview_macro, macro_id, body.ticket_id))


@macros.post(
    "/<uuid:macro_id>/apply",
    permission=APPLY,
    body=MacroOnManyIn,
    returns=BatchOut,
    problems=(409,),
)
def apply_macro_to_many(call: Call[DeskTx], body: MacroOnManyIn, macro_id: UUID) -> Response:
    """Apply a macro to up to 100 tickets: to each all of it or nothing, with an answer for each."""

    def reply(_tx: DeskTx, outcomes: Sequence[Outcome]) -> Reply:
        return Reply(_answered(outcomes, call.request.path))

    return call.run(lambda tx: _apply_each(tx, macro_id, body.ticket_ids), reply)


@macros_of_ticket.post(
    "/<uuid:macro_id>",
    permission=APPLY,
    returns=TicketOut,
    conditional=True,
    problems=(409, 422),
)
def apply_macro(call: Call[DeskTx], ticket_id: UUID, macro_id: UUID) -> Response:
    """Apply a macro to a ticket: all that it says is done, or nothing."""
    return call.run(
        lambda tx: operations.apply_macro(tx, macro_id, ticket_id),
        lambda _tx, ticket: Reply(ticket_shown(ticket), version=ticket.version),
        about=ticket_id,
    )


def _apply_each(tx: DeskTx, macro_id: UUID, ticket_ids: Sequence[UUID]) -> list[Outcome]:
    # Found first, so that there is one answer for a macro that is not there or in use.
    queries.macro_seen(tx, macro_id).require_in_use()
    # Locked in one order, so that no deadlock arises.
    tx.tickets.get_many(sorted(set(ticket_ids)))
    return [_apart(tx, macro_id, one) for one in ticket_ids]


def _apart(tx: DeskTx, macro_id: UUID, ticket_id: UUID) -> Outcome:
    try:
        ticket = tx.apart(lambda: operations.apply_macro(tx, macro_id, ticket_id))
    except DomainError as error:
        if error.category is Category.UNAVAILABLE:
            raise
        return error
    return Done(200, {"id": ticket.id, "version": ticket.version})


def _answered(outcomes: Sequence[Outcome], path: str) -> dict[str, object]:
    failed = sum(isinstance(one, DomainError) for one in outcomes)
    items = [
        {"index": place, **told(one, f"{path}#/ticket_ids/{place}")}
        for place, one in enumerate(outcomes)
    ]
    return {"succeeded": len(outcomes) - failed, "failed": failed, "items": items}


def _shown(tx: DeskTx, macro: Macro) -> Reply:
    return Reply(queries.shown_now(tx, macro), version=macro.version)
