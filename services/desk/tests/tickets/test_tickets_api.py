"""Tickets over REST: what callers can do, what they are refused, and what nobody else sees (DE-1)."""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid4

import pytest

from chassis.testing.client import ApiClient
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
from services.desk.tests.conversing import act, current
from services.desk.tests.knowing import ASSETS
from services.desk.tests.routing_builders import known_user, make_queue

EXTERNAL = f"{TICKETS}/by-external-id/erp"


def found(client: ApiClient, query: str) -> set[str]:
    """The ids of the tickets that a list gives."""
    return {one["id"] for one in good(client.get(f"{TICKETS}?{query}"))["items"]}


def test_listing_needs_a_token(desk: Desk) -> None:
    assert refused(desk.anonymous().get(TICKETS)) == (401, "token_missing")


def test_who_may_read_may_not_write(desk: Desk) -> None:
    reader = desk.app_client(desk.new_tenant(), "desk.tickets.read")
    assert reader.get(TICKETS).json["items"] == []
    assert reader.post(TICKETS, {"subject": "A"}).status_code == 403


def test_another_tenants_tickets_are_invisible(desk: Desk, app: ApiClient) -> None:
    ticket = open_ticket(app)
    stranger = desk.app_client(desk.new_tenant())
    assert stranger.get(TICKETS).json["items"] == []
    for path in ("", "/history", "/messages", "/followers", "/links"):
        assert stranger.get(f"{TICKETS}/{ticket['id']}{path}").status_code == 404, path
    for verb in ("assign", "resolve", "reopen", "close"):
        assert act(stranger, ticket, verb).status_code == 404, verb
    assert stranger.patch(f"{TICKETS}/{ticket['id']}", {"tags": ["a"]}).status_code == 404


def test_what_was_opened_is_answered_read_and_listed_alike_and_told_of(
    desk: Desk, app: ApiClient
) -> None:
    ticket = open_ticket(
        app,
        type="incident",
        priority="high",
        tags=["vip", "leak", "vip"],
        product_sku="EM-1",
        custom_fields={},
        language="zh-Hant",
        external_ids=[{"system": "erp", "id": "1"}],
    )
    assert app.get(f"{TICKETS}/{ticket['id']}").json == ticket
    assert app.get(TICKETS).json["items"] == [ticket]
    assert (ticket["tags"], ticket["status"]) == (["leak", "vip"], "new")
    (told,) = facts(desk, app, events.TicketOpened)
    assert (told.ticket.number, told.ticket.language) == (ticket["number"], "zh-Hant")


def test_numbers_count_a_tenants_tickets_without_a_gap(desk: Desk, app: ApiClient) -> None:
    opened = at_once(*[lambda: app.post(TICKETS, {"subject": "A"})] * 6)
    assert opened == [201] * 6
    assert app.post(TICKETS, {"subject": " "}).status_code == 422
    open_ticket(app)
    numbers = [one["number"] for one in good(app.get(f"{TICKETS}?sort=number"))["items"]]
    assert numbers == [f"T-{n}" for n in range(1, 8)]
    assert open_ticket(desk.app_client(desk.new_tenant()))["number"] == "T-1"


def test_a_new_prefix_is_for_new_tickets(app: ApiClient) -> None:
    old = open_ticket(app)
    good(app.put("/v1/desk/settings", {"number_prefix": "CASE"}))
    assert open_ticket(app)["number"] == "CASE-2"
    assert current(app, old)["number"] == "T-1"
    assert found(app, "q=case-2") != {old["id"]}
    assert found(app, "q=T-1") == {old["id"]}


@pytest.mark.parametrize(
    "query", ["漏水", "咖啡機", "咖啡機 漏", "\uff23OFFEE", "coff", "機漏水了"]
)
def test_a_ticket_is_found_by_words_of_its_subject_in_chinese_and_english(
    app: ApiClient, query: str
) -> None:
    ticket = open_ticket(app, subject="咖啡機漏水了 (Coffee machine)")
    open_ticket(app, subject="Where is my invoice?")
    assert found(app, f"q={query}") == {ticket["id"]}


