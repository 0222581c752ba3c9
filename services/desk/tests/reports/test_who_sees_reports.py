"""Reports count what their reader reaches, and nothing of others (DE-13)."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

from chassis.clock import MovableClock
from services.desk.tests.builders import Desk, good, open_ticket, refused
from services.desk.tests.telling import tell_all

REPORTS = "/v1/desk/reports"
WHICH = ("volume", "backlog", "response", "resolution")


def days(clock: MovableClock) -> dict[str, str]:
    """Yesterday to tomorrow."""
    day, one = clock.now().date(), timedelta(days=1)
    return {"first_on": (day - one).isoformat(), "last_on": (day + one).isoformat()}


def test_reports_are_for_those_who_may(desk: Desk, clock: MovableClock) -> None:
    path = f"{REPORTS}/volume"
    assert refused(desk.anonymous().get(path)) == (401, "token_missing")
    agent = desk.user_client(desk.new_tenant(), {"desk.tickets.read": "all"})
    for which in WHICH:
        answer = agent.get(f"{REPORTS}/{which}", query_string=days(clock))
        assert answer.status_code == 403
    assert agent.get(f"{REPORTS}/recount").status_code == 403
    lead = desk.user_client(desk.new_tenant(), {"desk.reports.recount": "team"})
    assert refused(lead.post(f"{REPORTS}/recount")) == (403, "reach_too_short")


def test_what_is_out_of_reach_counts_for_nobody(desk: Desk, clock: MovableClock) -> None:
    client, agent = desk.app_client(desk.new_tenant()), uuid4()
    assert client.tenant_id is not None
    grants = {
        "desk.reports.read": "own",
        "desk.tickets.write": "own",
        "desk.tickets.read": "own",
    }
    user = desk.user_client(client.tenant_id, grants, user_id=agent)
    open_ticket(client)
    open_ticket(user)
    tell_all(desk, client)
    stranger = desk.app_client(desk.new_tenant())
    opened = [
        good(one.get(f"{REPORTS}/volume", query_string=days(clock)))["total"]["opened"]
        for one in (client, user, stranger)
    ]
    assert opened == [2, 1, 0]
    open_now = [
        good(one.get(f"{REPORTS}/backlog", query_string=days(clock)))["total"]["open"]
        for one in (client, user, stranger)
    ]
    assert open_now == [2, 1, 0]
