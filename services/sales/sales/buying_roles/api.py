"""Parts in buying over REST."""

from __future__ import annotations

from uuid import UUID

from flask import Response

from chassis.http.call import Call
from chassis.http.reply import Reply
from chassis.http.routes import Routes
from sales.buying_roles import operations, queries
from sales.buying_roles.models import InvolvedPeopleOut, InvolvedPersonOut, PartIn, part_in, shown
from sales.transaction import SalesTx

READ = "sales.opportunities.read"
WRITE = "sales.opportunities.write"

buying_roles = Routes("/v1/sales/opportunities/<uuid:opportunity_id>/people", tag="opportunities")


@buying_roles.get("", permission=READ, returns=InvolvedPeopleOut)
def list_people_on_opportunity(call: Call[SalesTx], opportunity_id: UUID) -> Reply:
    """List who has which part in buying, with attitude and influence."""
    return Reply(call.read(queries.list_people, opportunity_id))


@buying_roles.put(
    "/<uuid:person_id>",
    permission=WRITE,
    body=PartIn,
    returns=InvolvedPersonOut,
    otherwise=201,
    problems=(409,),
)
def assign_buying_roles(
    call: Call[SalesTx], body: PartIn, opportunity_id: UUID, person_id: UUID
) -> Response:
    """Give a person these roles in buying, and no others. 201 for a person who had none."""
    part = part_in(body)

    def reply(_tx: SalesTx, assigned: operations.Assigned) -> Reply:
        one = assigned.involvement
        if assigned.new:
            location = f"/v1/sales/opportunities/{opportunity_id}/people/{one.person_id}"
            return Reply.created(location, shown(one))
        return Reply(shown(one))

    return call.run(lambda tx: operations.assign_part(tx, opportunity_id, person_id, part), reply)


@buying_roles.delete("/<uuid:person_id>", permission=WRITE, conditional=False)
def remove_person_from_opportunity(
    call: Call[SalesTx], opportunity_id: UUID, person_id: UUID
) -> Response:
    """Have a person have no part in buying any more."""
    return call.run(
        lambda tx: operations.remove_person(tx, opportunity_id, person_id),
        lambda _tx, _nothing: Reply.nothing(),
    )
