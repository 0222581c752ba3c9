"""Who comes to events, over REST."""

from __future__ import annotations

from uuid import UUID

from flask import Response

from chassis.http.call import Call
from chassis.http.reply import Reply
from chassis.http.routes import Routes
from chassis.storage.listing import Listing
from loyalty.activities.api import CHECK_IN
from loyalty.registrations import operations, queries
from loyalty.registrations.domain import Registration
from loyalty.registrations.models import (
    CheckInIn,
    RegistrationIn,
    RegistrationOut,
    SelfCheckInIn,
    shown,
)
from loyalty.transaction import LoyaltyTx

READ = "loyalty.registrations.read"
WRITE = "loyalty.registrations.write"
_OF = "/v1/loyalty/activities/<uuid:program_activity_id>"

registrations = Routes(f"{_OF}/registrations", tag="activities")
check_ins = Routes(_OF, tag="activities")
all_registrations = Routes("/v1/loyalty/registrations", tag="activities")


@all_registrations.get("", permission=READ, listing=queries.REGISTRATIONS, returns=RegistrationOut)
def list_all_registrations(call: Call[LoyaltyTx], listing: Listing) -> Reply:
    """List registrations for any activity, such as those of one member."""
    return Reply(call.read(queries.list_all, listing))


@registrations.get("", permission=READ, listing=queries.REGISTRATIONS, returns=RegistrationOut)
def list_registrations(call: Call[LoyaltyTx], listing: Listing, program_activity_id: UUID) -> Reply:
    """List who comes to an activity, in the order in which they registered."""
    return Reply(call.read(queries.list_registrations, program_activity_id, listing))


@registrations.post(
    "",
    permission=WRITE,
    body=RegistrationIn,
    returns=RegistrationOut,
    status=201,
    problems=(404, 409),
)
def register_for_activity(
    call: Call[LoyaltyTx], body: RegistrationIn, program_activity_id: UUID
) -> Response:
    """Give a member a place at an activity, or one in the queue for it."""

    def reply(_tx: LoyaltyTx, made: Registration) -> Reply:
        location = f"/v1/loyalty/activities/{program_activity_id}/registrations/{made.id}"
        return Reply.created(location, shown(made), made.version)

    return call.run(lambda tx: operations.register(tx, program_activity_id, body.member_id), reply)


@registrations.get("/<uuid:registration_id>", permission=READ, returns=RegistrationOut)
def get_registration(
    call: Call[LoyaltyTx], program_activity_id: UUID, registration_id: UUID
) -> Reply:
    """Get a registration, with the code of its ticket."""
    found = call.read(queries.get_registration, program_activity_id, registration_id)
    return Reply(found, version=found["version"])


@registrations.post(
    "/<uuid:registration_id>/cancel", permission=WRITE, returns=RegistrationOut, problems=(409,)
)
def cancel_registration(
    call: Call[LoyaltyTx], program_activity_id: UUID, registration_id: UUID
) -> Response:
    """Have a member not come; whoever has waited longest gets the place."""
    return call.run(
        lambda tx: operations.withdraw_registration(tx, program_activity_id, registration_id),
        _shown,
    )


@check_ins.post(
    "/check-ins",
    permission=CHECK_IN,
    body=CheckInIn,
    returns=RegistrationOut,
    problems=(404, 409),
)
def check_in(call: Call[LoyaltyTx], body: CheckInIn, program_activity_id: UUID) -> Response:
    """Note that somebody is there, by the ticket that they show or because the staff knows them."""
    return call.run(
        lambda tx: operations.check_in(
            tx, program_activity_id, ticket=body.ticket, member_id=body.member_id
        ),
        _shown,
    )


@check_ins.post(
    "/self-check-ins",
    permission=WRITE,
    body=SelfCheckInIn,
    returns=RegistrationOut,
    problems=(404, 409),
)
def check_oneself_in(
    call: Call[LoyaltyTx], body: SelfCheckInIn, program_activity_id: UUID
) -> Response:
    """Have a member check in by the code that is shown at the event."""
    asked = (body.member_id, body.code)
    return call.run(lambda tx: operations.check_oneself_in(tx, program_activity_id, *asked), _shown)


def _shown(_tx: LoyaltyTx, registration: Registration) -> Reply:
    return Reply(shown(registration), version=registration.version)
