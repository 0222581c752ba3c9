"""What becomes of the answer to who has asked."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from desk.assets.queries import asset_for, only_asset_of
from desk.people.named import current_or_none
from desk.requesters.domain import Requester
from desk.requesters.storage import settle
from desk.ticket_facts.domain import Happening, Moment, Status
from desk.tickets.domain import Ticket
from desk.tickets.operations import change_ticket, changed
from desk.transaction import DeskTx


def keep_requester(tx: DeskTx, requester: Requester, person_id: UUID | None) -> None:
    """Have a ticket name the person that contacts has found, and ask no more.

    So do the messages that came by it from that address. A ticket that names somebody by now, or another
    address, stays as it is; and where several may be meant, an agent says who it is.
    """
    settle(tx, requester)
    found = tx.tickets.get_many([requester.ticket_id])
    if not found or person_id is None:
        return
    ticket = found[0]
    same = ticket.person_id is None and ticket.requester_address == requester.address
    if not same:
        return
    if ticket.status is Status.CLOSED:
        _learn(tx, ticket, person_id)
    else:
        about = _what_it_is_about(tx, ticket, person_id)
        change_ticket(tx, ticket.id, {"person_id": person_id, **about})
    if ticket.person_id is not None:
        tx.messages.name_sender(ticket.id, requester.address, ticket.person_id)


def _learn(tx: DeskTx, ticket: Ticket, person_id: UUID) -> None:
    """Have a closed ticket, a merged one say, name its person as well: else it outlived their erasure."""
    now = tx.clock.now()
    if ticket.change({"person_id": current_or_none(tx, person_id)}, now, also_closed=True):
        changed(tx, ticket, Moment(Happening.CHANGED, now, ticket.status))


def _what_it_is_about(tx: DeskTx, ticket: Ticket, person_id: UUID) -> dict[str, Any]:
    """The thing that is meant, so that nobody has to ask for it: the only one, of that product if one is named."""
    if ticket.asset_id is not None:
        return {}
    if ticket.product_sku:
        asset_id = asset_for(tx, person_id, ticket.product_sku)
        return {} if asset_id is None else {"asset_id": asset_id}
    only = only_asset_of(tx, person_id)
    return {} if only is None else {"asset_id": only[0], "product_sku": only[1]}
