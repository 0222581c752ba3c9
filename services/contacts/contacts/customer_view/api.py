"""Views of customers over REST."""

from __future__ import annotations

from uuid import UUID

from chassis.http.call import Call
from chassis.http.reply import Reply
from chassis.http.routes import Routes
from contacts.customer_view.asking import Sides
from contacts.customer_view.models import CustomerViewOut, shown
from contacts.customer_view.viewing import view_customer
from contacts.people.queries import READ
from contacts.transaction import ContactsTx


def customer_view_routes(sides: Sides) -> Routes:
    """The one call that gives a customer from all sides."""
    routes = Routes("/v1/contacts/people/<uuid:person_id>/view", tag="people")

    @routes.get("", permission=READ, returns=CustomerViewOut)
    def get_customer_view(call: Call[ContactsTx], person_id: UUID) -> Reply:
        """Get a person with all that is known of them in every service, as far as the caller may see it.

        The other services are asked at the same time. What does not come in time, is refused or is not deployed
        is named in `missing`, and the rest is there.
        """
        return Reply(shown(view_customer(call, sides, person_id)))

    return routes
