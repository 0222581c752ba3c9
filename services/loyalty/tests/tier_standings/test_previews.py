"""What other tiers would mean to members is seen before they hold, and members are found by their tier (LO-5)."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest

from chassis.clock import MovableClock
from chassis.testing.harness import TestDatabase
from chassis.testing.waiting import eventually
from chassis.work.job_runner import JobRunner
from loyalty.tier_standings.preview_jobs import PREVIEW_TIERS, Previewing
from loyalty.tier_standings.previewing import MOST_AT_ONCE
from services.loyalty.tests.builders import (
    MEMBERS,
    PROGRAMS,
    Loyalty,
    create_program,
    good,
    lasting_app,
    places,
    refused,
)
from services.loyalty.tests.tiering import Shop, tiers_of

JOBS = "/v1/loyalty/jobs"
START = datetime(2031, 1, 15, 4, tzinfo=UTC)


@pytest.fixture
def shop(timed: Loyalty, clock: MovableClock) -> Shop:
    """A program whose tiers begin at 100 and 200, in a rolling year."""
    opened = Shop(timed, clock, START)
    opened.tiers(tiers_of("100", "200"))
    return opened


def filled(shop: Shop) -> list[dict[str, Any]]:
    """Members who have spent 50, 150 and 250, and one nothing."""
    members = [shop.member() for _ in range(4)]
    for member, amount in zip(members, ("50", "150", "250"), strict=False):
        shop.deliver(member, amount)
    return members


def path_of(shop: Shop) -> str:
    """Where the program's tiers are."""
    return f"{PROGRAMS}/{shop.program['id']}/tiers"


def seen(shop: Shop, body: dict[str, Any]) -> dict[str, Any]:
    """What other tiers would mean."""
    return good(shop.app.post(f"{path_of(shop)}/preview", body))


def by_job(shop: Shop, body: dict[str, Any]) -> dict[str, Any]:
    """The same from a job that a worker has ended."""
    answer = shop.app.post(f"{path_of(shop)}/previews", body)
    assert answer.status_code == 202, answer.text
    service = shop.loyalty.service
    handlers = {PREVIEW_TIERS: Previewing(service.operations, 3)}
    runner = JobRunner(service.database, "loyalty", handlers, shop.clock)

    def ended() -> dict[str, Any] | None:
        runner.run_next()
        found: dict[str, Any] = good(shop.app.get(f"{JOBS}/{answer.json['id']}"))
        return None if found["state"] in ("queued", "running") else found

    found = eventually(ended)
    assert found is not None
    return found


def step(before: str | None, after: str | None, members: int = 1) -> dict[str, Any]:
    """So many members from a tier into another."""
    return {"before": before, "after": after, "members": members}


def test_lower_thresholds_would_move_members_up_at_once(shop: Shop) -> None:
    members = filled(shop)
    easier = tiers_of("40", "140")
    found = seen(shop, easier)
    assert (found["members"], found["unchanged"], found["falls"]) == (4, 2, [])
    assert found["moves"] == [step(None, "silver"), step("silver", "gold")]
    job = by_job(shop, easier)
    assert (job["state"], job["result"]) == ("succeeded", found)
    assert job["progress"] == {"done": 4, "total": 4, "details": {}}
    assert [shop.tier(one) for one in members] == [None, "silver", "gold", None], "nothing changed"
    shop.tiers(easier)
    assert [shop.tier(one) for one in members] == ["silver", "gold", "gold", None]


def test_higher_thresholds_would_cost_the_tier_once_patience_is_over(shop: Shop) -> None:
    filled(shop)
    harder = tiers_of("200", "300", change_grace_days=30)
    found = seen(shop, harder)
    assert (found["unchanged"], found["moves"]) == (4, [])
    assert found["falls"] == [step("gold", "silver"), step("silver", None)]
    hasty = seen(shop, {**harder, "change_grace_days": 0})
    assert hasty["moves"] == [step("gold", "silver"), step("silver", None)]


def test_a_preview_is_of_the_time_at_which_it_is_asked_for(shop: Shop) -> None:
    filled(shop)
    by_purchases = {**tiers_of("1", "2"), "by": "purchases"}
    assert seen(shop, by_purchases)["moves"] == [step(None, "silver")]
    shop.go_to(START + timedelta(days=400))
    assert seen(shop, by_purchases)["moves"] == []


