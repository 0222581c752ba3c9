"""Links between tickets: seen from both ends, made once, taken away (DE-12)."""

from __future__ import annotations

from uuid import uuid4

import pytest

from chassis.testing.client import ApiAnswer, ApiClient
from rapport.desk.events.v1 import ticket_events_pb2 as events
from services.desk.tests.builders import (
    TICKETS,
    Desk,
    at_once,
    facts,
    good,
    open_ticket,
    places,
    refused,
)
from services.desk.tests.conversing import act, hear


def link(
    app: ApiClient, one: dict[str, str], other: dict[str, str], kind: str = "related"
) -> ApiAnswer:
    """Link two tickets."""
    return app.post(f"{TICKETS}/{one['id']}/links", {"other_id": other["id"], "kind": kind})


def links(app: ApiClient, ticket: dict[str, str]) -> list[tuple[str, str, bool]]:
    """What a ticket is linked to, and how."""
    items = good(app.get(f"{TICKETS}/{ticket['id']}/links"))["items"]
    return [(one["other_id"], one["kind"], one["outgoing"]) for one in items]


def test_a_link_is_seen_from_both_ends_and_taken_away_from_either(
    desk: Desk, app: ApiClient
) -> None:
    one, other = open_ticket(app), open_ticket(app)
    made = good(link(app, one, other, "duplicate_of"))
    assert links(app, one) == [(other["id"], "duplicate_of", True)]
    assert links(app, other) == [(one["id"], "duplicate_of", False)]
    assert app.delete(f"{TICKETS}/{other['id']}/links/{made['id']}").status_code == 204
    assert links(app, one) == links(app, other) == []
    (linked,) = facts(desk, app, events.TicketLinked)
    (unlinked,) = facts(desk, app, events.TicketUnlinked)
    assert linked.ticket_id == unlinked.ticket_id == one["id"]
    assert app.delete(f"{TICKETS}/{one['id']}/links/{made['id']}").status_code == 404


@pytest.mark.parametrize("kind", ["related", "duplicate_of"])
def test_two_are_linked_once_also_by_two_at_once(app: ApiClient, kind: str) -> None:
    one, other = open_ticket(app), open_ticket(app)
    assert at_once(*[lambda: link(app, one, other, kind)] * 2) == [201, 409]
    again = 409 if kind == "related" else 201
    assert link(app, other, one, kind).status_code == again


def test_a_ticket_is_linked_neither_to_itself_nor_to_what_is_not_there(app: ApiClient) -> None:
    one = open_ticket(app)
    assert refused(link(app, one, one)) == (409, "ticket_linked_to_itself")
    unknown = link(app, one, {"id": str(uuid4())})
    assert (unknown.status_code, places(unknown)) == (422, [("/other_id", "ticket_unknown")])


def test_where_a_ticket_came_from_stays(app: ApiClient) -> None:
    closed = open_ticket(app)
    good(act(app, closed, "resolve"))
    good(act(app, closed, "close"))
    follow_up = good(hear(app, closed))["ticket_id"]
    (made,) = good(app.get(f"{TICKETS}/{follow_up}/links"))["items"]
    assert (made["kind"], made["other_id"]) == ("follow_up_of", closed["id"])
    refusal = app.delete(f"{TICKETS}/{follow_up}/links/{made['id']}")
    assert refused(refusal) == (409, "link_for_good")
