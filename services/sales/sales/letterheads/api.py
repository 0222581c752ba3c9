"""The letterhead over REST."""

from __future__ import annotations

from flask import Response

from chassis.http.call import Call
from chassis.http.reply import Reply
from chassis.http.routes import Routes
from sales.letterheads import operations, queries
from sales.letterheads.domain import Letterhead
from sales.letterheads.models import LetterheadIn, LetterheadOut, content_in, shown
from sales.transaction import SalesTx

READ = "sales.letterhead.read"
WRITE = "sales.letterhead.write"

letterhead = Routes("/v1/sales/letterhead", tag="letterhead")


@letterhead.get("", permission=READ, returns=LetterheadOut, problems=(404,))
def get_letterhead(call: Call[SalesTx]) -> Reply:
    """Get what quotes print of the seller."""
    found = call.read(queries.get_letterhead)
    return Reply(found, version=found["version"])


@letterhead.put("", permission=WRITE, body=LetterheadIn, returns=LetterheadOut, conditional=True)
def change_letterhead(call: Call[SalesTx], body: LetterheadIn) -> Response:
    """Say what quotes print of the seller; those that were sent keep what they had."""
    content = content_in(body)

    def reply(_tx: SalesTx, changed: Letterhead) -> Reply:
        return Reply(shown(changed.version, changed.number, content), version=changed.version)

    # A tenant has one, under its own id.
    about = call.caller.tenant_id
    return call.run(lambda tx: operations.change_letterhead(tx, content), reply, about)
