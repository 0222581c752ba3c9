"""What users, apps and facts do to tickets; each function is one transaction, or part of one."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from chassis.domain import Conflict, Invalid
from chassis.work.timers import Timer, cancel_timer, set_timer
from desk.articles.storage import is_there
from desk.assets.queries import asset_for
from desk.clocks.operations import follow
from desk.colleagues.standing import gone, unknown
from desk.desk_settings.storage import preferences_of
from desk.messages.adding import Received, add_received
from desk.people.named import current_or_none
from desk.queues.operations import require_queue
from desk.requesters.domain import Requester
from desk.requesters.storage import keep_question
from desk.ticket_facts.domain import Happening, Moment, Status, TicketType
from desk.ticket_fields.domain import check_values, require_filled
from desk.ticket_fields.storage import fields_by_key
from desk.tickets.domain import MANUAL, ExternalId, Ticket, TicketDetails, Value
from desk.tickets.naming import require_asset, require_new_asset
from desk.transaction import DeskTx

CLOSING_TIMER = "ticket_closing"
EXTERNAL_IDS_ONCE = "ticket_external_ids_unique"
KEEP: Final = object()
"""In place of a queue or an assignee: leave it as it is."""


def open_ticket(
    tx: DeskTx,
    details: TicketDetails,
    first_message: Received | None = None,
    *,
    queue_id: UUID | None = None,
    assignee_id: UUID | None = None,
    follow_up_of: UUID | None = None,
    keep_assignee: bool = False,
) -> Ticket:
    """Open a ticket, with what the customer has said if anything was.

    A user who names neither queue nor assignee looks after it, unless `keep_assignee` says that
    nobody is to. Raises `Invalid` for a user, a queue, a thing or a problem there is not.
    """
    if queue_id is None and assignee_id is None and not keep_assignee:
        assignee_id = tx.caller.user_id
    if not keep_assignee:
        _require_colleague(tx, assignee_id)
    require_asset(tx, details.asset_id)
    _require_problem(tx, details.problem_id)
    now, chosen = tx.clock.now(), preferences_of(tx)
    ticket = Ticket(
        id=tx.ids.new(),
        # Placed below; the number is taken last, since others wait for theirs from then on.
        number=0,
        prefix=chosen.number_prefix,
        **_given(tx, details),
        queue_id=queue_id,
        team_id=_team_of(tx, queue_id),
        assignee_id=assignee_id,
        opened_at=now,
        updated_at=now,
        last_customer_message_at=None if first_message is None else now,
        waiting_since=now,
    )
    ticket.number = tx.tickets.next_number()
    ticket.open(tx.caller.user_id, follow_up_of)
    tx.tickets.add(ticket)
    if first_message is not None:
        # The row that the message refers to comes first.
        tx.flush()
        add_received(tx, ticket, first_message, now, first=True)
    _ask_for_requester(tx, ticket, "" if first_message is None else first_message.sender.name)
    changed(tx, ticket, Moment(Happening.OPENED, now, Status.NEW))
    return ticket


def change_ticket(tx: DeskTx, ticket_id: UUID, changes: Mapping[str, Any]) -> Ticket:
    """Change what is mentioned. Raises `NotFound`, `Invalid`, `Conflict` for a closed one."""
    ticket = tx.tickets.get(ticket_id)
    if changes.get("problem_id") != ticket.problem_id:
        _require_problem(tx, changes.get("problem_id"), ticket)
    require_new_asset(tx, changes, ticket.asset_id)
    if "person_id" in changes:
        person_id = current_or_none(tx, changes["person_id"])
        changes = {**changes, "person_id": person_id}
    if changes.get("custom_fields"):
        changes = {**changes, "custom_fields": checked_values(tx, changes["custom_fields"])}
    before, now = ticket.status, tx.clock.now()
    if ticket.change(changes, now):
        if "requester_address" in changes:
            _ask_for_requester(tx, ticket)
        changed(tx, ticket, Moment(Happening.CHANGED, now, before))
    return ticket


def tag_ticket(
    tx: DeskTx, ticket_id: UUID, *, add: tuple[str, ...] = (), remove: tuple[str, ...] = ()
) -> Ticket:
    """Mark a ticket, and take marks away. Raises `NotFound`, `Conflict` for a closed one."""
    tags = (set(tx.tickets.get(ticket_id).tags) | set(add)) - set(remove)
    return change_ticket(tx, ticket_id, {"tags": tuple(sorted(tags))})


def assign_ticket(
    tx: DeskTx,
    ticket_id: UUID,
    *,
    queue_id: UUID | object | None = KEEP,
    assignee_id: UUID | object | None = KEEP,
    cause: str = MANUAL,
) -> Ticket:
    """Put a ticket into a queue, into somebody's hands, or both; None takes it out of them.

    What goes into another queue leaves the hands it was in, unless somebody is named. Raises
    `NotFound`, `Invalid` for a queue or a user there is not, `Conflict` for a closed one.
    """
    ticket = tx.tickets.get(ticket_id)
    queue, team = ticket.queue_id, ticket.team_id
    if queue_id is not KEEP and queue_id != queue:
        queue = queue_id if isinstance(queue_id, UUID) else None
        team = _team_of(tx, queue)
        assignee_id = None if assignee_id is KEEP else assignee_id
    assignee = ticket.assignee_id if assignee_id is KEEP else assignee_id
    assignee = assignee if isinstance(assignee, UUID) else None
    if assignee != ticket.assignee_id:
        _require_colleague(tx, assignee)
    before, now = ticket.status, tx.clock.now()
    if ticket.assign(queue, team, assignee, cause, now):
        changed(tx, ticket, Moment(Happening.ASSIGNED, now, before))
    return ticket


def set_status(
    tx: DeskTx,
    ticket_id: UUID,
    status: Status,
    *,
    cause: str = MANUAL,
    article_id: UUID | None = None,
) -> Ticket:
    """Have a ticket stand otherwise. Raises `NotFound`, `Invalid`, `Conflict`."""
    if status is Status.RESOLVED:
        return resolve_ticket(tx, ticket_id, article_id=article_id, cause=cause)
    if status is Status.CLOSED:
        return close_ticket(tx, ticket_id, cause=cause)
    return _done(tx, ticket_id, Happening.STATUS, lambda t, now: t.set_status(status, cause, now))


def resolve_ticket(
    tx: DeskTx, ticket_id: UUID, *, article_id: UUID | None = None, cause: str = MANUAL
) -> Ticket:
    """Settle a ticket; `article_id` is what solved it. Raises `NotFound`, `Invalid`, `Conflict`."""
    actor, ticket = tx.caller.actor, tx.tickets.get(ticket_id)
    if article_id is not None and not is_there(tx, article_id):
        raise Invalid.at("/article_id", "article_unknown", f"There is no article {article_id}.")
    if not ticket.is_settled:
        require_filled(list(fields_by_key(tx).values()), ticket.custom_fields)
    return _done(
        tx, ticket_id, Happening.RESOLVED, lambda t, now: t.resolve(actor, article_id, cause, now)
    )


def reopen_ticket(tx: DeskTx, ticket_id: UUID, *, cause: str = MANUAL) -> Ticket:
    """Go on with what was resolved. Raises `NotFound`, `Conflict` for one that is not."""

    def reopen(ticket: Ticket, now: datetime) -> bool:
        ticket.reopen(cause, now)
        return True

    return _done(tx, ticket_id, Happening.REOPENED, reopen)


def close_ticket(tx: DeskTx, ticket_id: UUID, *, cause: str = MANUAL) -> Ticket:
    """Put a resolved ticket away for good. Raises `NotFound`, `Conflict` for one that is not."""
    return _done(tx, ticket_id, Happening.CLOSED, lambda t, now: t.close(cause, now))


def closing_is_due(tx: DeskTx, timer: Timer) -> None:
    """Close what was resolved long enough ago, if it still is."""
    found = tx.tickets.get_many([UUID(timer.key)])
    if found and found[0].status is Status.RESOLVED:
        close_ticket(tx, found[0].id, cause="timer")


def changed(tx: DeskTx, ticket: Ticket, moment: Moment) -> None:
    """What follows at once from every change of a ticket; each operation on one ends here."""
    _time_the_closing(tx, ticket, moment)
    follow(tx, ticket, moment)


def known_as(tx: DeskTx, key: ExternalId, changes: Mapping[str, Any]) -> Ticket | None:
    """Change the ticket that another system calls this; None when there is none yet.

    Raises `Invalid`, `PreconditionFailed`, `Conflict` for one that is closed.
    """
    tx.try_again_on(EXTERNAL_IDS_ONCE)
    known = tx.tickets.by_external_id(key)
    tx.require_version(known)
    return None if known is None else change_ticket(tx, known.id, changes)


def _done(
    tx: DeskTx, ticket_id: UUID, what: Happening, step: Callable[[Ticket, datetime], bool]
) -> Ticket:
    ticket, now = tx.tickets.get(ticket_id), tx.clock.now()
    before = ticket.status
    if step(ticket, now):
        changed(tx, ticket, Moment(what, now, before))
    return ticket


def _time_the_closing(tx: DeskTx, ticket: Ticket, moment: Moment) -> None:
    was, key = moment.status_before is Status.RESOLVED, str(ticket.id)
    if ticket.status is Status.RESOLVED and not was and ticket.resolved_at is not None:
        days = preferences_of(tx).close_after_days
        set_timer(tx, CLOSING_TIMER, key, ticket.resolved_at + timedelta(days=days))
    elif was and ticket.status is not Status.RESOLVED:
        cancel_timer(tx, CLOSING_TIMER, key)


def _given(tx: DeskTx, details: TicketDetails) -> dict[str, Any]:
    """The details as a new ticket has them."""
    given = {name: getattr(details, name) for name in TicketDetails.__dataclass_fields__}
    checked = checked_values(tx, details.custom_fields)
    values = {key: value for key, value in checked.items() if value is not None}
    person_id = current_or_none(tx, details.person_id)
    return {
        **given,
        "person_id": person_id,
        "asset_id": details.asset_id or asset_for(tx, person_id, details.product_sku),
        "tags": tuple(sorted(set(details.tags))),
        "custom_fields": values,
        "external_ids": tuple(dict.fromkeys(details.external_ids)),
    }


def _ask_for_requester(tx: DeskTx, ticket: Ticket, name: str = "") -> None:
    """Have contacts asked who it is, where only an address is known."""
    if ticket.person_id is None and ticket.requester_address:
        # The row it refers to comes first.
        tx.flush()
        who = Requester(ticket.id, ticket.requester_address, name, ticket.language)
        keep_question(tx, who, tx.clock.now())


def queue_in_use(tx: DeskTx, queue_id: UUID | None) -> UUID | None:
    """The queue, or None where it takes nothing any more: what comes by itself is not refused for it."""
    if queue_id is None:
        return None
    try:
        return require_queue(tx, queue_id).id
    except Invalid:
        return None


def checked_values(tx: DeskTx, given: Mapping[str, Value]) -> Mapping[str, Value]:
    """Values of custom fields as they are kept. Raises `Invalid` for what no field takes."""
    return check_values(fields_by_key(tx), given) if given else {}


def _team_of(tx: DeskTx, queue_id: UUID | None) -> UUID | None:
    """The team of a queue. Raises `Invalid` for a queue that there is not, or that is archived."""
    return None if queue_id is None else require_queue(tx, queue_id).definition.team_id


def _require_problem(tx: DeskTx, problem_id: UUID | None, incident: Ticket | None = None) -> None:
    """Raises `Invalid` for what no incident can hang on: it is none, or is no open problem."""
    if problem_id is None:
        return
    found = tx.tickets.get_many([problem_id])
    if not found or found[0].type is not TicketType.PROBLEM:
        message = f"There is no ticket {problem_id} of the type problem."
        raise Invalid.at("/problem_id", "problem_unknown", message)
    if incident is not None and incident.id == problem_id:
        raise Invalid.at("/problem_id", "problem_itself", "A problem does not hang on itself.")
    if found[0].status is Status.CLOSED:
        raise Invalid.at("/problem_id", "problem_closed", "The problem is closed.")


def _require_colleague(tx: DeskTx, user_id: UUID | None) -> None:
    """Raises `Invalid` for who is no user of the tenant, `Conflict` for who may not sign in."""
    if user_id is None:
        return
    if unknown(tx, [user_id]):
        message = f"There is no user {user_id}."
        raise Invalid.at("/assignee_id", "user_unknown", message)
    if gone(tx, [user_id]):
        raise Conflict("The user may not sign in.", code="assignee_gone")