def test_a_ticket_is_found_by_what_it_says_now(app: ApiClient) -> None:
    ticket = open_ticket(app, subject="Leaking")
    good(app.patch(f"{TICKETS}/{ticket['id']}", {"subject": "Dripping", "tags": ["seal"]}))
    assert found(app, "q=leaking") == set()
    assert found(app, "q=dripping") == found(app, "tag=seal") == {ticket["id"]}
    assert found(app, "tag[ne]=seal") == set()


def test_the_history_says_who_changed_what(desk: Desk, app: ApiClient) -> None:
    ticket = open_ticket(app)
    body = {"priority": "urgent", "subject": "It floods"}
    good(app.patch(f"{TICKETS}/{ticket['id']}", body))
    good(act(app, ticket, "status", status="on_hold"))
    entries = good(app.get(f"{TICKETS}/{ticket['id']}/history"))["items"]
    assert [(one["what"], one["cause"]) for one in entries] == [
        ("opened", ""),
        ("changed", ""),
        ("status", "manual"),
    ]
    assert entries[1]["changes"] == {
        "priority": ["normal", "urgent"],
        "subject": ["The machine leaks", "It floods"],
    }
    assert entries[2]["changes"] == {"status": ["new", "on_hold"]}
    assert {one["actor"] for one in entries} == {"client:test-app"}
    (told,) = facts(desk, app, events.TicketChanged)
    assert list(told.changed_fields) == ["priority", "subject"]
    assert told.previous_priority == "normal"


def test_an_external_id_opens_a_ticket_once_and_then_changes_it(app: ApiClient) -> None:
    both = at_once(*[lambda: app.put(f"{EXTERNAL}/4711", {"subject": "A"})] * 2)
    assert both == [200, 201]
    changed = good(app.put(f"{EXTERNAL}/4711", {"subject": "A", "priority": "low"}))
    assert changed["priority"] == "low"
    assert good(app.get(f"{EXTERNAL}/4711")) == changed
    assert app.get(f"{EXTERNAL}/4712").status_code == 404
    taken = {"subject": "B", "external_ids": [{"system": "erp", "id": "4711"}]}
    assert refused(app.post(TICKETS, taken)) == (409, "ticket_external_id_taken")


def test_a_batch_opens_what_it_can_and_answers_in_order(app: ApiClient) -> None:
    body = {"items": [{"subject": "A"}, {"subject": " "}, {"subject": "B"}]}
    answer = good(app.post(f"{TICKETS}/batch", body))
    assert [one["status"] for one in answer["items"]] == [201, 422, 201]
    assert len(found(app, "")) == 2
    assert app.post(f"{TICKETS}/batch", {**body, "atomic": True}).status_code == 422
    assert len(found(app, "")) == 2


def test_a_ticket_is_given_to_users_and_to_nobody_else(desk: Desk, app: ApiClient) -> None:
    ticket = open_ticket(app)
    wrong = act(app, ticket, "assign", assignee_id=str(uuid4()))
    assert (wrong.status_code, places(wrong)) == (422, [("/assignee_id", "user_unknown")])
    me = uuid4()
    assert app.tenant_id is not None
    agent = desk.user_client(app.tenant_id, {"desk.tickets.*": "all"}, user_id=me)
    taken = good(act(agent, ticket, "assign", assignee_id=str(me)))
    assert taken["assignee_id"] == str(me)
    assert good(act(app, ticket, "assign", assignee_id=None))["assignee_id"] is None
    told = facts(desk, app, events.TicketAssigned)
    assert [(one.from_assignee_id, one.ticket.assignee_id) for one in told] == [
        ("", str(me)),
        (str(me), ""),
    ]


