"""Teams of opportunities over REST."""

from __future__ import annotations

from uuid import UUID

from flask import Response

from chassis.http.call import Call
from chassis.http.reply import Reply
from chassis.http.routes import Routes
from sales.opportunity_teams import operations, queries
from sales.opportunity_teams.models import MemberIn, MemberOut, MembersOut, MembersQuery, shown
from sales.transaction import SalesTx

READ = "sales.opportunities.read"
WRITE = "sales.opportunities.write"

opportunity_team = Routes(
    "/v1/sales/opportunities/<uuid:opportunity_id>/members", tag="opportunities"
)


@opportunity_team.get("", permission=READ, query=MembersQuery, returns=MembersOut)
def list_opportunity_members(
    call: Call[SalesTx], query: MembersQuery, opportunity_id: UUID
) -> Reply:
    """List who works on an opportunity with its owner, and since when."""
    return Reply(call.read(queries.list_members, opportunity_id, left=query.left))


@opportunity_team.put(
    "/<uuid:user_id>",
    permission=WRITE,
    body=MemberIn,
    returns=MemberOut,
    otherwise=201,
    problems=(409,),
)
def place_opportunity_member(
    call: Call[SalesTx], body: MemberIn, opportunity_id: UUID, user_id: UUID
) -> Response:
    """Have a user work on an opportunity in this role; members see it and may comment on it.

    It takes reach to the owner: members do not bring in others. 201 for who was none before.
    """

    def reply(_tx: SalesTx, placed: operations.Placed) -> Reply:
        one = placed.membership
        if placed.new:
            location = f"/v1/sales/opportunities/{opportunity_id}/members/{one.user_id}"
            return Reply.created(location, shown(one))
        return Reply(shown(one))

    return call.run(
        lambda tx: operations.place_member(tx, opportunity_id, user_id, body.role), reply
    )


@opportunity_team.delete("/<uuid:user_id>", permission=WRITE, conditional=False)
def remove_opportunity_member(call: Call[SalesTx], opportunity_id: UUID, user_id: UUID) -> Response:
    """Have a user work on an opportunity no more; that they did stays in its history."""
    return call.run(
        lambda tx: operations.remove_member(tx, opportunity_id, user_id),
        lambda _tx, _nothing: Reply.nothing(),
    )
