"""What is said in conversations; each function is one transaction, or part of one."""

from __future__ import annotations

from uuid import UUID

from chassis.domain import Invalid, NotFound, Violation
from desk.colleagues.standing import unknown
from desk.messages.adding import Received, Said, add_received, add_said
from desk.messages.domain import NO_CALL, Message, MessageKind
from desk.messages.storage import MESSAGE_ONCE
from desk.promises.domain import KeptBy
from desk.promises.hearing import keep_promises
from desk.ticket_actions.alerting import raise_alerts
from desk.ticket_actions.domain import Alert, Source
from desk.ticket_facts.domain import Channel, Happening, LinkKind, Moment, Status
from desk.ticket_links.storage import keep_link, latest_follow_up
from desk.tickets import operations as tickets
from desk.tickets.domain import Ticket, TicketDetails
from desk.transaction import DeskTx

MOST_MERGES = 100
"""How many merges are followed from a ticket to the one that it is part of."""


def receive_message(tx: DeskTx, ticket_id: UUID, received: Received) -> Message:
    """Hear what the customer's side has said to a ticket, once for each external id.

    A merged ticket's are heard by the one that it went into. To a closed one, a ticket of its own
    is opened that follows it up, and goes on hearing what is said to the closed one. Raises
    `NotFound`, `Invalid` for nothing.
    """
    ticket = _current(tx, tx.tickets.get(ticket_id))
    channel = received.channel or ticket.channel
    known = _already(tx, ticket_id, channel, received.external_id)
    if known is not None:
        return known
    if ticket.status is Status.CLOSED:
        ticket, opened = _followed_up(tx, ticket)
        if opened:
            now = ticket.opened_at
            return add_received(tx, ticket, received, now, first=True, origin_id=ticket_id)
    before, now = ticket.status, tx.clock.now()
    ticket.customer_wrote(now)
    message = add_received(tx, ticket, received, now, origin_id=ticket_id)
    tickets.changed(tx, ticket, Moment(Happening.CUSTOMER_MESSAGE, now, before))
    if received.call != NO_CALL and tx.caller.user_id is not None:
        # Who writes down what was said on the telephone has spoken with the customer.
        keep_promises(tx, ticket, KeptBy.PHONE_NOTE, now)
    return message


def reply(
    tx: DeskTx,
    ticket_id: UUID,
    said: Said,
    *,
    status: Status | None = None,
    article_id: UUID | None = None,
) -> Message:
    """Answer the customer, and have the ticket stand as `status` says from then on.

    Raises `NotFound`, `Invalid` for nothing, `Conflict` for a closed one.
    """
    ticket = tx.tickets.get(ticket_id)
    known = _already(tx, ticket_id, _channel_of(said, ticket), said.external_id)
    if known is not None:
        return known
    before, now = ticket.status, tx.clock.now()
    first = ticket.answered(now, automatic=said.automatic, opens=status is None)
    message = add_said(tx, ticket, MessageKind.REPLY, said, now, first=first)
    what = Happening.AUTOMATIC_REPLY if said.automatic else Happening.REPLY
    tickets.changed(tx, ticket, Moment(what, now, before))
    if status is not None:
        tickets.set_status(tx, ticket_id, status, cause="reply", article_id=article_id)
    return message


def note(tx: DeskTx, ticket_id: UUID, said: Said) -> Message:
    """Note something that the customer does not see, of a closed ticket as well.

    The note of a call keeps the promises that a reply keeps. Who is mentioned is told so, but for
    whoever notes it.
    Raises `NotFound`, `Invalid` for nothing, and for a mention of who is no user.
    """
    ticket = tx.tickets.get(ticket_id)
    known = _already(tx, ticket_id, _channel_of(said, ticket), said.external_id)
    if known is not None:
        return known
    _require_colleagues(tx, said.mentions)
    now = tx.clock.now()
    ticket.noted_something(now)
    message = add_said(tx, ticket, MessageKind.NOTE, said, now)
    if said.call != NO_CALL:
        keep_promises(tx, ticket, KeptBy.PHONE_NOTE, now)
    others = tuple(one for one in said.mentions if one != message.author_id)
    if others:
        raise_alerts(tx, ticket, [Alert(user_ids=others)], Source("mention", message.id))
    return message


def _current(tx: DeskTx, ticket: Ticket) -> Ticket:
    """The ticket that one is part of by now: itself, unless it was merged."""
    for _ in range(MOST_MERGES):
        if ticket.merged_into_id is None:
            return ticket
        target = tx.tickets.whosever(ticket.merged_into_id)
        if target is None:
            raise NotFound.of("ticket", ticket.merged_into_id)
        ticket = target
    return ticket


def _followed_up(tx: DeskTx, closed: Ticket) -> tuple[Ticket, bool]:
    """The ticket that follows up a closed one, and whether it was opened just now."""
    known = latest_follow_up(tx, closed.id)
    found = None if known is None else tx.tickets.whosever(known)
    if found is not None:
        found = _current(tx, found)
        return _followed_up(tx, found) if found.status is Status.CLOSED else (found, False)
    details = TicketDetails(
        subject=closed.subject,
        person_id=closed.person_id,
        company_id=closed.company_id,
        requester_address=closed.requester_address,
        type=closed.type,
        priority=closed.priority,
        product_sku=closed.product_sku,
        asset_id=closed.asset_id,
        tags=closed.tags,
        language=closed.language,
        channel=closed.channel,
    )
    queue_id = tickets.queue_in_use(tx, closed.queue_id)
    opened = tickets.open_ticket(tx, details, queue_id=queue_id, follow_up_of=closed.id)
    keep_link(tx, opened, closed.id, LinkKind.FOLLOW_UP_OF)
    return opened, True


def _already(
    tx: DeskTx, ticket_id: UUID, channel: Channel, external_id: str | None
) -> Message | None:
    if external_id is None:
        return None
    tx.try_again_on(MESSAGE_ONCE)
    return tx.messages.already(ticket_id, channel, external_id)


def _channel_of(said: Said, ticket: Ticket) -> Channel:
    return said.channel or (Channel.EMAIL if ticket.channel is Channel.WEB_FORM else ticket.channel)


def _require_colleagues(tx: DeskTx, user_ids: tuple[UUID, ...]) -> None:
    strangers = unknown(tx, user_ids) if user_ids else frozenset()
    wrong = tuple(
        Violation(f"/mentions/{place}", "user_unknown", f"There is no user {one}.")
        for place, one in enumerate(user_ids)
        if one in strangers
    )
    if wrong:
        raise Invalid("Not all who are mentioned are users.", violations=wrong)
