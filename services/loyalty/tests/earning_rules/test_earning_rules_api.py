"""Earning rules over REST: written, in force from a moment on, and each version with its time (LO-3)."""

from __future__ import annotations

from datetime import UTC, timedelta
from typing import Any
from uuid import uuid4

import pytest

from chassis.clock import MovableClock
from rapport.loyalty.events.v1 import earning_rule_events_pb2 as events
from services.loyalty.tests.builders import (
    Loyalty,
    at_once,
    facts,
    good,
    lasting_app,
    places,
    refused,
)
from services.loyalty.tests.gaining import RULES, Gaining, cap, fixed, per, times


@pytest.fixture
def gaining(timed: Loyalty, clock: MovableClock) -> Gaining:
    """A program by a clock that the test moves."""
    return Gaining(timed, clock)


def test_listing_needs_a_token_and_shows_no_other_tenants(
    timed: Loyalty, clock: MovableClock, gaining: Gaining
) -> None:
    rule = gaining.rule(fixed(10))
    path = f"{RULES}/{rule['id']}"
    assert refused(timed.anonymous().get(RULES)) == (401, "token_missing")
    stranger = lasting_app(timed, clock)
    assert stranger.get(RULES).json["items"] == []
    assert stranger.get(path).status_code == stranger.get(f"{path}/versions").status_code == 404
    assert stranger.patch(path, {"name": "Mine"}).status_code == 404
    for verb in ("activate", "pause", "archive"):
        assert stranger.post(f"{path}/{verb}").status_code == 404, verb
    body = {"program_id": gaining.program["id"], "name": "R", "trigger": "enrolled"}
    assert stranger.post(RULES, {**body, "gives": fixed(1)}).status_code == 404


def test_a_rule_says_all_that_was_written(gaining: Gaining) -> None:
    written = {
        "name": "Weekend nights",
        "condition": "channel == 'store' && total >= 50000",
        "categories": ["coffee"],
        "skus": ["A-1"],
        "tiers": ["gold"],
        "window": {
            "valid_from": "2031-04-01T00:00:00Z",
            "valid_until": None,
            "weekdays": [6, 7],
            "from_hour": 20,
            "until_hour": 2,
        },
        "caps": [cap(100, "day"), cap(3, "month", "times")],
        "pending_days": 14,
        "priority": 5,
        "group": "weekend",
    }
    rule = gaining.draft(per("100", 2, basis="net", rounding="line"), **written)
    assert {name: rule[name] for name in written} == written
    assert rule["gives"] == {
        **per("100.00", 2, basis="net", rounding="line"),
        "factor": None,
    }
    assert (rule["status"], rule["number"], rule["changed"]) == ("draft", 0, False)
    assert good(gaining.app.get(f"{RULES}/{rule['id']}")) == rule
    listed = gaining.app.get(f"{RULES}?status=draft&program_id={gaining.program['id']}")
    assert listed.json["items"] == [rule]


def test_what_is_in_force_stays_until_it_is_activated_anew(gaining: Gaining) -> None:
    rule = gaining.rule(fixed(10), name="First")
    gaining.later(hours=1)
    changed = gaining.change(rule, gives=times("1.50"), name="Second")
    assert (changed["changed"], changed["number"], changed["gives"]["factor"]) == (True, 1, "1.50")
    (version,) = good(gaining.app.get(f"{RULES}/{rule['id']}/versions"))["items"]
    assert (version["terms"]["name"], version["valid_until"]) == ("First", None)
    gaining.later(hours=1)
    assert gaining.activate(rule)["number"] == 2
    gaining.later(hours=1)
    paused = good(gaining.app.post(f"{RULES}/{rule['id']}/pause"))
    assert paused["status"] == "paused"
    later, first = good(gaining.app.get(f"{RULES}/{rule['id']}/versions"))["items"]
    assert [later["terms"]["name"], first["terms"]["name"]] == ["Second", "First"]
    assert first["valid_until"] == later["valid_from"] == "2031-03-05T06:00:00Z"
    assert later["valid_until"] == "2031-03-05T07:00:00Z"
    assert gaining.activate(rule)["number"] == 3
    assert good(gaining.app.post(f"{RULES}/{rule['id']}/archive"))["status"] == "archived"
    assert refused(gaining.app.post(f"{RULES}/{rule['id']}/activate")) == (
        409,
        "earning_rule_archived",
    )
    numbers = [
        one.earning_rule.number
        for one in facts(gaining.loyalty, gaining.app, events.EarningRuleActivated)
    ]
    assert numbers == [1, 2, 3]
    for kind in (
        events.EarningRuleCreated,
        events.EarningRuleChanged,
        events.EarningRulePaused,
        events.EarningRuleArchived,
    ):
        (told,) = facts(gaining.loyalty, gaining.app, kind)
        assert told.earning_rule.program_id == gaining.program["id"], kind


