"""Who follows tickets, over REST."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from typing import Any
from uuid import UUID

from flask import Response
from pydantic import BaseModel

from chassis.http.body import Body
from chassis.http.call import Call
from chassis.http.reply import Reply
from chassis.http.routes import Routes
from chassis.storage.unit_of_work import Reading
from desk.followers import operations
from desk.followers.storage import Follower, followers_of
from desk.tickets.api import READ, WRITE
from desk.tickets.models import Address
from desk.tickets.storage import within_reach
from desk.transaction import DeskTx

_PREFIX = "/v1/desk/tickets"

followers = Routes(f"{_PREFIX}/<uuid:ticket_id>/followers", tag="tickets")


class FollowerIn(Body):
    """Somebody who is sent copies of what the customer is answered: a person, or an address."""

    person_id: UUID | None = None
    address: Address = ""


class FollowerOut(BaseModel):
    """Somebody who follows a ticket, besides whoever asked by it."""

    id: UUID
    person_id: UUID | None
    address: str
    since: datetime


class FollowersOut(BaseModel):
    """All who follow a ticket, the first one first."""

    items: list[FollowerOut]


@followers.get("", permission=READ, returns=FollowersOut)
def list_followers(call: Call[DeskTx], ticket_id: UUID) -> Reply:
    """List who follows a ticket, besides whoever asked by it."""
    return Reply(call.read(_followers, ticket_id))


@followers.post(
    "", permission=WRITE, body=FollowerIn, returns=FollowerOut, status=201, problems=(409,)
)
def add_follower(call: Call[DeskTx], body: FollowerIn, ticket_id: UUID) -> Response:
    """Have somebody follow a ticket; again is the same follower."""

    def reply(_tx: DeskTx, one: Follower) -> Reply:
        return Reply.created(f"{_PREFIX}/{ticket_id}/followers/{one.id}", asdict(one))

    return call.run(
        lambda tx: operations.add_follower(tx, ticket_id, body.person_id, body.address), reply
    )


@followers.delete("/<uuid:follower_id>", permission=WRITE, conditional=False, problems=(409,))
def remove_follower(call: Call[DeskTx], ticket_id: UUID, follower_id: UUID) -> Response:
    """Have somebody follow a ticket no more."""
    return call.run(
        lambda tx: operations.remove_follower(tx, ticket_id, follower_id),
        lambda _tx, _nothing: Reply.nothing(),
    )


def _followers(reading: Reading, ticket_id: UUID) -> dict[str, Any]:
    within_reach(reading, ticket_id)
    return {"items": [asdict(one) for one in followers_of(reading, ticket_id)]}
