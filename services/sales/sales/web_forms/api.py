"""Web forms, and what they hold back, over REST; visitors submit to the pages of `pages.py`."""

from __future__ import annotations

from uuid import UUID

from flask import Response

from chassis.http.call import Call
from chassis.http.reply import Reply
from chassis.http.routes import Routes
from chassis.storage.listing import Listing
from sales.transaction import SalesTx
from sales.web_forms import operations, queries
from sales.web_forms.domain import FormSubmission, WebForm
from sales.web_forms.models import (
    FormSubmissionOut,
    SnippetOut,
    SnippetQuery,
    WebFormIn,
    WebFormOut,
    definition_in,
    shown,
    submission_shown,
)
from sales.web_forms.snippet import snippet_of

READ = "sales.web_forms.read"
WRITE = "sales.web_forms.write"
SUBMISSIONS_READ = "sales.form_submissions.read"
SUBMISSIONS_WRITE = "sales.form_submissions.write"


def web_form_routes(public_url: str) -> Routes:
    """The routes of web forms; snippets name the address that the platform is reached at."""
    routes = Routes("/v1/sales/web-forms", tag="web-forms")
    routes.get("", permission=READ, listing=queries.WEB_FORMS, returns=WebFormOut)(list_web_forms)
    routes.post(
        "", permission=WRITE, body=WebFormIn, returns=WebFormOut, status=201, problems=(409,)
    )(define_web_form)
    one = "/<uuid:web_form_id>"
    routes.get(one, permission=READ, returns=WebFormOut)(get_web_form)
    routes.put(one, permission=WRITE, body=WebFormIn, returns=WebFormOut, conditional=True)(
        change_web_form
    )
    routes.delete(one, permission=WRITE)(archive_web_form)
    routes.post(f"{one}/restore", permission=WRITE, returns=WebFormOut)(restore_web_form)

    @routes.get(f"{one}/snippet", permission=READ, query=SnippetQuery, returns=SnippetOut)
    def get_web_form_snippet(call: Call[SalesTx], query: SnippetQuery, web_form_id: UUID) -> Reply:
        """Get the HTML to put a form into a page with, in a language."""
        form = call.read(queries.find_web_form, web_form_id)
        html = snippet_of(form, query.language, public_url)
        return Reply({"language": query.language, "html": html})

    return routes


def list_web_forms(call: Call[SalesTx], listing: Listing) -> Reply:
    """List web forms, the latest first."""
    return Reply(call.read(queries.list_web_forms, listing))


def define_web_form(call: Call[SalesTx], body: WebFormIn) -> Response:
    """Define a web form: what it asks, from which pages it may come, and where visitors go on to."""

    def reply(_tx: SalesTx, form: WebForm) -> Reply:
        return Reply.created(f"/v1/sales/web-forms/{form.id}", shown(form), form.version)

    return call.run(
        lambda tx: operations.define_web_form(tx, body.name, definition_in(body)), reply
    )


def get_web_form(call: Call[SalesTx], web_form_id: UUID) -> Reply:
    """Get a web form."""
    form = call.read(queries.get_web_form, web_form_id)
    return Reply(form, version=form["version"])


def change_web_form(call: Call[SalesTx], body: WebFormIn, web_form_id: UUID) -> Response:
    """Have a web form ask something else from now on."""
    return call.run(
        lambda tx: operations.change_web_form(tx, web_form_id, body.name, definition_in(body)),
        _shown,
    )


def archive_web_form(call: Call[SalesTx], web_form_id: UUID) -> Response:
    """Archive a web form: it takes nothing any more."""
    return call.run(
        lambda tx: operations.archive_web_form(tx, web_form_id), lambda _tx, _f: Reply.nothing()
    )


def restore_web_form(call: Call[SalesTx], web_form_id: UUID) -> Response:
    """Have an archived web form take submissions again."""
    return call.run(lambda tx: operations.restore_web_form(tx, web_form_id), _shown)


submissions = Routes("/v1/sales/form-submissions", tag="form-submissions")


@submissions.get(
    "",
    permission=SUBMISSIONS_READ,
    listing=queries.FORM_SUBMISSIONS,
    returns=FormSubmissionOut,
)
def list_form_submissions(call: Call[SalesTx], listing: Listing) -> Reply:
    """List what web forms have held back, and why, the latest first."""
    return Reply(call.read(queries.list_submissions, listing))


@submissions.get("/<uuid:submission_id>", permission=SUBMISSIONS_READ, returns=FormSubmissionOut)
def get_form_submission(call: Call[SalesTx], submission_id: UUID) -> Reply:
    """Get a submission that was held back."""
    submission = call.read(queries.get_submission, submission_id)
    return Reply(submission, version=submission["version"])


@submissions.post(
    "/<uuid:submission_id>/release",
    permission=SUBMISSIONS_WRITE,
    returns=FormSubmissionOut,
    conditional=True,
    problems=(409,),
)
def release_form_submission(call: Call[SalesTx], submission_id: UUID) -> Response:
    """Have a lead come of a submission that is no abuse, or a touch of a known one."""
    return call.run(lambda tx: operations.release_submission(tx, submission_id), _submission_shown)


@submissions.post(
    "/<uuid:submission_id>/drop",
    permission=SUBMISSIONS_WRITE,
    returns=FormSubmissionOut,
    conditional=True,
    problems=(409,),
)
def drop_form_submission(call: Call[SalesTx], submission_id: UUID) -> Response:
    """Forget what is in a submission that is abuse."""
    return call.run(lambda tx: operations.drop_submission(tx, submission_id), _submission_shown)


def _shown(_tx: SalesTx, form: WebForm) -> Reply:
    return Reply(shown(form), version=form.version)


def _submission_shown(_tx: SalesTx, submission: FormSubmission) -> Reply:
    return Reply(submission_shown(submission), version=submission.version)
