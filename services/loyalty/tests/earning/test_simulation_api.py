"""What a rule would have given for what happened: tried before it is in force, and nothing changes (LO-3)."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import psycopg
import pytest

from chassis.clock import MovableClock
from chassis.testing.harness import TestDatabase
from loyalty.earning.simulating import MOST_HAPPENINGS
from rapport.loyalty.events.v1 import points_events_pb2 as events
from services.loyalty.tests.builders import Loyalty, facts, good, lasting_app, places, refused
from services.loyalty.tests.gaining import RULES, Gaining, cap, fixed, per, times

YEAR = {"since": "2031-01-01T00:00:00Z", "until": "2032-01-01T00:00:00Z"}


@pytest.fixture
def gaining(timed: Loyalty, clock: MovableClock) -> Gaining:
    """A program whose points are worth a dime, by a clock that the test moves."""
    return Gaining(timed, clock, point_value="0.1")


def tried(gaining: Gaining, rule: dict[str, Any], **more: Any) -> dict[str, Any]:
    """What a rule would have given in the year."""
    return good(gaining.app.post(f"{RULES}/{rule['id']}/simulate", {**YEAR, **more}))


def drafted(gaining: Gaining, gives: dict[str, Any], **terms: Any) -> dict[str, Any]:
    """The same for a rule that nobody has kept."""
    rule = {"name": "Idea", "trigger": "order_delivered", "gives": gives, **terms}
    body = {**YEAR, "program_id": gaining.program["id"], "rule": rule}
    return good(gaining.app.post(f"{RULES}/simulate", body))


def test_a_draft_is_tried_on_what_happened(gaining: Gaining) -> None:
    ann, bob, stranger = gaining.person(), gaining.person(), uuid4()
    gaining.buy(ann, ("coffee", "1000"))
    gaining.buy(bob, ("coffee", "300"))
    gaining.later(days=31)
    gaining.buy(ann, ("coffee", "500"))
    gaining.buy(ann, ("tea", "9000"))
    gaining.buy(stranger, ("coffee", "9000"))
    found = tried(gaining, gaining.draft(per("10"), categories=["coffee"]))
    assert (found["happenings"], found["members"], found["members_earning"]) == (4, 2, 2)
    assert (found["points"], found["before"], found["after"]) == (180, 0, 180)
    assert found["cost"] == {"amount": "18.00", "currency": "TWD"}
    assert found["months"] == [
        {"month": "2031-03", "points": 130, "before": 0, "after": 130, "members": 2},
        {"month": "2031-04", "points": 50, "before": 0, "after": 50, "members": 1},
    ]
    members = [gaining.member(one)["id"] for one in (ann, bob)]
    assert found["top"] == [
        {"member_id": members[0], "points": 150, "times": 2},
        {"member_id": members[1], "points": 30, "times": 1},
    ]
    assert found["reasons"] == {"lines": 1}
    assert len(tried(gaining, gaining.draft(per("10")), top=1)["top"]) == 1


def test_a_change_is_compared_with_what_was_in_force(gaining: Gaining) -> None:
    rule = gaining.rule(per("10"), group="base")
    gaining.rule(times("2"))
    person = gaining.person()
    gaining.buy(person, ("coffee", "1000"))
    gaining.change(rule, gives=per("5"))
    found = tried(gaining, rule)
    assert (found["points"], found["before"], found["after"]) == (200, 200, 400)
    better = drafted(gaining, fixed(150), group="base")
    assert (better["points"], better["before"], better["after"]) == (150, 200, 300)
    worse = drafted(gaining, fixed(50), group="base")
    assert (worse["points"], worse["after"], worse["reasons"]) == (0, 200, {"group": 1})


def test_what_was_in_force_is_compared_by_its_time(gaining: Gaining) -> None:
    person = gaining.person()
    gaining.buy(person, ("coffee", "100"))
    gaining.later(days=1)
    rule = gaining.rule(fixed(7))
    gaining.buy(person, ("coffee", "100"))
    gaining.later(days=1)
    good(gaining.app.post(f"{RULES}/{rule['id']}/pause"))
    gaining.buy(person, ("coffee", "100"))
    found = tried(gaining, rule)
    assert (found["points"], found["before"]) == (21, 7)


def test_caps_count_while_a_rule_is_tried(gaining: Gaining) -> None:
    person = gaining.person()
    for _ in range(5):
        gaining.buy(person, ("coffee", "100"))
        gaining.later(hours=6)
    found = drafted(gaining, fixed(10), caps=[cap(15, "day")])
    # Noon and 18:00 of the first day, three times on the next.
    assert (found["points"], found["reasons"]) == (30, {"cap": 1})


BY_THE_RELAY = ("published_at", "attempts", "next_attempt_at", "last_error")
"""What becomes of facts of before, at any time."""


def test_trying_changes_nothing(gaining: Gaining, database_apart: TestDatabase) -> None:
    rule = gaining.rule(per("10"))
    person = gaining.person()
    gaining.buy(person, ("coffee", "1000"))
    gaining.change(rule, gives=per("1"))

    def rows() -> dict[str, Any]:
        with psycopg.connect(database_apart.owner_url) as connection:
            tables = connection.execute(
                "SELECT tablename FROM pg_tables WHERE schemaname = 'public'"
                " AND tablename NOT LIKE 'idempotency%'"
                " AND tablename <> 'inbox'"  # what was heard of the purchase meanwhile
            ).fetchall()
            return {
                name: connection.execute(
                    "SELECT count(*), sum(hashtextextended((to_jsonb(t) - %s::text[])::text, 0))"  # noqa: S608
                    f" FROM {name} t WHERE to_jsonb(t)->>'tenant_id' = %s",
                    [list(BY_THE_RELAY), str(gaining.app.tenant_id)],
                ).fetchone()
                for (name,) in tables
            }

    before = rows()
    assert tried(gaining, rule)["points"] == 1000
    assert drafted(gaining, fixed(5))["points"] == 5
    assert rows() == before
    assert len(facts(gaining.loyalty, gaining.app, events.PointsEarned)) == 1


@pytest.mark.parametrize(
    ("change", "wrong"),
    [
        ({"until": YEAR["since"]}, ("/until", "range_empty")),
        ({"until": "2032-01-03T00:00:00Z"}, ("/until", "range_too_long")),
    ],
)
def test_a_range_that_is_empty_or_too_long_is_refused(
    gaining: Gaining, change: dict[str, Any], wrong: tuple[str, str]
) -> None:
    rule = gaining.draft(fixed(1))
    answer = gaining.app.post(f"{RULES}/{rule['id']}/simulate", {**YEAR, **change})
    assert (answer.status_code, places(answer)) == (422, [wrong])


def test_more_than_one_look_can_take_is_refused(
    gaining: Gaining, database_apart: TestDatabase
) -> None:
    rule, person = gaining.draft(fixed(1)), gaining.person()
    happened = gaining.buy(person, ("coffee", "1"))
    with psycopg.connect(database_apart.owner_url) as connection:
        columns = "kind, person_id, happened_at, judged_at, channel, branch, order_number, lines"
        connection.execute(
            f"INSERT INTO happenings (tenant_id, id, key, properties, {columns})"  # noqa: S608
            f" SELECT tenant_id, gen_random_uuid(), n, properties, {columns}"
            " FROM happenings, generate_series(1, %s) n WHERE tenant_id = %s AND key = %s",
            [MOST_HAPPENINGS, gaining.app.tenant_id, happened.key],
        )
    answer = gaining.app.post(f"{RULES}/{rule['id']}/simulate", YEAR)
    assert places(answer) == [("/until", "range_too_full")]


def test_a_rule_that_cannot_be_is_not_tried_either(gaining: Gaining) -> None:
    rule = {"name": "R", "trigger": "order_delivered", "gives": fixed(1), "condition": "nonsense"}
    body = {**YEAR, "program_id": gaining.program["id"], "rule": rule}
    answer = gaining.app.post(f"{RULES}/simulate", body)
    assert places(answer) == [("/condition", "name_unknown")]
    unknown = {**body, "program_id": str(uuid4()), "rule": {**rule, "condition": ""}}
    assert gaining.app.post(f"{RULES}/simulate", unknown).status_code == 404


def test_trying_needs_a_permission_and_shows_no_other_tenants(
    timed: Loyalty, clock: MovableClock, gaining: Gaining
) -> None:
    path = f"{RULES}/{gaining.draft(fixed(1))['id']}/simulate"
    assert refused(timed.anonymous().post(path, YEAR)) == (401, "token_missing")
    assert lasting_app(timed, clock).post(path, YEAR).status_code == 404
    reader = lasting_app(timed, clock, gaining.app.tenant_id, "loyalty.earning_rules.read")
    assert reader.post(path, YEAR).status_code == 403
