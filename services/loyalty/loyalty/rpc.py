"""The gRPC face of loyalty: thin, over the same queries as REST."""

from __future__ import annotations

from uuid import UUID

import grpc

from chassis.domain import Invalid
from chassis.rpc.call import Servicer
from chassis.rpc.declaration import RpcService
from chassis.storage.unit_of_work import Reading
from loyalty.encoding import moment, money
from loyalty.members.api import READ
from loyalty.members.memberships import Membership, memberships_of
from loyalty.transaction import LoyaltyTx
from rapport.loyalty.v1 import loyalty_service_pb2 as messages
from rapport.loyalty.v1 import loyalty_service_pb2_grpc as stubs


class LoyaltyServicer(Servicer[LoyaltyTx], stubs.LoyaltyServiceServicer):
    """Answers what other services ask."""

    def GetMemberships(
        self, request: messages.GetMembershipsRequest, context: grpc.ServicerContext
    ) -> messages.GetMembershipsResponse:
        """What a person is a member of."""
        person_id = _uuid(request.person_id, "person_id")
        return self.call(context).read(_memberships, person_id)


LOYALTY_SERVICE = RpcService(
    descriptor=messages.DESCRIPTOR.services_by_name["LoyaltyService"],
    register=stubs.add_LoyaltyServiceServicer_to_server,
    servicer=LoyaltyServicer(),
    permissions={"GetMemberships": READ},
)


def _memberships(reading: Reading, person_id: UUID) -> messages.GetMembershipsResponse:
    found = memberships_of(reading, person_id)
    return messages.GetMembershipsResponse(memberships=map(_message, found))


def _message(found: Membership) -> messages.Membership:
    member, program, tier = found.member, found.program, None
    if found.tier is not None:
        tier = messages.MemberTier(key=found.tier.key, name=found.tier.name, rank=found.tier.rank)
    return messages.Membership(
        member_id=str(member.id),
        program_id=str(program.id),
        program_key=program.key,
        program_name=program.terms.name,
        number=member.number,
        status=member.status,
        enrolled_at=moment(member.enrolled_at),
        tier=tier,
        available_points=found.points.available,
        pending_points=found.points.pending,
        value=money(found.value.amount, found.value.currency),
    )


def _uuid(text: str, field: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise Invalid.at(field, "uuid_malformed", f"{field} has to be a UUID.") from None
