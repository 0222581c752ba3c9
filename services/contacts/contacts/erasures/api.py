"""Erasures over REST."""

from __future__ import annotations

from dataclasses import asdict
from uuid import UUID

from flask import Response

from chassis.http.call import Call
from chassis.http.reply import Reply
from chassis.http.routes import Routes
from chassis.storage.listing import Listing
from contacts.erasures import operations, queries
from contacts.erasures.domain import Erasure
from contacts.erasures.models import EraseIn, ErasureOut
from contacts.transaction import ContactsTx

ERASE = "contacts.people.erase"
READ = "contacts.erasures.read"

erasures = Routes("/v1/contacts/erasures", tag="erasures")
erasures_of_people = Routes("/v1/contacts/people/<uuid:person_id>", tag="erasures")


@erasures_of_people.post(
    "/erase", permission=ERASE, body=EraseIn, returns=ErasureOut, conditional=True
)
def erase_person(call: Call[ContactsTx], body: EraseIn, person_id: UUID) -> Response:
    """Erase a person, and all who were merged into them, for good.

    All that names them goes, here at once and in the other services as they hear of it; files of
    imports that they were in go as well. What stays is that it happened: ids, when, by whom, why.
    """

    def reply(_tx: ContactsTx, erasure: Erasure) -> Reply:
        return Reply(asdict(erasure))

    return call.run(lambda tx: operations.erase_person(tx, person_id, body.reason), reply)


@erasures.get("", permission=READ, listing=queries.ERASURES, returns=ErasureOut)
def list_erasures(call: Call[ContactsTx], listing: Listing) -> Reply:
    """List who was erased, by ids, the latest first: for whoever brings back an older state."""
    return Reply(call.read(queries.list_erasures, listing))
