"""What customers register, over REST."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from flask import Response

from chassis.domain import Clock
from chassis.http.call import Call
from chassis.http.reply import Reply
from chassis.http.routes import Routes
from chassis.storage.listing import Listing
from desk.asset_registrations import operations, queries
from desk.asset_registrations.domain import AssetRegistration, RegistrationChannel
from desk.asset_registrations.links import RegistrationLink, RegistrationLinks
from desk.asset_registrations.models import (
    AssetRegistrationIn,
    AssetRegistrationOut,
    RegistrationLinkOut,
    RegistrationLinkQuery,
    RejectionIn,
    claim_in,
    shown,
)
from desk.transaction import DeskTx

READ = "desk.asset_registrations.read"
WRITE = "desk.asset_registrations.write"
DECIDE = "desk.asset_registrations.decide"
_ONE = "/<uuid:asset_registration_id>"

asset_registrations = Routes("/v1/desk/asset-registrations", tag="assets")


@asset_registrations.get(
    "", permission=READ, listing=queries.REGISTRATIONS, returns=AssetRegistrationOut
)
def list_asset_registrations(call: Call[DeskTx], listing: Listing) -> Reply:
    """List what customers say is theirs, the latest first."""
    return Reply(call.read(queries.list_registrations, listing))


@asset_registrations.post(
    "",
    permission=WRITE,
    body=AssetRegistrationIn,
    returns=AssetRegistrationOut,
    status=201,
    problems=(409,),
)
def register_asset(call: Call[DeskTx], body: AssetRegistrationIn) -> Response:
    """Note for a customer what is theirs: at once, or once somebody has looked at it."""

    def register(tx: DeskTx) -> AssetRegistration:
        channel = RegistrationChannel.API
        return operations.register_asset(tx, body.person_id, claim_in(body), channel)

    def reply(_tx: DeskTx, made: AssetRegistration) -> Reply:
        location = f"{asset_registrations.prefix}/{made.id}"
        return Reply.created(location, shown(made), made.version)

    return call.run(register, reply)


@asset_registrations.get(_ONE, permission=READ, returns=AssetRegistrationOut)
def get_asset_registration(call: Call[DeskTx], asset_registration_id: UUID) -> Reply:
    """Get what a customer says is theirs."""
    found = call.read(queries.get_registration, asset_registration_id)
    return Reply(found, version=found["version"])


@asset_registrations.post(
    f"{_ONE}/accept", permission=DECIDE, returns=AssetRegistrationOut, problems=(409,)
)
def accept_asset_registration(call: Call[DeskTx], asset_registration_id: UUID) -> Response:
    """Have a thing be whose it was said to be, whoever had it before."""
    return call.run(lambda tx: operations.accept_registration(tx, asset_registration_id), _shown)


@asset_registrations.post(
    f"{_ONE}/reject",
    permission=DECIDE,
    body=RejectionIn,
    returns=AssetRegistrationOut,
    problems=(404, 409),
)
def reject_asset_registration(
    call: Call[DeskTx], body: RejectionIn, asset_registration_id: UUID
) -> Response:
    """Not take a thing to be whose it was said to be."""
    asked = (asset_registration_id, body.reason)
    return call.run(lambda tx: operations.reject_registration(tx, *asked), _shown)


def registration_link_routes(links: RegistrationLinks, clock: Clock) -> Routes:
    """The route that hands out links."""
    routes = Routes("/v1/desk/asset-registration-link", tag="assets")

    @routes.get("", permission=WRITE, query=RegistrationLinkQuery, returns=RegistrationLinkOut)
    def get_asset_registration_link(call: Call[DeskTx], query: RegistrationLinkQuery) -> Reply:
        """Get the address at which a customer registers what they own, without signing in."""
        expires_at = clock.now().replace(microsecond=0) + timedelta(days=query.days)
        tenant_id = call.caller.tenant_id or UUID(int=0)
        link = RegistrationLink(tenant_id, query.person_id, expires_at)
        return Reply({"url": links.address(link), "expires_at": expires_at})

    return routes


def _shown(_tx: DeskTx, registration: AssetRegistration) -> Reply:
    return Reply(shown(registration), version=registration.version)