def test_a_rule_is_in_force_since_a_time_before_only_if_it_never_was(gaining: Gaining) -> None:
    rule, since = gaining.draft(fixed(10)), (gaining.clock.now() - timedelta(days=400)).isoformat()
    path = f"{RULES}/{rule['id']}"
    to_come = {"since": (gaining.clock.now() + timedelta(seconds=1)).isoformat()}
    assert gaining.app.post(f"{path}/activate-since", to_come).status_code == 422
    calls = [lambda: gaining.app.post(f"{path}/activate-since", {"since": since})] * 2
    assert at_once(*calls) == [200, 409], "one was first"
    (version,) = good(gaining.app.get(f"{path}/versions"))["items"]
    assert version["valid_from"] == "2030-01-29T04:00:00Z"
    again = gaining.app.post(f"{path}/activate-since", {"since": since})
    assert refused(again) == (409, "earning_rule_was_active")
    (told,) = facts(gaining.loyalty, gaining.app, events.EarningRuleActivated)
    assert told.valid_from.ToDatetime(UTC) == gaining.clock.now() - timedelta(days=400)


def test_of_several_who_activate_at_once_one_does(gaining: Gaining) -> None:
    rule = gaining.draft(fixed(10))
    path = f"{RULES}/{rule['id']}"
    assert at_once(*[lambda: gaining.app.post(f"{path}/activate")] * 4) == [200] * 4
    assert [one["number"] for one in good(gaining.app.get(f"{path}/versions"))["items"]] == [1]
    gaining.change(rule, name="Other")
    calls = [
        lambda: gaining.app.post(f"{path}/activate"),
        lambda: gaining.app.post(f"{path}/pause"),
    ]
    assert at_once(*calls * 2) == [200] * 4
    versions = good(gaining.app.get(f"{path}/versions"))["items"]
    open_ones = [one for one in versions if one["valid_until"] is None]
    status = good(gaining.app.get(path))["status"]
    assert len(open_ones) == (1 if status == "active" else 0)


@pytest.mark.parametrize(
    ("change", "wrong"),
    [
        ({"condition": "total >"}, ("/condition", "token_unexpected")),
        ({"condition": "categories.all(c, true)"}, ("/condition", "macro_refused")),
        ({"condition": "salary > 1"}, ("/condition", "name_unknown")),
        ({"condition": "total"}, ("/condition", "kinds_differ")),
        ({"trigger": "order_refunded"}, ("/trigger", "trigger_unknown")),
        ({"gives": times("1")}, ("/gives/factor", "factor_impossible")),
        ({"gives": per("0")}, ("/gives/amount", "amount_impossible")),
        ({"gives": per("1.005")}, ("/gives/amount/amount", "amount_too_fine")),
        ({"window": {"from_hour": 3}}, ("/window/until_hour", "hours_unclear")),
        ({"caps": [cap(1, "happening", "times")]}, ("/caps/0/measure", "cap_meaningless")),
        ({"caps": [cap(1, "day"), cap(2, "day")]}, ("/caps", "cap_twice")),
        ({"name": "  "}, ("/name", "name_missing")),
    ],
)
def test_a_rule_that_cannot_be_is_refused_with_the_place(
    gaining: Gaining, change: dict[str, Any], wrong: tuple[str, str]
) -> None:
    rule = gaining.draft(fixed(10))
    body = {"name": "Rule", "trigger": "order_delivered", "gives": fixed(10), **change}
    answers = (
        gaining.app.post(RULES, {"program_id": gaining.program["id"], **body}),
        gaining.app.patch(f"{RULES}/{rule['id']}", change),
    )
    for answer in answers:
        assert (answer.status_code, places(answer)) == (422, [wrong])


