"""What administrators do to web forms, what visitors submit, and what becomes of what was held back."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from chassis.domain import Conflict, Unavailable
from chassis.work.timers import Timer, cancel_timer, set_timer
from sales.lead_facts.domain import TouchKind
from sales.leads.domain import LeadDetails
from sales.leads.operations import Encounter, meet_lead
from sales.transaction import SalesTx
from sales.web_forms.answers import details_of
from sales.web_forms.domain import (
    KEPT_FOR,
    MOST_FORMS,
    MOST_WAITING,
    TICKET_LASTS,
    FormDefinition,
    FormSubmission,
    SubmissionState,
    Submitted,
    WebForm,
)

EXPIRY = "form_submission_expiry"
TICKET_EXPIRY = "form_ticket_expiry"


def define_web_form(tx: SalesTx, name: str, definition: FormDefinition) -> WebForm:
    """Define a form. Raises `Invalid`, `Conflict` when there are too many."""
    if tx.web_forms.count() >= MOST_FORMS:
        message = f"There are {MOST_FORMS} web forms already."
        raise Conflict(message, code="too_many_web_forms")
    now = tx.clock.now()
    form = WebForm(
        id=tx.ids.new(), name=name, definition=definition, created_at=now, updated_at=now
    )
    form.define()
    tx.web_forms.add(form)
    return form


def change_web_form(
    tx: SalesTx, web_form_id: UUID, name: str, definition: FormDefinition
) -> WebForm:
    """Have a form ask something else from now on. Raises `NotFound`, `Invalid`."""
    form = tx.web_forms.get(web_form_id)
    form.change(name, definition, tx.clock.now())
    return form


def archive_web_form(tx: SalesTx, web_form_id: UUID) -> WebForm:
    """Have a form take nothing any more. Raises `NotFound`."""
    form = tx.web_forms.get(web_form_id)
    form.archive(tx.clock.now())
    return form


def restore_web_form(tx: SalesTx, web_form_id: UUID) -> WebForm:
    """Have an archived form take submissions again. Raises `NotFound`."""
    form = tx.web_forms.get(web_form_id)
    form.restore(tx.clock.now())
    return form


def submit(tx: SalesTx, form: WebForm, sent: Submitted, language: str) -> None:
    """Take what somebody has sent: a lead or a touch comes of it, or it is held back.

    A ticket counts once: what is sent again with the same one changes nothing. Raises `Invalid`, and
    `Unavailable` when too much is held back already.
    """
    form.require_complete(sent.answers)
    details, now = details_of(form, sent.answers, language), tx.clock.now()
    suspicions = form.suspicions(sent, now)
    if sent.opening.at is not None and not _is_new(tx, sent.ticket, now):
        return
    if suspicions:
        _quarantine(
            tx,
            FormSubmission(
                id=tx.ids.new(),
                web_form_id=form.id,
                state=SubmissionState.QUARANTINED,
                reasons=suspicions,
                answers={**sent.answers, "language": language},
                variant=sent.variant,
                received_at=now,
            ),
        )
        return
    _meet(tx, form, details, sent.answers, sent.variant, now)


def release_submission(tx: SalesTx, submission_id: UUID) -> FormSubmission:
    """Have a lead or a touch come of what was held back. Raises `NotFound`, `Conflict`, `Invalid`."""
    submission = tx.form_submissions.get(submission_id)
    submission.require_waiting()
    form = tx.web_forms.get(submission.web_form_id)
    answers = dict(submission.answers)
    details = details_of(form, answers, answers.pop("language", ""))
    lead_id = _meet(tx, form, details, answers, submission.variant, submission.received_at)
    submission.release(lead_id, tx.caller.actor, tx.clock.now())
    cancel_timer(tx, EXPIRY, str(submission_id))
    return submission


def drop_submission(tx: SalesTx, submission_id: UUID) -> FormSubmission:
    """Forget what was held back. Raises `NotFound`, `Conflict` unless it still waits."""
    submission = tx.form_submissions.get(submission_id)
    submission.drop(tx.caller.actor, tx.clock.now())
    cancel_timer(tx, EXPIRY, str(submission_id))
    return submission


def submission_has_waited(tx: SalesTx, timer: Timer) -> None:
    """Forget what nobody has looked at in time."""
    for submission in tx.form_submissions.get_many([UUID(timer.key)]):
        if submission.state is SubmissionState.QUARANTINED:
            submission.drop(tx.caller.actor, tx.clock.now(), expired=True)


def ticket_has_expired(tx: SalesTx, timer: Timer) -> None:
    """Forget a used ticket: what is sent with it is held back by now."""
    tx.form_submissions.forget_ticket(timer.key)


def _is_new(tx: SalesTx, ticket: str, now: datetime) -> bool:
    if not tx.form_submissions.use_ticket(ticket):
        return False
    # Longer than it lasts: from its expiry on, what comes with it is held back as expired.
    set_timer(tx, TICKET_EXPIRY, ticket, now + TICKET_LASTS)
    return True


def _quarantine(tx: SalesTx, submission: FormSubmission) -> None:
    if tx.form_submissions.waiting(submission.web_form_id) >= MOST_WAITING:
        message = "Too much waits to be looked at; try again later."
        raise Unavailable(message, code="too_many_waiting", retry_after=3600)
    submission.quarantine()
    tx.form_submissions.add(submission)
    set_timer(tx, EXPIRY, str(submission.id), submission.received_at + KEPT_FOR)


def _meet(
    tx: SalesTx,
    form: WebForm,
    details: LeadDetails,
    answers: Mapping[str, str],
    variant: str,
    at: datetime,
) -> UUID:
    encounter = Encounter(
        kind=TouchKind.FORM,
        origin=form.definition.origin(variant),
        at=at,
        consents=form.consents_in(answers, details.language, at),
        web_form_id=form.id,
    )
    return meet_lead(tx, details, encounter, form.definition.owner_id).lead.id
