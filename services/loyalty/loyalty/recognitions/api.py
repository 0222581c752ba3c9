"""Badges and privileges over REST."""

from __future__ import annotations

from uuid import UUID

from flask import Response

from chassis.http.call import Call
from chassis.http.query_string import Query
from chassis.http.reply import Reply
from chassis.http.routes import Routes
from chassis.storage.listing import Listing
from loyalty.recognitions import operations, queries
from loyalty.recognitions.domain import Recognition
from loyalty.recognitions.models import RecognitionIn, RecognitionOut, shown, terms_in
from loyalty.transaction import LoyaltyTx

READ = "loyalty.recognitions.read"
WRITE = "loyalty.recognitions.write"

recognitions = Routes("/v1/loyalty/recognitions", tag="recognitions")


class CurrentQuery(Query):
    """Whether only those are wanted that hold now."""

    current: bool = False


@recognitions.get(
    "", permission=READ, listing=queries.RECOGNITIONS, query=CurrentQuery, returns=RecognitionOut
)
def list_recognitions(call: Call[LoyaltyTx], listing: Listing, query: CurrentQuery) -> Reply:
    """List badges and privileges, the latest first; with `current` only those that hold now."""
    return Reply(call.read(queries.list_recognitions, listing, current=query.current))


@recognitions.post(
    "",
    permission=WRITE,
    body=RecognitionIn,
    returns=RecognitionOut,
    status=201,
    problems=(404, 409),
)
def award_recognition(call: Call[LoyaltyTx], body: RecognitionIn) -> Response:
    """Give a member a badge or a privilege."""

    def reply(_tx: LoyaltyTx, given: Recognition) -> Reply:
        return Reply.created(f"{recognitions.prefix}/{given.id}", shown(given), given.version)

    return call.run(lambda tx: operations.award_by_hand(tx, body.member_id, terms_in(body)), reply)


@recognitions.get("/<uuid:recognition_id>", permission=READ, returns=RecognitionOut)
def get_recognition(call: Call[LoyaltyTx], recognition_id: UUID) -> Reply:
    """Get a badge or a privilege."""
    found = call.read(queries.get_recognition, recognition_id)
    return Reply(found, version=found["version"])


@recognitions.post(
    "/<uuid:recognition_id>/withdraw", permission=WRITE, returns=RecognitionOut, problems=(409,)
)
def withdraw_recognition(call: Call[LoyaltyTx], recognition_id: UUID) -> Response:
    """Take a badge or a privilege back."""
    return call.run(
        lambda tx: operations.withdraw(tx, recognition_id),
        lambda _tx, given: Reply(shown(given), version=given.version),
    )
