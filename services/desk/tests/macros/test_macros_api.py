"""Macros over REST: who sees which, what they do to tickets, and that they do all of it or nothing."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest

from chassis.clock import MovableClock
from chassis.testing.client import ApiClient
from rapport.desk.events.v1 import automation_events_pb2 as events
from rapport.desk.events.v1.ticket_events_pb2 import TicketChanged
from services.desk.tests.automating import MACROS, make_macro, raise_to, say, tag, timed_app, untag
from services.desk.tests.builders import TICKETS, Desk, at_once, facts, good, open_ticket, refused
from services.desk.tests.conversing import conversation, current, hear
from services.desk.tests.promising import pass_time
from services.desk.tests.routing_builders import make_queue

_GRANTS = {
    "desk.macros.read": "own",
    "desk.macros.write": "own",
    "desk.tickets.read": "all",
    "desk.tickets.write": "all",
}


def apply(client: ApiClient, macro: dict[str, Any], ticket: dict[str, Any]) -> Any:
    """Apply a macro to a ticket."""
    return client.post(f"{TICKETS}/{ticket['id']}/macros/{macro['id']}")


def wrong_place(answer: Any) -> tuple[int, str, str]:
    """What a refusal points at first."""
    error = answer.json["errors"][0]
    return answer.status_code, error["pointer"], error["code"]


def test_listing_needs_a_token(desk: Desk) -> None:
    assert refused(desk.anonymous().get(MACROS)) == (401, "token_missing")


def test_who_may_read_may_not_write(desk: Desk) -> None:
    reader = desk.app_client(desk.new_tenant(), "desk.macros.read")
    assert reader.get(MACROS).json["items"] == []
    body = {"name": {"en": "A"}, "actions": [tag("a")]}
    assert refused(reader.post(MACROS, body)) == (403, "permission_missing")


def test_another_tenants_macros_are_invisible(desk: Desk, app: ApiClient) -> None:
    macro, ticket = make_macro(app, tag("a")), open_ticket(app)
    stranger = desk.app_client(desk.new_tenant())
    path, theirs = f"{MACROS}/{macro['id']}", open_ticket(stranger)
    for answer in (
        stranger.get(path),
        stranger.patch(path, {"sharing": "shared"}),
        stranger.delete(path),
        stranger.post(f"{path}/restore"),
        stranger.post(f"{path}/preview", {"ticket_id": theirs["id"]}),
        stranger.post(f"{path}/apply", {"ticket_ids": [theirs["id"]]}),
        apply(stranger, macro, theirs),
        app.post(f"{path}/preview", {"ticket_id": theirs["id"]}),
        apply(app, macro, theirs),
    ):
        assert refused(answer) == (404, "not_found")
    assert stranger.get(MACROS).json["items"] == []
    assert app.get(path).json == macro
    assert current(app, ticket)["tags"] == []


def test_a_macro_changes_answers_and_resolves_in_one(desk: Desk, app: ApiClient) -> None:
    queue = make_queue(app, method="manual")
    ticket = open_ticket(app, tags=["new"], language="en")
    hear(app, ticket)
    macro = make_macro(
        app,
        raise_to("high"),
        tag("leak", "hot"),
        untag("new"),
        {"kind": "set_type", "type": "incident"},
        {"kind": "move_to_queue", "queue_id": queue["id"]},
        say("Ticket {{ number }} ({{subject}}) is in {{queue}}."),
        say("Seen before.", "note"),
        {"kind": "set_status", "status": "waiting_for_customer"},
    )
    changed = good(apply(app, macro, ticket))
    seen = {name: changed[name] for name in ("priority", "type", "tags", "queue_id", "status")}
    assert seen == {
        "priority": "high",
        "type": "incident",
        "tags": ["hot", "leak"],
        "queue_id": queue["id"],
        "status": "waiting_for_customer",
    }
    said = [(one["kind"], one["text"]) for one in conversation(app, ticket)[1:]]
    answer = f"Ticket {ticket['number']} (The machine leaks) is in Billing."
    assert sorted(said) == [("note", "Seen before."), ("reply", answer)]
    # One change of the fields, however many actions change one.
    assert len(facts(desk, app, TicketChanged)) == 1
    applied = facts(desk, app, events.MacroApplied)
    assert [(one.macro_id, one.ticket_id) for one in applied] == [(macro["id"], ticket["id"])]
    assert good(app.get(f"{MACROS}/{macro['id']}"))["uses"] == 1


def test_nothing_is_done_where_one_action_is_refused(desk: Desk, app: ApiClient) -> None:
    ticket = open_ticket(app)
    macro = make_macro(
        app, raise_to("urgent"), say("Good-bye."), {"kind": "set_status", "status": "closed"}
    )
    assert refused(apply(app, macro, ticket)) == (409, "ticket_not_resolved")
    assert current(app, ticket) == ticket
    assert conversation(app, ticket) == []
    assert facts(desk, app, events.MacroApplied) == []
    assert good(app.get(f"{MACROS}/{macro['id']}"))["uses"] == 0


def test_a_text_is_in_the_customers_language_or_the_nearest(app: ApiClient) -> None:
    texts = {"en": "Thanks", "zh": "謝謝", "fr": "Merci"}
    macro = make_macro(app, {"kind": "reply", "texts": texts})
    said = []
    for language in ("zh-Hant-TW", "fr", "de", ""):
        ticket = open_ticket(app, language=language)
        good(apply(app, macro, ticket))
        said.append(conversation(app, ticket)[0]["text"])
    assert said == ["謝謝", "Merci", "Thanks", "Thanks"]


def test_what_a_customer_writes_is_never_a_template(app: ApiClient) -> None:
    ticket = open_ticket(app, subject="{{number}} {{customer_name}}")
    good(apply(app, make_macro(app, say("About: {{subject}}")), ticket))
    assert conversation(app, ticket)[0]["text"] == "About: {{number}} {{customer_name}}"


@pytest.mark.parametrize(
    ("action", "pointer", "code"),
    [
        (say("{{ticket.__class__}}"), "/actions/0/texts/en", "placeholder_unknown"),
        (say("{{1 + 1}}"), "/actions/0/texts/en", "placeholder_unknown"),
        (say(" "), "/actions/0/texts/en", "text_length"),
        (say("{{number}}" * 51), "/actions/0/texts/en", "too_many_placeholders"),
        ({"kind": "alert"}, "/actions/0", "alert_nobody"),
        ({"kind": "assign", "assignee_id": str(uuid4())}, "/actions/0/assignee_id", "user_unknown"),
        (
            {"kind": "move_to_queue", "queue_id": str(uuid4())},
            "/actions/0/queue_id",
            "queue_unknown",
        ),
        ({"kind": "set_field", "field": "none", "value": "1"}, "/actions/0/value", "field_unknown"),
        ({"kind": "set_status", "status": "new"}, "/actions/0/status", "status_new"),
    ],
)
def test_what_cannot_be_done_cannot_be_written_down(
    app: ApiClient, action: dict[str, Any], pointer: str, code: str
) -> None:
    answer = app.post(MACROS, {"name": {"en": "A"}, "actions": [action]})
    assert wrong_place(answer) == (422, pointer, code)


def test_a_preview_says_what_would_be_done_and_does_nothing(app: ApiClient) -> None:
    ticket = open_ticket(app, tags=["leak"])
    macro = make_macro(app, raise_to("high"), tag("leak"), say("{{number}}"))
    path = f"{MACROS}/{macro['id']}/preview"
    effects = good(app.post(path, {"ticket_id": ticket["id"]}))["effects"]
    assert [(one["kind"], one["before"], one["after"], one["changes"]) for one in effects] == [
        ("set_priority", "normal", "high", True),
        ("add_tags", ["leak"], ["leak"], False),
        ("reply", None, None, True),
    ]
    assert effects[2]["text"] == ticket["number"]
    assert current(app, ticket) == ticket


def test_many_tickets_are_answered_for_one_by_one(desk: Desk, app: ApiClient) -> None:
    macro = make_macro(app, {"kind": "set_status", "status": "closed"}, tag("gone"))
    resolved, still = open_ticket(app), open_ticket(app)
    good(app.post(f"{TICKETS}/{resolved['id']}/resolve", {}))
    ids = [resolved["id"], still["id"], str(uuid4())]
    answer = good(app.post(f"{MACROS}/{macro['id']}/apply", {"ticket_ids": ids}))
    assert (answer["succeeded"], answer["failed"]) == (1, 2)
    assert [one["status"] for one in answer["items"]] == [200, 409, 404]
    assert current(app, resolved)["status"] == "closed"
    assert current(app, still)["tags"] == []
    assert good(app.get(f"{MACROS}/{macro['id']}"))["uses"] == 1
    assert len(facts(desk, app, events.MacroApplied)) == 1


def test_an_archived_macro_is_not_applied_until_it_is_restored(app: ApiClient) -> None:
    macro, ticket = make_macro(app, tag("a")), open_ticket(app)
    path = f"{MACROS}/{macro['id']}"
    assert app.delete(path).status_code == 204
    assert app.get(MACROS).json["items"] == []
    assert refused(apply(app, macro, ticket)) == (409, "macro_archived")
    good(app.post(f"{path}/restore"))
    assert good(apply(app, macro, ticket))["tags"] == ["a"]


def test_an_outdated_version_is_refused(app: ApiClient) -> None:
    macro, ticket = make_macro(app, tag("a")), open_ticket(app)
    stale = {"If-Match": '"0"'}
    path = f"{TICKETS}/{ticket['id']}/macros/{macro['id']}"
    assert app.patch(f"{MACROS}/{macro['id']}", {}, headers=stale).status_code == 412
    assert app.post(path, headers=stale).status_code == 412
    assert current(app, ticket)["tags"] == []


def test_two_who_apply_it_at_once_are_both_counted(app: ApiClient) -> None:
    macro, ticket = make_macro(app, say("On it.", "note")), open_ticket(app)
    assert at_once(*[lambda: apply(app, macro, ticket)] * 2) == [200, 200]
    assert len(conversation(app, ticket)) == 2
    assert good(app.get(f"{MACROS}/{macro['id']}"))["uses"] == 2


def test_everybody_sees_what_is_shared_their_teams_and_their_own(
    desk: Desk, app: ApiClient
) -> None:
    assert app.tenant_id is not None
    team = uuid4()
    one = desk.user_client(app.tenant_id, _GRANTS, teams=(team,))
    other = desk.user_client(app.tenant_id, _GRANTS)
    shared = make_macro(app, tag("a"))
    teams = make_macro(app, tag("b"), sharing="team", team_id=str(team))
    own = make_macro(one, tag("c"), sharing="personal")
    listed = [
        {macro["id"] for macro in good(client.get(MACROS))["items"]} for client in (app, one, other)
    ]
    assert listed == [{shared["id"], teams["id"], own["id"]}] * 2 + [{shared["id"]}]
    ticket = open_ticket(app)
    assert refused(apply(other, own, ticket)) == (404, "not_found")
    assert refused(other.patch(f"{MACROS}/{own['id']}", {"sharing": "personal"}))[0] == 404
    assert good(apply(one, own, ticket))["tags"] == ["c"]


def test_who_reaches_their_own_alone_makes_none_for_others(desk: Desk, app: ApiClient) -> None:
    assert app.tenant_id is not None
    user = desk.user_client(app.tenant_id, _GRANTS)
    body = {"name": {"en": "A"}, "actions": [tag("a")]}
    assert refused(user.post(MACROS, body)) == (403, "macro_for_others")
    own = make_macro(user, tag("a"), sharing="personal")
    shared = {"sharing": "shared"}
    assert refused(user.patch(f"{MACROS}/{own['id']}", shared)) == (403, "macro_for_others")
    others = make_macro(app, tag("b"))
    assert refused(user.delete(f"{MACROS}/{others['id']}")) == (404, "not_found")
    assert wrong_place(app.post(MACROS, {**body, "sharing": "personal"}))[2] == "macro_nobodys"
    assert wrong_place(app.post(MACROS, {**body, "sharing": "team"}))[2] == "team_of_macro"


def test_who_is_alone_in_their_team_and_reaches_it_makes_macros_for_it(
    desk: Desk, app: ApiClient
) -> None:
    assert app.tenant_id is not None
    lead = uuid4()
    team = desk.access.team(app.tenant_id, [lead])
    grants = {**_GRANTS, "desk.macros.*": "team"}
    leading = desk.user_client(app.tenant_id, grants, user_id=lead, teams=(team,))
    macro = make_macro(leading, tag("a"), sharing="team", team_id=str(team))
    path = f"{MACROS}/{macro['id']}"
    changed = good(leading.patch(path, {"actions": [tag("b")]}))
    assert (changed["sharing"], changed["team_id"]) == ("team", str(team))
    narrow = desk.user_client(app.tenant_id, _GRANTS, user_id=lead, teams=(team,))
    assert refused(narrow.patch(path, {"actions": [tag("c")]})) == (404, "not_found")


def test_to_me_is_whoever_applies_it(desk: Desk, app: ApiClient) -> None:
    assert app.tenant_id is not None
    user_id = uuid4()
    user = desk.user_client(app.tenant_id, _GRANTS, user_id=user_id)
    macro, ticket = make_macro(app, {"kind": "assign", "to_me": True}), open_ticket(app)
    assert refused(apply(app, macro, ticket)) == (409, "macro_needs_user")
    assert good(apply(user, macro, ticket))["assignee_id"] == str(user_id)


def test_a_promise_of_a_macro_outlives_its_reply_and_breaks_at_its_time(
    timed: Desk, clock: MovableClock
) -> None:
    client = timed_app(timed, clock)
    macro = make_macro(client, {"kind": "promise", "within_minutes": 30}, say("We call you."))
    ticket = open_ticket(client)
    good(apply(client, macro, ticket))
    states = []
    for step in (timedelta(minutes=30, seconds=-1), timedelta(seconds=1)):
        pass_time(timed, clock, step)
        found = good(client.get(f"{TICKETS}/{ticket['id']}/promises"))["items"]
        states.append([one["status"] for one in found])
    assert states == [["open"], ["broken"]]
