"""Absences over REST."""

from __future__ import annotations

from uuid import UUID

from flask import Response

from chassis.http.call import Call
from chassis.http.reply import Reply
from chassis.http.routes import Routes
from chassis.storage.listing import Listing
from sales.absences import operations, queries
from sales.absences.domain import Absence
from sales.absences.models import AbsenceIn, AbsenceOut, shown
from sales.transaction import SalesTx

READ = "sales.absences.read"
WRITE = "sales.absences.write"

absences = Routes("/v1/sales/absences", tag="assignment")


@absences.get("", permission=READ, listing=queries.ABSENCES, returns=AbsenceOut)
def list_absences(call: Call[SalesTx], listing: Listing) -> Reply:
    """List absences, by their first day."""
    return Reply(call.read(queries.list_absences, listing))


@absences.post("", permission=WRITE, body=AbsenceIn, returns=AbsenceOut, status=201)
def enter_absence(call: Call[SalesTx], body: AbsenceIn) -> Response:
    """Have a user take no new leads on these days; those that they have stay theirs."""

    def reply(_tx: SalesTx, absence: Absence) -> Reply:
        return Reply.created(f"{absences.prefix}/{absence.id}", shown(absence), absence.version)

    return call.run(
        lambda tx: operations.enter_absence(tx, body.user_id, body.first_day, body.last_day), reply
    )


@absences.get("/<uuid:absence_id>", permission=READ, returns=AbsenceOut)
def get_absence(call: Call[SalesTx], absence_id: UUID) -> Reply:
    """Get an absence."""
    absence = call.read(queries.get_absence, absence_id)
    return Reply(absence, version=absence["version"])


@absences.delete("/<uuid:absence_id>", permission=WRITE)
def remove_absence(call: Call[SalesTx], absence_id: UUID) -> Response:
    """Take an absence back."""
    return call.run(
        lambda tx: operations.remove_absence(tx, absence_id),
        lambda _tx, _absence: Reply.nothing(),
    )