def test_a_rule_of_no_program_is_refused_and_drafts_cannot_rest(gaining: Gaining) -> None:
    body = {"program_id": str(uuid4()), "name": "R", "trigger": "enrolled", "gives": fixed(1)}
    assert gaining.app.post(RULES, body).status_code == 404
    rule = gaining.draft(fixed(1))
    assert refused(gaining.app.post(f"{RULES}/{rule['id']}/pause")) == (
        409,
        "earning_rule_not_active",
    )


def test_who_may_write_need_not_be_who_puts_in_force(
    timed: Loyalty, clock: MovableClock, gaining: Gaining
) -> None:
    rule = gaining.draft(fixed(1))
    scope = "loyalty.earning_rules.read loyalty.earning_rules.write"
    writer = lasting_app(timed, clock, gaining.app.tenant_id, scope)
    assert good(writer.patch(f"{RULES}/{rule['id']}", {"name": "Other"}))["name"] == "Other"
    assert writer.post(f"{RULES}/{rule['id']}/activate").status_code == 403


def test_a_restored_rule_rests_and_what_happened_in_the_archive_earns_nothing_by_it(
    gaining: Gaining,
) -> None:
    rule, ann = gaining.rule(fixed(10), trigger="interaction"), gaining.person()
    path = f"{RULES}/{rule['id']}"
    assert good(gaining.app.post(f"{path}/restore"))["status"] == "active", "it is not archived"
    good(gaining.app.post(f"{path}/archive"))
    gaining.later(hours=1)
    gaining.did(ann, "review")
    assert refused(gaining.app.patch(path, {"name": "New"})) == (409, "earning_rule_archived")
    back = good(gaining.app.post(f"{path}/restore"))
    assert (back["status"], back["number"], back["changed"]) == ("paused", 1, False)
    gaining.later(hours=1)
    gaining.did(ann, "review")
    assert gaining.free(ann) == 0, "nothing is in force before it is activated"
    assert gaining.activate(rule)["number"] == 2
    gaining.later(hours=1)
    gaining.did(ann, "review")
    assert gaining.free(ann) == 10
    versions = good(gaining.app.get(f"{path}/versions"))["items"]
    assert [one["valid_until"] is None for one in versions] == [True, False]
    (told,) = facts(gaining.loyalty, gaining.app, events.EarningRuleRestored)
    assert (told.earning_rule_id, told.earning_rule.status) == (rule["id"], "paused")


def test_a_restored_draft_is_a_draft_and_of_several_who_restore_one_does(
    gaining: Gaining,
) -> None:
    path = f"{RULES}/{gaining.draft(fixed(10))['id']}"
    good(gaining.app.post(f"{path}/archive"))
    given = (gaining.loyalty, gaining.clock, gaining.app.tenant_id, "loyalty.earning_rules.write")
    writer = lasting_app(*given)
    assert refused(writer.post(f"{path}/restore")) == (403, "permission_missing")
    assert lasting_app(gaining.loyalty, gaining.clock).post(f"{path}/restore").status_code == 404
    statuses = at_once(*[lambda: gaining.app.post(f"{path}/restore")] * 3)
    assert statuses == [200, 200, 200]
    assert good(gaining.app.get(path))["status"] == "draft"
    assert len(facts(gaining.loyalty, gaining.app, events.EarningRuleRestored)) == 1


def test_the_vocabulary_says_what_conditions_can_ask_about(gaining: Gaining) -> None:
    told = good(gaining.app.get("/v1/loyalty/earning-vocabulary"))
    kinds = {one["name"]: one["kind"] for one in told["variables"]}
    assert (kinds["total"], kinds["properties"]) == ("integer", "properties")
    assert all(one["meaning"] for one in told["variables"])
    condition = " && ".join(f"has({name})" for name in kinds)
    assert gaining.draft(fixed(1), condition=condition)["condition"] == condition
    assert "order_delivered" in told["triggers"]
    assert "order_refunded" not in told["triggers"]
