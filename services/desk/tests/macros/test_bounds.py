"""What macros add up to stays within what a ticket may have."""

from __future__ import annotations

from chassis.testing.client import ApiClient
from desk.tickets.domain import MOST_TAGS
from services.desk.tests.automating import make_macro, tag, untag
from services.desk.tests.builders import TICKETS, good, open_ticket, places
from services.desk.tests.conversing import current


def test_a_macro_gives_a_ticket_no_more_tags_than_it_may_have(app: ApiClient) -> None:
    ticket = open_ticket(app, tags=[f"tag-{number}" for number in range(MOST_TAGS)])
    more = make_macro(app, tag("one-more"))
    instead = make_macro(app, tag("one-more"), untag("tag-0"))
    path = f"{TICKETS}/{ticket['id']}/macros"
    over = app.post(f"{path}/{more['id']}")
    assert (over.status_code, places(over)) == (422, [("/tags", "too_many")])
    assert current(app, ticket)["tags"] == ticket["tags"]
    assert len(good(app.post(f"{path}/{instead['id']}"))["tags"]) == MOST_TAGS
