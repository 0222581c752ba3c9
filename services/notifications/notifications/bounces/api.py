"""Takes in mail that came back, as a mail server received it."""

from __future__ import annotations

from flask import Response
from pydantic import BaseModel

from chassis.domain import Invalid, NotFound
from chassis.http.body import read_raw
from chassis.http.call import Call
from chassis.http.reply import Reply
from chassis.http.routes import Routes
from notifications.bounces.reading import ReturnedMail, read_returned
from notifications.providers.reports import note_report
from notifications.transaction import NotificationsTx

WRITE = "notifications.bounces.write"
_LIMIT = 5 * 1024 * 1024

bounces = Routes("/v1/notifications/bounces", tag="messages")


class BounceOut(BaseModel):
    """What a mail that came back meant: `known` unless it is about no message of the tenant."""

    status: str
    known: bool


@bounces.post(
    "",
    permission=WRITE,
    raw_body=("message/rfc822",),
    body_limit=_LIMIT,
    returns=BounceOut,
)
def take_bounce(call: Call[NotificationsTx]) -> Response:
    """Take in a mail that came back: a delivery report (RFC 3464) or a complaint (ARF, RFC 5965)."""
    call.raw = read_raw(call.request, _LIMIT)
    returned = read_returned(call.raw)
    if returned is None:
        raise Invalid("The mail is neither a delivery report nor a complaint.", code="not_a_report")
    return call.run(
        lambda tx: _noted(tx, returned),
        lambda _tx, known: Reply({"status": returned.report.status, "known": known}),
    )


def _noted(tx: NotificationsTx, returned: ReturnedMail) -> bool:
    if returned.message_id is None:
        return False
    try:
        message = tx.messages.get(returned.message_id)
    except NotFound:
        return False
    note_report(tx, message, returned.report)
    return True
