"""Forms of tickets, and what they hold back, over REST; visitors send to the pages of `pages.py`."""

from __future__ import annotations

from uuid import UUID

from flask import Response

from chassis.http.call import Call
from chassis.http.reply import Reply
from chassis.http.routes import Routes
from chassis.storage.listing import Listing
from desk.ticket_forms import operations, queries
from desk.ticket_forms.domain import FormDefinition, HeldSubmission, TicketForm
from desk.ticket_forms.models import (
    TicketFormIn,
    TicketFormOut,
    TicketFormPatch,
    TicketSubmissionOut,
    changes_of,
    held_shown,
    shown,
)
from desk.transaction import DeskTx

READ = "desk.ticket_forms.read"
WRITE = "desk.ticket_forms.write"
SUBMISSIONS_READ = "desk.ticket_submissions.read"
SUBMISSIONS_WRITE = "desk.ticket_submissions.write"

ticket_forms = Routes("/v1/desk/ticket-forms", tag="ticket forms")
ticket_submissions = Routes("/v1/desk/ticket-submissions", tag="ticket forms")


@ticket_forms.get("", permission=READ, listing=queries.FORMS, returns=TicketFormOut)
def list_ticket_forms(call: Call[DeskTx], listing: Listing) -> Reply:
    """List forms by key, unless asked otherwise; archived ones only when asked for."""
    return Reply(call.read(queries.list_forms, listing))


@ticket_forms.post(
    "", permission=WRITE, body=TicketFormIn, returns=TicketFormOut, status=201, problems=(409,)
)
def define_ticket_form(call: Call[DeskTx], body: TicketFormIn) -> Response:
    """Let visitors of a website open tickets by another form."""
    definition = FormDefinition(**changes_of(body))

    def reply(_tx: DeskTx, one: TicketForm) -> Reply:
        return Reply.created(f"{ticket_forms.prefix}/{one.id}", shown(one), one.version)

    return call.run(lambda tx: operations.define_form(tx, body.key, definition), reply)


@ticket_forms.get("/<uuid:ticket_form_id>", permission=READ, returns=TicketFormOut)
def get_ticket_form(call: Call[DeskTx], ticket_form_id: UUID) -> Reply:
    """Get a form."""
    form = call.read(queries.get_form, ticket_form_id)
    return Reply(form, version=form["version"])


@ticket_forms.patch(
    "/<uuid:ticket_form_id>", permission=WRITE, body=TicketFormPatch, returns=TicketFormOut
)
def change_ticket_form(call: Call[DeskTx], body: TicketFormPatch, ticket_form_id: UUID) -> Response:
    """Change what is mentioned of a form."""
    changes = changes_of(body)
    return call.run(
        lambda tx: operations.change_form(tx, ticket_form_id, changes),
        lambda _tx, one: Reply(shown(one), version=one.version),
    )


@ticket_forms.delete("/<uuid:ticket_form_id>", permission=WRITE)
def archive_ticket_form(call: Call[DeskTx], ticket_form_id: UUID) -> Response:
    """Archive a form: it takes nothing any more."""
    return call.run(
        lambda tx: operations.archive_form(tx, ticket_form_id),
        lambda _tx, _one: Reply.nothing(),
    )


@ticket_forms.post("/<uuid:ticket_form_id>/restore", permission=WRITE, returns=TicketFormOut)
def restore_ticket_form(call: Call[DeskTx], ticket_form_id: UUID) -> Response:
    """Have an archived form take what visitors send again, at the address that it had."""
    return call.run(
        lambda tx: operations.restore_form(tx, ticket_form_id),
        lambda _tx, one: Reply(shown(one), version=one.version),
    )


@ticket_submissions.get(
    "", permission=SUBMISSIONS_READ, listing=queries.SUBMISSIONS, returns=TicketSubmissionOut
)
def list_ticket_submissions(call: Call[DeskTx], listing: Listing) -> Reply:
    """List what was held back, the latest first unless asked otherwise."""
    return Reply(call.read(queries.list_submissions, listing))


@ticket_submissions.get(
    "/<uuid:ticket_submission_id>", permission=SUBMISSIONS_READ, returns=TicketSubmissionOut
)
def get_ticket_submission(call: Call[DeskTx], ticket_submission_id: UUID) -> Reply:
    """Get what was held back."""
    held = call.read(queries.get_submission, ticket_submission_id)
    return Reply(held, version=held["version"])


@ticket_submissions.post(
    "/<uuid:ticket_submission_id>/accept",
    permission=SUBMISSIONS_WRITE,
    returns=TicketSubmissionOut,
    conditional=True,
    problems=(409,),
)
def accept_ticket_submission(call: Call[DeskTx], ticket_submission_id: UUID) -> Response:
    """Open a ticket for what was held back."""
    return call.run(lambda tx: operations.accept_submission(tx, ticket_submission_id), _reviewed)


@ticket_submissions.post(
    "/<uuid:ticket_submission_id>/discard",
    permission=SUBMISSIONS_WRITE,
    returns=TicketSubmissionOut,
    conditional=True,
    problems=(409,),
)
def discard_ticket_submission(call: Call[DeskTx], ticket_submission_id: UUID) -> Response:
    """Forget what was held back."""
    return call.run(lambda tx: operations.discard_submission(tx, ticket_submission_id), _reviewed)


def _reviewed(_tx: DeskTx, one: HeldSubmission) -> Reply:
    return Reply(held_shown(one), version=one.version)
