"""What a user has agreed to, over REST: which apps, and to withdraw it."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from flask import Response
from pydantic import BaseModel

from chassis.domain import Forbidden
from chassis.http.call import Call
from chassis.http.reply import Reply
from chassis.http.routes import SIGNED_IN, Routes
from chassis.storage.listing import Listing
from identity.oauth.consents import CONSENTS, list_consents, withdraw_consent
from identity.transaction import IdentityTx

own_consents = Routes("/v1/identity/me/consents", tag="me")


class ConsentOut(BaseModel):
    """An app that one has let in, and what it may do from then on without asking again."""

    client_id: str
    client_name: str | None
    scopes: list[str]
    given_at: datetime


@own_consents.get("", permission=SIGNED_IN, listing=CONSENTS, returns=ConsentOut)
def list_own_consents(call: Call[IdentityTx], listing: Listing) -> Reply:
    """List the apps that one has agreed to, the latest first.

    The platform's own command line is not among them: it asks each time.
    """
    return Reply(call.read(list_consents, _own(call), listing))


@own_consents.delete("/<client_id>", permission=SIGNED_IN, conditional=False)
def withdraw_own_consent(call: Call[IdentityTx], client_id: str) -> Response:
    """Withdraw what one has agreed to: the app's sessions end, and next time it has to ask."""
    user_id = _own(call)
    return call.run(
        lambda tx: withdraw_consent(tx, user_id, client_id), lambda _tx, _ended: Reply.nothing()
    )


def _own(call: Call[IdentityTx]) -> UUID:
    if call.caller.user_id is None:
        raise Forbidden("Only a user agrees to anything.", code="user_needed")
    return call.caller.user_id
