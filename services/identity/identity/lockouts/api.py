"""Lockouts over REST: who has to wait after failed sign-ins, and how they are let try again."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from flask import Response
from pydantic import BaseModel

from chassis.http.call import Call
from chassis.http.reply import Reply
from chassis.http.routes import Routes
from chassis.storage.listing import Listing
from identity.lockouts import operations, queries
from identity.lockouts.domain import LockoutState, Step
from identity.lockouts.lifting import Lifting
from identity.transaction import IdentityTx

READ = "identity.lockouts.read"
WRITE = "identity.lockouts.write"


class LockoutOut(BaseModel):
    """A user who has to wait: `delayed` for a while that doubles, or `locked` for the longest.

    `step` is what has to wait: the password, or the second factor; the longer one of both.
    """

    user_id: UUID
    email: str
    name: str
    step: Step
    state: LockoutState
    failures: int
    since: datetime
    until: datetime


class DelayedAddressOut(BaseModel):
    """An address, or the /64 around it, that has to wait; `users` are signed in from there."""

    address: str
    users: int
    state: LockoutState
    failures: int
    since: datetime
    until: datetime


class LiftedOut(BaseModel):
    """Whether there was anything to lift."""

    lifted: bool


def lockout_routes(lifting: Lifting) -> Routes:
    """The routes by which administrators look after who has to wait."""
    routes = Routes("/v1/identity", tag="lockouts")
    key_of = lifting.key_of

    @routes.get("/lockouts", permission=READ, listing=queries.LOCKOUTS, returns=LockoutOut)
    def list_lockouts(call: Call[IdentityTx], listing: Listing) -> Reply:
        """List the users within reach who have to wait after failed sign-ins, the longest first.

        Of users who have proven that the address is theirs. Each wait ends by itself.
        """
        return Reply(call.read(queries.list_lockouts, listing, key_of))

    @routes.get("/lockouts/<uuid:user_id>", permission=READ, returns=LockoutOut)
    def get_lockout(call: Call[IdentityTx], user_id: UUID) -> Reply:
        """Get how long a user has to wait; 404 for who need not."""
        return Reply(call.read(queries.get_lockout, user_id, key_of))

    @routes.post(
        "/lockouts/<uuid:user_id>/lift", permission=WRITE, returns=LiftedOut, problems=(429,)
    )
    def lift_lockout(call: Call[IdentityTx], user_id: UUID) -> Response:
        """Let a user try again at once, with all failures forgotten.

        A few times in a row are free, then it can be done once an hour for the same user: guessing
        must not become free by it.
        """
        lifting.admit(call, user_id)
        return call.run(
            lambda tx: operations.lift_lockout(tx, user_id, key_of),
            lambda _tx, lifted: Reply({"lifted": lifted}),
        )

    @routes.get(
        "/delayed-addresses",
        permission=READ,
        listing=queries.DELAYED_ADDRESSES,
        returns=DelayedAddressOut,
    )
    def list_delayed_addresses(call: Call[IdentityTx], listing: Listing) -> Reply:
        """List the addresses that have to wait, of those that users within reach are signed in from.

        Nobody of an organisation lifts these: all organisations are guarded by them.
        """
        return Reply(call.read(queries.list_delayed_addresses, listing, key_of))

    return routes
