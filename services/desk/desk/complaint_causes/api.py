"""Root causes of complaints over REST."""

from __future__ import annotations

from uuid import UUID

from flask import Response

from chassis.http.call import Call
from chassis.http.reply import Reply
from chassis.http.routes import Routes
from chassis.storage.listing import Listing
from desk.complaint_causes import operations, queries
from desk.complaint_causes.domain import ComplaintCause
from desk.complaint_causes.models import (
    ComplaintCauseIn,
    ComplaintCauseOut,
    ComplaintCauseRename,
    shown,
)
from desk.transaction import DeskTx

READ = "desk.complaints.read"
WRITE = "desk.complaint_causes.write"
_ONE = "/<uuid:complaint_cause_id>"

complaint_causes = Routes("/v1/desk/complaint-causes", tag="complaints")


@complaint_causes.get(
    "", permission=READ, listing=queries.COMPLAINT_CAUSES, returns=ComplaintCauseOut
)
def list_complaint_causes(call: Call[DeskTx], listing: Listing) -> Reply:
    """List what complaints can be put down to; archived causes only when asked for."""
    return Reply(call.read(queries.list_causes, listing))


@complaint_causes.post(
    "",
    permission=WRITE,
    body=ComplaintCauseIn,
    returns=ComplaintCauseOut,
    status=201,
    problems=(409,),
)
def define_complaint_cause(call: Call[DeskTx], body: ComplaintCauseIn) -> Response:
    """Have complaints be put down to another root cause."""

    def reply(_tx: DeskTx, cause: ComplaintCause) -> Reply:
        return Reply.created(f"{complaint_causes.prefix}/{cause.id}", shown(cause), cause.version)

    return call.run(lambda tx: operations.define_cause(tx, body.key, body.name), reply)


@complaint_causes.get(_ONE, permission=READ, returns=ComplaintCauseOut)
def get_complaint_cause(call: Call[DeskTx], complaint_cause_id: UUID) -> Reply:
    """Get a root cause."""
    cause = call.read(queries.get_cause, complaint_cause_id)
    return Reply(cause, version=cause["version"])


@complaint_causes.put(
    _ONE, permission=WRITE, body=ComplaintCauseRename, returns=ComplaintCauseOut, problems=(404,)
)
def rename_complaint_cause(
    call: Call[DeskTx], body: ComplaintCauseRename, complaint_cause_id: UUID
) -> Response:
    """Call a root cause otherwise; its key stays."""
    return call.run(lambda tx: operations.rename_cause(tx, complaint_cause_id, body.name), _shown)


@complaint_causes.post(f"{_ONE}/archive", permission=WRITE, returns=ComplaintCauseOut)
def archive_complaint_cause(call: Call[DeskTx], complaint_cause_id: UUID) -> Response:
    """Have no more complaints put down to a cause; those that were keep it."""
    return call.run(lambda tx: operations.archive_cause(tx, complaint_cause_id), _shown)


@complaint_causes.post(f"{_ONE}/restore", permission=WRITE, returns=ComplaintCauseOut)
def restore_complaint_cause(call: Call[DeskTx], complaint_cause_id: UUID) -> Response:
    """Have complaints put down to an archived cause again."""
    return call.run(lambda tx: operations.restore_cause(tx, complaint_cause_id), _shown)


def _shown(_tx: DeskTx, cause: ComplaintCause) -> Reply:
    return Reply(shown(cause), version=cause.version)