def test_a_first_look_at_tiers_of_a_program_without_any(shop: Shop) -> None:
    filled(shop)
    other = create_program(shop.app, key="second")
    path = f"{PROGRAMS}/{other['id']}/tiers"
    found = good(shop.app.post(f"{path}/preview", tiers_of("1")))
    assert (found["members"], found["moves"]) == (0, [])
    assert shop.app.get(path).status_code == 404


def test_what_cannot_be_is_not_looked_at(shop: Shop) -> None:
    for way in ("preview", "previews"):
        answer = shop.app.post(f"{path_of(shop)}/{way}", tiers_of("200", "100"))
        assert places(answer) == [("/tiers/1/threshold", "threshold_not_rising")]
        path = f"{PROGRAMS}/{uuid4()}/tiers/{way}"
        assert shop.app.post(path, tiers_of("1")).status_code == 404


def test_previews_need_a_token_and_a_permission_and_are_of_ones_own(shop: Shop) -> None:
    stranger = lasting_app(shop.loyalty, shop.clock)
    reader = lasting_app(shop.loyalty, shop.clock, shop.tenant_id, "loyalty.tiers.read")
    for way in ("preview", "previews"):
        path, body = f"{path_of(shop)}/{way}", tiers_of("1")
        assert refused(shop.loyalty.anonymous().post(path, body)) == (401, "token_missing")
        assert stranger.post(path, body).status_code == 404
        assert reader.post(path, body).status_code == 403


def test_two_previews_at_once_find_the_same(shop: Shop) -> None:
    filled(shop)
    body = tiers_of("40", "140")
    with ThreadPoolExecutor(2) as pool:
        first, second = pool.map(lambda _: seen(shop, body), range(2))
    assert first == second


def test_more_members_than_a_look_takes_are_for_a_job(
    shop: Shop, database_apart: TestDatabase
) -> None:
    member = shop.member()
    with psycopg.connect(database_apart.owner_url) as connection:
        connection.execute(
            "INSERT INTO members SELECT (jsonb_populate_record(m, jsonb_build_object("
            "'id', gen_random_uuid(), 'person_id', gen_random_uuid(), 'number', 'N' || n))).*"
            " FROM members m, generate_series(1, %s) n WHERE m.id = %s",
            [MOST_AT_ONCE, UUID(member["id"])],
        )
    answer = shop.app.post(f"{path_of(shop)}/preview", tiers_of("1"))
    assert places(answer) == [("/tiers", "members_too_many")]


def test_members_are_found_by_their_tier(shop: Shop) -> None:
    members = filled(shop)
    program = f"program_id={shop.program['id']}"

    def found(query: str) -> list[str]:
        return [one["id"] for one in good(shop.app.get(f"{MEMBERS}?{query}"))["items"]]

    assert found(f"tier=gold&{program}") == [members[2]["id"]]
    assert found("tier=silver") == [members[1]["id"]]
    assert set(found("tier[in]=silver,gold")) == {members[1]["id"], members[2]["id"]}
    assert found(f"tier=gold&program_id={uuid4()}") == []
    assert found("tier=platinum") == []
    stranger = lasting_app(shop.loyalty, shop.clock)
    assert good(stranger.get(f"{MEMBERS}?tier=gold"))["items"] == []
    counted = good(shop.app.get(f"{MEMBERS}?tier[in]=silver,gold&count=true"))
    assert counted["total_count"] == 2


def test_members_of_a_tier_are_found_by_its_index(database: TestDatabase) -> None:
    tenant = uuid4()
    with psycopg.connect(database.admin_url) as connection:
        connection.execute("SET session_replication_role = replica")
        connection.execute(
            "INSERT INTO tier_standings (tenant_id, id, version, program_id, tier, revision, holds)"
            " SELECT %(t)s, gen_random_uuid(), 1, %(t)s, 'tier' || n %% 500, 1, 0"
            " FROM generate_series(1, 5000) n",
            {"t": tenant},
        )
        connection.execute("ANALYZE tier_standings")
        connection.execute("SET ROLE loyalty_runtime")
        connection.execute("SELECT set_config('app.tenant', %s, true)", [str(tenant)])
        rows = connection.execute(
            "EXPLAIN SELECT m.id FROM members m WHERE m.tenant_id = %(t)s AND m.id IN"
            " (SELECT s.id FROM tier_standings s WHERE s.tenant_id = m.tenant_id"
            " AND s.tier = 'tier7') ORDER BY m.created_at DESC, m.id DESC LIMIT 51",
            {"t": tenant},
        ).fetchall()
        connection.rollback()
    plan = [line for (line,) in rows]
    assert any("tier_standings_in_tier on" in line for line in plan), plan
