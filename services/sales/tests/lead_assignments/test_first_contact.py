"""The promise of first contact: kept, measured, broken, and what follows then (SA-3)."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from prometheus_client import REGISTRY

from chassis.clock import MovableClock
from chassis.testing.client import ApiClient
from rapport.sales.events.v1 import assignment_events_pb2 as events
from rapport.sales.events.v1.lead_events_pb2 import LeadFirstContacted
from services.sales.tests.assigning import (
    ABSENCES,
    RULES,
    assignments,
    be_away,
    define_rule,
    people,
    seen,
    tenant_of,
)
from services.sales.tests.builders import (
    ACTIVITIES,
    LEADS,
    Sales,
    at_once,
    capture,
    facts,
    fire,
    good,
    lasting_app,
    places,
)

HOUR = {"within_minutes": 60}
CALL = {"kind": "call", "outbound": True}


def touch(client: ApiClient, lead: dict[str, Any], **more: Any) -> dict[str, Any]:
    """The lead after a touch."""
    return good(client.post(f"{LEADS}/{lead['id']}/touches", more))


def test_a_promise_that_is_kept_is_measured_and_never_told_broken(
    timed: Sales, clock: MovableClock
) -> None:
    app = lasting_app(timed, clock)
    define_rule(app, *people(2), promise=HOUR)
    lead = capture(app)
    due_at = datetime.fromisoformat(lead["first_contact_due_at"])
    assert due_at - datetime.fromisoformat(lead["captured_at"]) == timedelta(hours=1)
    assert (lead["first_contact_at"], lead["seconds_to_first_contact"]) == (None, None)
    clock.move(timedelta(minutes=59))
    after = touch(app, lead, **CALL)
    assert after["seconds_to_first_contact"] == 59 * 60
    clock.move(timedelta(days=1))
    fire(timed)
    assert touch(app, lead, **CALL)["first_contact_at"] == after["first_contact_at"]
    (told,) = facts(timed, app, LeadFirstContacted)
    assert (told.contact, told.seconds_to_contact) == ("call", 59 * 60)
    assert told.contact_due_at.ToDatetime() == due_at.replace(tzinfo=None)
    assert facts(timed, app, events.LeadFirstContactMissed) == []


def test_how_soon_it_was_is_measured_once_by_what_became_of_the_promise(
    timed: Sales, clock: MovableClock
) -> None:
    app = lasting_app(timed, clock)

    def measured() -> dict[str, tuple[float, float]]:
        name = "leads_first_contact_seconds"
        return {
            word: (
                REGISTRY.get_sample_value(f"{name}_count", {"promise": word}) or 0,
                REGISTRY.get_sample_value(f"{name}_sum", {"promise": word}) or 0,
            )
            for word in ("none", "kept", "broken")
        }

    before, plain = measured(), capture(app)
    define_rule(app, *people(1), promise=HOUR)
    kept, late = capture(app, email="a@b.example"), capture(app, email="c@d.example")
    clock.move(timedelta(minutes=1))
    for lead in (plain, kept, kept):
        touch(app, lead, **CALL)
    clock.move(timedelta(minutes=60))
    touch(app, late, **CALL)
    after = measured()
    told = {
        word: (after[word][0] - before[word][0], after[word][1] - before[word][1]) for word in after
    }
    assert told == {"none": (1, 60), "kept": (1, 60), "broken": (1, 3660)}


def test_what_comes_in_is_no_contact_and_a_form_cannot_go_out(app: ApiClient) -> None:
    lead = capture(app)
    assert touch(app, lead, kind="call")["first_contact_at"] is None
    answer = app.post(f"{LEADS}/{lead['id']}/touches", {"kind": "form", "outbound": True})
    assert places(answer) == [("/outbound", "no_contact")]
    assert seen(app, lead)["touches"] == 2
    listed = app.get(f"{LEADS}/{lead['id']}/touches").json["items"]
    assert [one["outbound"] for one in listed] == [False, False]


def test_an_activity_that_was_done_about_a_lead_is_a_touch_and_a_contact(
    timed: Sales, clock: MovableClock
) -> None:
    app = lasting_app(timed, clock)
    lead = capture(app)
    path = f"{LEADS}/{lead['id']}"
    planned = {"subject": "Ring them", "lead_id": lead["id"]}
    task = good(app.post(ACTIVITIES, {**planned, "kind": "task", "done": {}}))
    call = good(app.post(ACTIVITIES, {**planned, "kind": "call"}))
    assert app.get(path).json["first_contact_at"] is None
    clock.move(timedelta(minutes=5))
    done = good(app.post(f"{ACTIVITIES}/{call['id']}/complete", {}))
    after = app.get(path).json
    assert after["first_contact_at"] == done["completed_at"]
    assert (after["seconds_to_first_contact"], after["touches"]) == (300, 2)
    assert after["last_touch_at"] == done["completed_at"]
    assert app.get(f"{path}/touches").json["items"][0]["outbound"] is True
    assert [one["id"] for one in app.get(f"{ACTIVITIES}?lead_id={lead['id']}").json["items"]] == [
        call["id"],
        task["id"],
    ]


def test_what_is_done_about_a_lead_that_was_put_away_stays_done_and_touches_nothing(
    app: ApiClient,
) -> None:
    lead = capture(app)
    call = good(app.post(ACTIVITIES, {"subject": "Ring", "kind": "call", "lead_id": lead["id"]}))
    assert app.delete(f"{LEADS}/{lead['id']}").status_code == 204
    assert good(app.post(f"{ACTIVITIES}/{call['id']}/complete", {}))["state"] == "done"
    after = seen(app, lead)
    assert (after["touches"], after["first_contact_at"]) == (1, None)


def test_a_contact_before_the_capture_took_no_time(app: ApiClient) -> None:
    lead = capture(app, captured_at="2026-01-05T09:00:00Z")
    after = touch(app, lead, **CALL, at="2026-01-05T08:00:00Z")
    assert after["seconds_to_first_contact"] == 0


def test_an_activity_names_a_lead_within_reach(sales: Sales, app: ApiClient) -> None:
    mine, other = people(2)
    lead = capture(app, owner_id=other)
    grants = {"sales.activities.read": "own", "sales.activities.write": "own"}
    user = sales.user_client(tenant_of(app), grants, user_id=UUID(mine))
    answer = user.post(ACTIVITIES, {"subject": "Ring", "kind": "call", "lead_id": lead["id"]})
    assert places(answer) == [("/lead_id", "lead_unknown")]
    assert seen(app, lead)["first_contact_at"] is None


def test_who_began_a_call_ends_it_also_when_the_lead_is_somebody_elses_by_now(
    sales: Sales, app: ApiClient
) -> None:
    mine, other = people(2)
    lead = capture(app, owner_id=mine)
    grants = {"sales.activities.read": "own", "sales.activities.write": "own"}
    user = sales.user_client(tenant_of(app), grants, user_id=UUID(mine))
    body = {"subject": "Ring", "kind": "call", "lead_id": lead["id"]}
    call = good(user.post(ACTIVITIES, body))
    good(app.patch(f"{LEADS}/{lead['id']}", {"owner_id": other}))
    good(user.post(f"{ACTIVITIES}/{call['id']}/complete", {}))
    assert seen(app, lead)["first_contact_at"] is not None


def test_a_broken_promise_goes_on_to_the_next_then_to_whom_it_escalates(
    timed: Sales, clock: MovableClock
) -> None:
    app = lasting_app(timed, clock)
    one, two, three, boss = people(4)
    promise = {**HOUR, "most_reassignments": 1, "escalation_user_id": boss}
    define_rule(app, one, two, three, promise=promise)
    lead = capture(app)
    clock.move(timedelta(minutes=61))
    fire(timed)
    after = seen(app, lead)
    assert after["owner_id"] == two
    assert datetime.fromisoformat(after["first_contact_due_at"]) > clock.now()
    clock.move(timedelta(minutes=61))
    fire(timed)
    after = seen(app, lead)
    assert (after["owner_id"], after["first_contact_due_at"]) == (boss, None)
    clock.move(timedelta(days=3))
    fire(timed)
    assert [x["owner_id"] for x in assignments(app, lead)] == [one, two, boss]
    assert [x["missed_at"] is None for x in assignments(app, lead)] == [False, False, True]
    missed = facts(timed, app, events.LeadFirstContactMissed)
    assert [(x.promised_by_user_id, x.missed) for x in missed] == [(one, 1), (two, 2)]
    told = facts(timed, app, events.LeadAssigned)
    assert [x.previous_owner_id for x in told] == ["", one, two]


def test_nothing_escalates_to_somebody_who_is_away(timed: Sales, clock: MovableClock) -> None:
    app = lasting_app(timed, clock)
    one, boss = people(2)
    define_rule(app, one, promise={**HOUR, "escalation_user_id": boss})
    lead = capture(app)
    clock.move(timedelta(minutes=61))
    today = clock.now().date().isoformat()
    be_away(app, boss, today, today)
    fire(timed)
    assert seen(app, lead)["owner_id"] is None
    assert assignments(app, lead)[-1]["reason"] == "promises_broken"


def test_a_broken_promise_is_told_before_what_follows_from_it(
    timed: Sales, clock: MovableClock
) -> None:
    app = lasting_app(timed, clock)
    define_rule(app, *people(2), promise=HOUR)
    capture(app)
    before = len(timed.facts(tenant_of(app)))
    clock.move(timedelta(hours=2))
    fire(timed)
    later = [kind.rpartition(".")[2] for kind, _ in timed.facts(tenant_of(app))[before:]]
    named = {"LeadFirstContactMissed", "LeadChanged", "LeadAssigned"}
    assert [kind for kind in later if kind in named] == [
        "LeadFirstContactMissed",
        "LeadChanged",
        "LeadAssigned",
    ]


def test_with_nobody_else_left_it_goes_back_to_the_pool(timed: Sales, clock: MovableClock) -> None:
    app = lasting_app(timed, clock)
    one, two = people(2)
    define_rule(app, one, two, promise=HOUR)
    be_away(app, two, str(clock.now().date()), str(clock.now().date() + timedelta(days=9)))
    lead = capture(app)
    clock.move(timedelta(hours=1))
    fire(timed)
    after = seen(app, lead)
    assert (after["owner_id"], after["first_contact_due_at"]) == (None, None)
    last = assignments(app, lead)[-1]
    assert (last["reason"], last["previous_owner_id"]) == ("promises_broken", one)
    because = {x["user_id"]: x["because"] for x in last["considered"][0]["skipped"]}
    assert because == {one: "had_it", two: "away"}
    (left,) = facts(timed, app, events.LeadLeftUnassigned)
    assert (left.reason, left.previous_owner_id) == ("promises_broken", one)


def test_a_lead_that_was_put_away_breaks_no_promise(timed: Sales, clock: MovableClock) -> None:
    app = lasting_app(timed, clock)
    define_rule(app, *people(2), promise=HOUR)
    lead = capture(app)
    assert app.delete(f"{LEADS}/{lead['id']}").status_code == 204
    clock.move(timedelta(hours=2))
    fire(timed)
    assert facts(timed, app, events.LeadFirstContactMissed) == []
    assert len(assignments(app, lead)) == 1


def test_what_follows_is_as_the_rule_says_by_then(timed: Sales, clock: MovableClock) -> None:
    app = lasting_app(timed, clock)
    rule = define_rule(app, *people(2), promise=HOUR)
    lead = capture(app)
    assert app.delete(f"{RULES}/{rule['id']}").status_code == 204
    clock.move(timedelta(hours=1))
    fire(timed)
    after = seen(app, lead)
    assert after["owner_id"] is None
    assert assignments(app, lead)[-1]["reason"] == "promises_broken"


def test_a_timer_that_fires_twice_at_once_reassigns_once(timed: Sales, clock: MovableClock) -> None:
    app = lasting_app(timed, clock)
    define_rule(app, *people(3), promise=HOUR)
    lead = capture(app)
    clock.move(timedelta(minutes=61))

    def run() -> Any:
        fire(timed)
        return app.get(f"{LEADS}/{lead['id']}")

    assert at_once(*[run] * 4) == [200] * 4
    assert len(assignments(app, lead)) == 2
    assert len(facts(timed, app, events.LeadFirstContactMissed)) == 1


def test_contact_and_the_end_of_the_time_at_once_leave_one_truth(
    timed: Sales, clock: MovableClock
) -> None:
    app = lasting_app(timed, clock)
    one, two = people(2)
    define_rule(app, one, two, promise=HOUR)
    leads = [capture(app, email=f"{n}@b.example") for n in range(6)]
    clock.move(timedelta(minutes=61))

    def run() -> Any:
        fire(timed)
        return app.get(ABSENCES)

    calls = [(lambda lead=lead: app.post(f"{LEADS}/{lead['id']}/touches", CALL)) for lead in leads]
    assert set(at_once(run, *calls, run)) == {200}
    missed = {fact.lead.lead_id for fact in facts(timed, app, events.LeadFirstContactMissed)}
    for lead in leads:
        assert seen(app, lead)["first_contact_at"] is not None
        assert len(assignments(app, lead)) == (2 if lead["id"] in missed else 1)
