"""Customer groups over REST: who belongs to which."""

from __future__ import annotations

from uuid import UUID

from flask import Response

from chassis.http.call import Call
from chassis.http.reply import Reply
from chassis.http.routes import Routes
from chassis.storage.listing import Listing
from sales.customer_groups import operations, queries
from sales.customer_groups.models import MembershipIn, MembershipOut, shown
from sales.transaction import SalesTx

READ = "sales.customer_groups.read"
WRITE = "sales.customer_groups.write"

customer_groups = Routes("/v1/sales/customer-group-members", tag="price books")


@customer_groups.get("", permission=READ, listing=queries.MEMBERS, returns=MembershipOut)
def list_customer_group_members(call: Call[SalesTx], listing: Listing) -> Reply:
    """List who belongs to which group."""
    return Reply(call.read(queries.list_members, listing))


@customer_groups.post(
    "",
    permission=WRITE,
    body=MembershipIn,
    returns=MembershipOut,
    status=201,
    otherwise=200,
)
def add_to_customer_group(call: Call[SalesTx], body: MembershipIn) -> Response:
    """Have a customer belong to a group. 201 with `Location`; 200 for one that does already."""

    def reply(_tx: SalesTx, joined: operations.Joined) -> Reply:
        one = joined.membership
        if joined.new:
            return Reply.created(f"{customer_groups.prefix}/{one.id}", shown(one), one.version)
        return Reply(shown(one), version=one.version)

    return call.run(
        lambda tx: operations.add_to_group(tx, body.group, body.person_id, body.company_id), reply
    )


@customer_groups.get("/<uuid:membership_id>", permission=READ, returns=MembershipOut)
def get_customer_group_member(call: Call[SalesTx], membership_id: UUID) -> Reply:
    """Get a membership."""
    member = call.read(queries.get_member, membership_id)
    return Reply(member, version=member["version"])


@customer_groups.delete("/<uuid:membership_id>", permission=WRITE)
def remove_from_customer_group(call: Call[SalesTx], membership_id: UUID) -> Response:
    """Have a customer belong to a group no more."""
    return call.run(
        lambda tx: operations.remove_from_group(tx, membership_id),
        lambda _tx, _membership: Reply.nothing(),
    )