def test_how_a_ticket_stands_follows_its_rules(app: ApiClient) -> None:
    ticket = open_ticket(app)
    assert refused(act(app, ticket, "reopen")) == (409, "ticket_not_resolved")
    assert refused(act(app, ticket, "close")) == (409, "ticket_not_resolved")
    good(act(app, ticket, "status", status="waiting_for_third_party"))
    new = act(app, ticket, "status", status="new")
    assert (new.status_code, places(new)) == (422, [("/status", "status_new")])
    good(act(app, ticket, "status", status="resolved"))
    assert good(act(app, ticket, "reopen"))["reopened"] == 1
    unknown = act(app, ticket, "resolve", article_id=str(uuid4()))
    assert places(unknown) == [("/article_id", "article_unknown")]
    good(act(app, ticket, "resolve"))
    closed = good(act(app, ticket, "close"))
    assert (closed["status"], closed["waiting_since"]) == ("closed", None)
    assert refused(act(app, ticket, "status", status="open")) == (409, "ticket_closed")


def test_who_holds_an_old_version_changes_nothing(app: ApiClient) -> None:
    ticket = open_ticket(app)
    path, old = f"{TICKETS}/{ticket['id']}", {"If-Match": f'"{ticket["version"]}"'}
    good(app.patch(path, {"priority": "low"}, headers=old))
    assert app.patch(path, {"priority": "high"}, headers=old).status_code == 412
    assert current(app, ticket)["priority"] == "low"


def users(desk: Desk, tenant: UUID, reach: str, count: int, team: UUID) -> list[Any]:
    """Users of one team with a reach, each as an id and a client."""
    ids = [uuid4() for _ in range(count)]
    grants = {"desk.tickets.*": reach}
    return [(one, desk.user_client(tenant, grants, user_id=one, teams=(team,))) for one in ids]


def test_own_reach_is_what_somebody_looks_after(desk: Desk, app: ApiClient) -> None:
    assert app.tenant_id is not None
    (_, mine), (_, other) = users(desk, app.tenant_id, "own", 2, uuid4())
    ticket, nobodys = open_ticket(mine), open_ticket(app)
    assert found(mine, "") == {ticket["id"]}
    assert found(other, "") == set()
    assert good(mine.get(f"{TICKETS}/{ticket['id']}"))["id"] == ticket["id"]
    for hidden in (ticket, nobodys):
        for path in ("", "/history", "/messages", "/followers", "/links"):
            assert other.get(f"{TICKETS}/{hidden['id']}{path}").status_code == 404, path
        assert act(other, hidden, "resolve").status_code == 404
        assert other.post(f"{TICKETS}/{hidden['id']}/notes", {"text": "A"}).status_code == 404


def test_who_has_no_team_sees_what_is_theirs_alone(desk: Desk, app: ApiClient) -> None:
    assert app.tenant_id is not None
    alone = desk.user_client(app.tenant_id, {"desk.tickets.*": "team"})
    ticket = open_ticket(alone)
    open_ticket(app)
    assert found(alone, "") == {ticket["id"]}


def test_what_waits_in_a_queue_is_within_reach_of_the_team_that_serves_it(
    desk: Desk, app: ApiClient
) -> None:
    assert app.tenant_id is not None
    me = uuid4()
    team = desk.access.team(app.tenant_id, [me])
    grants = {"desk.tickets.*": "own"}
    mine = desk.user_client(app.tenant_id, grants, user_id=me, teams=(team,))
    stranger = desk.user_client(app.tenant_id, grants, teams=(uuid4(),))
    queue = make_queue(app, method="manual", team_id=str(team))
    ticket = open_ticket(app, queue_id=queue["id"])
    assert ticket["team_id"] == str(team)
    assert (found(mine, ""), found(stranger, "")) == ({ticket["id"]}, set())
    for path in ("", "/history", "/messages", "/followers", "/links"):
        assert mine.get(f"{TICKETS}/{ticket['id']}{path}").status_code == 200, path
        assert stranger.get(f"{TICKETS}/{ticket['id']}{path}").status_code == 404, path
    other = known_user(desk, app)
    good(act(mine, ticket, "assign", assignee_id=str(other)))
    # What a colleague looks after is theirs.
    assert found(mine, "") == set()
    assert act(mine, ticket, "resolve").status_code == 404


