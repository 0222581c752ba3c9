"""Qualification frameworks over REST."""

from __future__ import annotations

from uuid import UUID

from flask import Response

from chassis.http.call import Call
from chassis.http.reply import Reply
from chassis.http.routes import Routes
from chassis.storage.listing import Listing
from sales.qualification_frameworks import operations, queries
from sales.qualification_frameworks.domain import QualificationFramework
from sales.qualification_frameworks.models import (
    FrameworkIn,
    FrameworkOut,
    FrameworkPatch,
    changed,
    definition_in,
    shown,
)
from sales.transaction import SalesTx

READ = "sales.qualification_frameworks.read"
WRITE = "sales.qualification_frameworks.write"

frameworks = Routes("/v1/sales/qualification-frameworks", tag="leads")


@frameworks.get("", permission=READ, listing=queries.FRAMEWORKS, returns=FrameworkOut)
def list_qualification_frameworks(call: Call[SalesTx], listing: Listing) -> Reply:
    """List by which questions leads are qualified."""
    return Reply(call.read(queries.list_frameworks, listing))


@frameworks.post(
    "", permission=WRITE, body=FrameworkIn, returns=FrameworkOut, status=201, problems=(409,)
)
def define_qualification_framework(call: Call[SalesTx], body: FrameworkIn) -> Response:
    """Define a framework: questions, answers with points, and how many points qualify."""
    definition = definition_in(body)

    def reply(_tx: SalesTx, framework: QualificationFramework) -> Reply:
        where = f"{frameworks.prefix}/{framework.id}"
        return Reply.created(where, shown(framework), framework.version)

    return call.run(lambda tx: operations.define_framework(tx, definition), reply)


@frameworks.get("/<uuid:framework_id>", permission=READ, returns=FrameworkOut)
def get_qualification_framework(call: Call[SalesTx], framework_id: UUID) -> Reply:
    """Get a framework with its newest definition."""
    framework = call.read(queries.get_framework, framework_id)
    return Reply(framework, version=framework["version"])


@frameworks.patch(
    "/<uuid:framework_id>",
    permission=WRITE,
    body=FrameworkPatch,
    returns=FrameworkOut,
    problems=(409,),
)
def redefine_qualification_framework(
    call: Call[SalesTx], body: FrameworkPatch, framework_id: UUID
) -> Response:
    """Change a framework; assessments that are under way go on by what they began with."""
    return call.run(
        lambda tx: operations.redefine_framework(tx, framework_id, lambda old: changed(old, body)),
        _shown,
    )


@frameworks.delete("/<uuid:framework_id>", permission=WRITE)
def archive_qualification_framework(call: Call[SalesTx], framework_id: UUID) -> Response:
    """Archive a framework: nothing new is assessed by it."""
    return call.run(
        lambda tx: operations.archive_framework(tx, framework_id),
        lambda _tx, _framework: Reply.nothing(),
    )


@frameworks.post("/<uuid:framework_id>/restore", permission=WRITE, returns=FrameworkOut)
def restore_qualification_framework(call: Call[SalesTx], framework_id: UUID) -> Response:
    """Take an archived framework back into use."""
    return call.run(lambda tx: operations.restore_framework(tx, framework_id), _shown)


def _shown(_tx: SalesTx, framework: QualificationFramework) -> Reply:
    return Reply(shown(framework), version=framework.version)
