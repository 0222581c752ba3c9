"""What articles have brought: readers, what they say, and tickets that they solved (DE-7)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from chassis.clock import MovableClock
from chassis.testing.client import ApiClient
from chassis.testing.waiting import eventually
from desk.article_results.reactions import on_ticket_reopened, on_ticket_resolved
from rapport.desk.events.v1.ticket_events_pb2 import TicketReopened, TicketResolved
from services.desk.tests.builders import TICKETS, Desk, good, lasting_app, open_ticket, refused
from services.desk.tests.knowing import ARTICLES, hear, published, stamp

RESULTS = "/v1/desk/article-results"


def results(client: ApiClient, first: str = "2020-01-01", **more: str) -> list[dict[str, Any]]:
    """What articles have brought until far off."""
    query = {"first": first, "last": "2190-12-31", **more}
    items: list[dict[str, Any]] = good(client.get(RESULTS, query_string=query))["items"]
    return items


def test_they_need_a_permission_and_days(desk: Desk, app: ApiClient) -> None:
    assert refused(desk.anonymous().get(RESULTS)) == (401, "token_missing")
    other = desk.app_client(desk.new_tenant(), "desk.tickets.read")
    query = {"first": "2026-01-01", "last": "2026-12-31"}
    assert other.get(RESULTS, query_string=query).status_code == 403
    assert app.get(RESULTS).status_code == 400
    far = {"first": "0001-01-01", "last": "9999-12-31"}
    assert app.get(RESULTS, query_string=far).status_code == 400


def test_a_ticket_that_an_article_solved_counts_until_it_is_reopened(
    desk: Desk, app: ApiClient
) -> None:
    known = published(app)
    ticket = open_ticket(app)
    path = f"{TICKETS}/{ticket['id']}"
    good(app.post(f"{path}/resolve", {"article_id": known["id"]}))
    found = eventually(lambda: results(app))
    assert [(each["key"], each["solved_tickets"]) for each in found] == [(known["key"], 1)]
    stranger = desk.app_client(desk.new_tenant())
    assert results(stranger) == []
    good(app.post(f"{path}/reopen"))
    assert eventually(lambda: results(app) == []) is True


def test_what_is_heard_late_changes_nothing_and_what_comes_twice_counts_once(
    timed: Desk, clock: MovableClock
) -> None:
    app = lasting_app(timed, clock)
    known = published(app)
    about = {"ticket_id": known["id"], "article_id": known["id"]}
    resolved = TicketResolved(**about, resolved_at=stamp(clock.now()))
    reopened = TicketReopened(ticket_id=known["id"], reopened_at=stamp(clock.now()))
    hear(timed, app, on_ticket_reopened, reopened, version=3)
    hear(timed, app, on_ticket_resolved, resolved, version=2)
    assert results(app) == []
    hear(timed, app, on_ticket_resolved, resolved, version=4)
    hear(timed, app, on_ticket_resolved, resolved, version=4)
    assert [each["solved_tickets"] for each in results(app)] == [1]


def test_readers_of_public_pages_and_what_they_say_are_counted_by_day(
    timed: Desk, clock: MovableClock
) -> None:
    app = lasting_app(timed, clock)
    known = published(app)
    page = f"/p/desk/{app.tenant_id}/articles/{known['key']}"
    for _time in range(3):
        assert timed.anonymous().get(page).status_code == 200
    for visitor, helpful in (("a", True), ("b", True), ("c", False)):
        said = {"visitor": visitor, "helpful": helpful, "language": "en"}
        good(app.post(f"{ARTICLES}/{known['id']}/feedback", said))
    (only,) = results(app)
    assert (only["views"], only["helpful"], only["unhelpful"]) == (3, 2, 1)
    assert results(app, article_id=known["id"]) == [only]
    tomorrow = (clock.now() + timedelta(days=1)).date()
    assert results(app, str(tomorrow)) == []