def test_reach_over_teams_goes_down_the_tree_and_by_queues(desk: Desk, app: ApiClient) -> None:
    assert app.tenant_id is not None
    lead, agent, stranger = uuid4(), known_user(desk, app), known_user(desk, app)
    above = desk.access.team(app.tenant_id, [lead])
    below = desk.access.team(app.tenant_id, [agent], parent=above)
    grants = {"desk.tickets.*": "team"}
    leading = desk.user_client(app.tenant_id, grants, user_id=lead, teams=(above,))
    queue = make_queue(app, method="manual", team_id=str(below))
    waiting = open_ticket(app, queue_id=queue["id"])
    lent = open_ticket(app, queue_id=queue["id"], assignee_id=str(stranger))
    theirs = open_ticket(app, assignee_id=str(agent))
    open_ticket(app, assignee_id=str(stranger))
    assert found(leading, "") == {waiting["id"], lent["id"], theirs["id"]}
    assert good(act(leading, lent, "resolve"))["status"] == "resolved"


@pytest.mark.parametrize(("reach", "status"), [("team", 200), ("own", 404)])
def test_who_is_alone_in_their_team_reaches_what_others_have_of_its_queue_if_they_reach_the_team(
    desk: Desk, app: ApiClient, reach: str, status: int
) -> None:
    assert app.tenant_id is not None
    lead, stranger = uuid4(), known_user(desk, app)
    team = desk.access.team(app.tenant_id, [lead])
    grants = {"desk.tickets.*": reach}
    leading = desk.user_client(app.tenant_id, grants, user_id=lead, teams=(team,))
    queue = make_queue(app, method="manual", team_id=str(team))
    waiting = open_ticket(app, queue_id=queue["id"])
    lent = open_ticket(app, queue_id=queue["id"], assignee_id=str(stranger))
    open_ticket(app, assignee_id=str(stranger))
    assert found(leading, "") == {waiting["id"], *([lent["id"]] if status == 200 else [])}
    assert act(leading, lent, "resolve").status_code == status


def test_what_nobody_looks_after_is_listed_by_itself_and_so_is_what_somebody_has(
    desk: Desk, app: ApiClient
) -> None:
    agent = known_user(desk, app)
    taken = open_ticket(app, assignee_id=str(agent))
    waiting, resolved = open_ticket(app), open_ticket(app)
    good(act(app, resolved, "resolve"))
    assert found(app, "assigned=true") == {taken["id"]}
    assert found(app, "assigned=false") == {waiting["id"], resolved["id"]}
    assert found(app, "assigned=false&status[in]=new,open") == {waiting["id"]}
    good(act(app, waiting, "assign", assignee_id=str(agent)))
    assert found(app, "assigned=false&status=new") == set()
    assert app.get(f"{TICKETS}?assigned=nobody").status_code == 400
    stranger = desk.app_client(desk.new_tenant())
    assert found(stranger, "assigned=false") == set()


def test_a_ticket_is_about_things_that_there_are(desk: Desk, app: ApiClient) -> None:
    stranger = desk.app_client(desk.new_tenant())
    body = {"product_sku": "GRINDER", "name": "Grinder", "person_id": str(uuid4())}
    theirs, mine = (good(one.post(ASSETS, body))["id"] for one in (stranger, app))
    ticket = open_ticket(app, asset_id=mine)
    assert ticket["asset_id"] == mine
    for answer in (
        app.post(TICKETS, {"subject": "A", "asset_id": theirs}),
        app.patch(f"{TICKETS}/{ticket['id']}", {"asset_id": theirs}),
    ):
        assert (answer.status_code, places(answer)) == (422, [("/asset_id", "asset_unknown")])
    assert good(app.patch(f"{TICKETS}/{ticket['id']}", {"asset_id": None}))["asset_id"] is None
