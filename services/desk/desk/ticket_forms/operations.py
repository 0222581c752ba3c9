"""What administrators do to forms, what visitors send, and what becomes of what was held back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from uuid import UUID

from chassis.domain import Conflict, Unavailable
from chassis.work.timers import Timer, cancel_timer, set_timer
from desk.messages.adding import Received
from desk.messages.domain import Sender
from desk.queues.operations import require_queue
from desk.ticket_facts.domain import Channel
from desk.ticket_forms.domain import (
    KEPT_FOR,
    MOST_FORMS,
    MOST_WAITING,
    FormDefinition,
    HeldSubmission,
    Submission,
    SubmissionState,
    TicketForm,
)
from desk.tickets.domain import ExternalId, TicketDetails
from desk.tickets.operations import EXTERNAL_IDS_ONCE, open_ticket, queue_in_use
from desk.transaction import DeskTx

SUBMISSION_TIMER = "ticket_submission_expiry"
SYSTEM = "web_form"
"""What a visitor's submission is known under, so that it counts once: this, the form and the key."""


def define_form(tx: DeskTx, key: str, definition: FormDefinition) -> TicketForm:
    """Define a form. Raises `Invalid` for a queue there is not, `Conflict` when there are too many."""
    if tx.ticket_forms.count() >= MOST_FORMS:
        raise Conflict(f"There are {MOST_FORMS} forms already.", code="too_many_ticket_forms")
    if definition.queue_id is not None:
        require_queue(tx, definition.queue_id)
    now = tx.clock.now()
    form = TicketForm(
        id=tx.ids.new(), key=key, definition=definition, created_at=now, updated_at=now
    )
    form.define()
    tx.ticket_forms.add(form)
    return form


def change_form(tx: DeskTx, form_id: UUID, changes: Mapping[str, Any]) -> TicketForm:
    """Change what is mentioned. Raises `NotFound`, `Invalid` for a queue there is not."""
    form = tx.ticket_forms.get(form_id)
    if changes.get("queue_id") is not None:
        require_queue(tx, changes["queue_id"])
    form.change(replace(form.definition, **changes), tx.clock.now())
    return form


def archive_form(tx: DeskTx, form_id: UUID) -> TicketForm:
    """Have a form take nothing any more. Raises `NotFound`."""
    form = tx.ticket_forms.get(form_id)
    form.archive(tx.clock.now())
    return form


def restore_form(tx: DeskTx, form_id: UUID) -> TicketForm:
    """Have an archived form take what visitors send again. Raises `NotFound`."""
    form = tx.ticket_forms.get(form_id)
    form.restore(tx.clock.now())
    return form


def submit(tx: DeskTx, form: TicketForm, sent: Submission) -> None:
    """Open a ticket for what a visitor has sent, or hold it back.

    With a key it counts once. Raises `Unavailable` when too much is held back already.
    """
    if not sent.suspicions:
        _open(tx, form, sent)
        return
    if tx.ticket_submissions.waiting(form.id) >= MOST_WAITING:
        message = "Too much waits to be looked at; try again later."
        raise Unavailable(message, code="too_many_waiting", retry_after=3600)
    plain = ("name", "email", "subject", "text", "language", "key")
    held = HeldSubmission(
        id=tx.ids.new(),
        ticket_form_id=form.id,
        state=SubmissionState.QUARANTINED,
        reasons=sent.suspicions,
        answers={name: getattr(sent, name) for name in plain},
        received_at=tx.clock.now(),
    )
    held.quarantine()
    tx.ticket_submissions.add(held)
    set_timer(tx, SUBMISSION_TIMER, str(held.id), held.received_at + KEPT_FOR)


def accept_submission(tx: DeskTx, submission_id: UUID) -> HeldSubmission:
    """Open a ticket for what was held back. Raises `NotFound`, `Conflict` unless it waits."""
    held = tx.ticket_submissions.get(submission_id)
    held.require_waiting()
    form = tx.ticket_forms.get(held.ticket_form_id)
    ticket_id = _open(tx, form, Submission.of(held.answers))
    held.review(ticket_id, tx.caller.actor, tx.clock.now())
    cancel_timer(tx, SUBMISSION_TIMER, str(submission_id))
    return held


def discard_submission(tx: DeskTx, submission_id: UUID) -> HeldSubmission:
    """Forget what was held back. Raises `NotFound`, `Conflict` unless it waits."""
    held = tx.ticket_submissions.get(submission_id)
    held.review(None, tx.caller.actor, tx.clock.now())
    cancel_timer(tx, SUBMISSION_TIMER, str(submission_id))
    return held


def submission_has_waited(tx: DeskTx, timer: Timer) -> None:
    """Forget what nobody has looked at in time."""
    for held in tx.ticket_submissions.get_many([UUID(timer.key)]):
        if held.state is SubmissionState.QUARANTINED:
            held.review(None, tx.caller.actor, tx.clock.now())


def _open(tx: DeskTx, form: TicketForm, sent: Submission) -> UUID:
    ids: tuple[ExternalId, ...] = ()
    if sent.key:
        tx.try_again_on(EXTERNAL_IDS_ONCE)
        ids = (ExternalId(SYSTEM, f"{form.id} {sent.key}"),)
        known = tx.tickets.by_external_id(ids[0])
        if known is not None:
            return known.id
    definition = form.definition
    details = TicketDetails(
        subject=sent.subject,
        requester_address=sent.email,
        type=definition.type,
        tags=definition.tags,
        language=sent.language,
        channel=Channel.WEB_FORM,
        external_ids=ids,
    )
    said = Received(sent.text, sender=Sender(None, sent.name, sent.email), language=sent.language)
    queue_id = queue_in_use(tx, definition.queue_id)
    ticket = open_ticket(tx, details, said, queue_id=queue_id, keep_assignee=True)
    return ticket.id
