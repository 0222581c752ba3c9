"""Playbooks over REST."""

from __future__ import annotations

from uuid import UUID

from flask import Response

from chassis.http.call import Call
from chassis.http.reply import Reply
from chassis.http.routes import Routes
from chassis.storage.listing import Listing
from sales.playbooks import operations, queries
from sales.playbooks.domain import Playbook
from sales.playbooks.models import (
    PlaybookIn,
    PlaybookOut,
    PlaybookPatch,
    changed,
    definition_in,
    shown,
)
from sales.transaction import SalesTx

READ = "sales.playbooks.read"
WRITE = "sales.playbooks.write"

playbooks = Routes("/v1/sales/playbooks", tag="activities")


@playbooks.get("", permission=READ, listing=queries.PLAYBOOKS, returns=PlaybookOut)
def list_playbooks(call: Call[SalesTx], listing: Listing) -> Reply:
    """List what is put in place when opportunities enter stages."""
    return Reply(call.read(queries.list_playbooks, listing))


@playbooks.post(
    "", permission=WRITE, body=PlaybookIn, returns=PlaybookOut, status=201, problems=(409,)
)
def define_playbook(call: Call[SalesTx], body: PlaybookIn) -> Response:
    """Define a playbook: activities that are planned when an opportunity enters a stage."""
    definition = definition_in(body)

    def reply(_tx: SalesTx, playbook: Playbook) -> Reply:
        return Reply.created(f"{playbooks.prefix}/{playbook.id}", shown(playbook), playbook.version)

    return call.run(lambda tx: operations.define_playbook(tx, definition), reply)


@playbooks.get("/<uuid:playbook_id>", permission=READ, returns=PlaybookOut)
def get_playbook(call: Call[SalesTx], playbook_id: UUID) -> Reply:
    """Get a playbook."""
    playbook = call.read(queries.get_playbook, playbook_id)
    return Reply(playbook, version=playbook["version"])


@playbooks.patch(
    "/<uuid:playbook_id>",
    permission=WRITE,
    body=PlaybookPatch,
    returns=PlaybookOut,
    problems=(409,),
)
def redefine_playbook(call: Call[SalesTx], body: PlaybookPatch, playbook_id: UUID) -> Response:
    """Change a playbook; what it has put in place stays."""
    return call.run(
        lambda tx: operations.redefine_playbook(tx, playbook_id, lambda old: changed(old, body)),
        _shown,
    )


@playbooks.delete("/<uuid:playbook_id>", permission=WRITE)
def archive_playbook(call: Call[SalesTx], playbook_id: UUID) -> Response:
    """Archive a playbook: it puts nothing in place any more."""
    return call.run(
        lambda tx: operations.archive_playbook(tx, playbook_id),
        lambda _tx, _playbook: Reply.nothing(),
    )


@playbooks.post("/<uuid:playbook_id>/restore", permission=WRITE, returns=PlaybookOut)
def restore_playbook(call: Call[SalesTx], playbook_id: UUID) -> Response:
    """Take an archived playbook back into use."""
    return call.run(lambda tx: operations.restore_playbook(tx, playbook_id), _shown)


def _shown(_tx: SalesTx, playbook: Playbook) -> Reply:
    return Reply(shown(playbook), version=playbook.version)
