"""Service contracts over REST."""

from __future__ import annotations

from datetime import UTC
from uuid import UUID

from flask import Response

from chassis.domain import Invalid
from chassis.http.call import Call
from chassis.http.reply import Reply
from chassis.http.routes import Routes
from chassis.storage.listing import Listing
from desk.assets.domain import Owner
from desk.entitlements import operations, queries
from desk.entitlements.checking import Concern, check
from desk.entitlements.domain import Entitlement
from desk.entitlements.models import (
    EntitlementCheckOut,
    EntitlementCheckQuery,
    EntitlementIn,
    EntitlementOut,
    EntitlementPatch,
    EntitlementReopeningIn,
    EntitlementUseIn,
    EntitlementUseOut,
    changed_by,
    terms_in,
)
from desk.transaction import DeskTx

READ = "desk.entitlements.read"
WRITE = "desk.entitlements.write"
USE = "desk.entitlements.use"
_ONE = "/<uuid:entitlement_id>"
_USED_BY = f"{_ONE}/uses/<uuid:ticket_id>"

entitlements = Routes("/v1/desk/entitlements", tag="entitlements")


@entitlements.get("", permission=READ, listing=queries.ENTITLEMENTS, returns=EntitlementOut)
def list_entitlements(call: Call[DeskTx], listing: Listing) -> Reply:
    """List service contracts, with what is left of each today."""
    return Reply(call.read(queries.list_entitlements, listing))


@entitlements.post("", permission=WRITE, body=EntitlementIn, returns=EntitlementOut, status=201)
def add_entitlement(call: Call[DeskTx], body: EntitlementIn) -> Response:
    """Have a customer have a service contract."""

    def reply(tx: DeskTx, made: Entitlement) -> Reply:
        location = f"{entitlements.prefix}/{made.id}"
        return Reply.created(location, queries.as_shown(tx, [made])[0], made.version)

    owner = Owner(body.person_id, body.company_id)
    return call.run(lambda tx: operations.add_entitlement(tx, owner, terms_in(body)), reply)


@entitlements.get(
    "/check",
    permission=READ,
    query=EntitlementCheckQuery,
    returns=EntitlementCheckOut,
    problems=(422,),
)
def check_entitlement(call: Call[DeskTx], query: EntitlementCheckQuery) -> Reply:
    """Check whether somebody is entitled to help with something, on the tenant's day of a time."""
    at = query.at
    try:
        at = None if at is None else at.astimezone(UTC)
    except OverflowError:
        message = "leaves the calendar when it is read in UTC"
        raise Invalid.at("at", "parameter_invalid", message) from None
    concern = Concern(query.person_id, query.company_id, query.asset_id, query.product_sku)
    return Reply(call.read(check, concern, at))


@entitlements.get(_ONE, permission=READ, returns=EntitlementOut)
def get_entitlement(call: Call[DeskTx], entitlement_id: UUID) -> Reply:
    """Get a service contract, with what is left of it today."""
    found = call.read(queries.get_entitlement, entitlement_id)
    return Reply(found, version=found["version"])


@entitlements.patch(
    _ONE, permission=WRITE, body=EntitlementPatch, returns=EntitlementOut, problems=(404, 409)
)
def change_entitlement(
    call: Call[DeskTx], body: EntitlementPatch, entitlement_id: UUID
) -> Response:
    """Have a contract give something else from now on."""

    def change(tx: DeskTx) -> Entitlement:
        return operations.change_entitlement(
            tx, entitlement_id, lambda terms: changed_by(body, terms)
        )

    return call.run(change, _shown)


@entitlements.post(f"{_ONE}/end", permission=WRITE, returns=EntitlementOut)
def end_entitlement(call: Call[DeskTx], entitlement_id: UUID) -> Response:
    """Have a contract serve nobody any more."""
    return call.run(lambda tx: operations.end_entitlement(tx, entitlement_id), _shown)


@entitlements.post(
    f"{_ONE}/reopen",
    permission=WRITE,
    body=EntitlementReopeningIn,
    returns=EntitlementOut,
    problems=(409,),
)
def reopen_entitlement(
    call: Call[DeskTx], body: EntitlementReopeningIn, entitlement_id: UUID
) -> Response:
    """Have a contract that has ended serve again, with what was used of its term."""
    asked = (entitlement_id, body.ends_on)
    return call.run(lambda tx: operations.reopen_entitlement(tx, *asked), _shown)


@entitlements.get(f"{_ONE}/uses", permission=READ, listing=queries.USES, returns=EntitlementUseOut)
def list_entitlement_uses(call: Call[DeskTx], listing: Listing, entitlement_id: UUID) -> Reply:
    """List what tickets use of a contract, the latest first."""
    return Reply(call.read(queries.list_uses, listing, entitlement_id))


@entitlements.put(
    _USED_BY, permission=USE, body=EntitlementUseIn, returns=EntitlementOut, problems=(404, 409)
)
def use_entitlement(
    call: Call[DeskTx], body: EntitlementUseIn, entitlement_id: UUID, ticket_id: UUID
) -> Response:
    """Have a ticket use a contract, once; minutes take the place of those of before."""
    asked = (entitlement_id, ticket_id, body.minutes)
    return call.run(lambda tx: operations.use_entitlement(tx, *asked), _shown, about=entitlement_id)


@entitlements.delete(_USED_BY, permission=USE, returns=EntitlementOut, status=200)
def withdraw_entitlement_use(call: Call[DeskTx], entitlement_id: UUID, ticket_id: UUID) -> Response:
    """Have a ticket use nothing of a contract any more."""
    asked = (entitlement_id, ticket_id)
    return call.run(lambda tx: operations.withdraw_use(tx, *asked), _shown, about=entitlement_id)


def _shown(tx: DeskTx, entitlement: Entitlement) -> Reply:
    return Reply(queries.as_shown(tx, [entitlement])[0], version=entitlement.version)
