"""A rule is tried on more than somebody waits for by a job, which finds what a look at once does (LO-3)."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import psycopg
import pytest

from chassis.clock import MovableClock
from chassis.testing.harness import TestDatabase
from chassis.testing.waiting import eventually
from chassis.work.job_runner import JobRunner
from loyalty.earning.simulating import MOST_HAPPENINGS
from loyalty.earning.simulation_jobs import SIMULATE_RULE, Simulating
from services.loyalty.tests.builders import Loyalty, good, lasting_app, places, refused
from services.loyalty.tests.gaining import RULES, Gaining, cap, fixed, per

JOBS = "/v1/loyalty/jobs"
YEAR = {"since": "2031-01-01T00:00:00Z", "until": "2032-01-01T00:00:00Z"}


@pytest.fixture
def gaining(timed: Loyalty, clock: MovableClock) -> Gaining:
    """A program whose points are worth a dime, by a clock that the test moves."""
    return Gaining(timed, clock, point_value="0.1")


def begun(gaining: Gaining, path: str, body: dict[str, Any]) -> dict[str, Any]:
    """A job that was accepted."""
    answer = gaining.app.post(f"{RULES}/{path}", body)
    assert answer.status_code == 202, answer.text
    assert answer.headers["Location"] == f"{JOBS}/{answer.json['id']}"
    job: dict[str, Any] = answer.json
    return job


def done(gaining: Gaining, job: dict[str, Any], at_once: int = 2) -> dict[str, Any]:
    """The job once a worker has ended it, so many happenings at a time."""
    service = gaining.loyalty.service
    handlers = {SIMULATE_RULE: Simulating(service.operations, at_once)}
    runner = JobRunner(service.database, "loyalty", handlers, gaining.clock)

    def ended() -> dict[str, Any] | None:
        runner.run_next()
        found: dict[str, Any] = good(gaining.app.get(f"{JOBS}/{job['id']}"))
        return None if found["state"] in ("queued", "running") else found

    found = eventually(ended)
    assert found is not None
    return found


def test_a_job_finds_what_a_look_at_once_does(gaining: Gaining) -> None:
    gaining.rule(per("50"))
    people = [gaining.person() for _ in range(3)]
    for number in range(9):
        gaining.buy(people[number % 3], ("coffee", str(100 * number + 50)))
        gaining.later(hours=7)
    rule = gaining.draft(per("10"), caps=[cap(60, "day")])
    at_once = good(gaining.app.post(f"{RULES}/{rule['id']}/simulate", YEAR))
    job = done(gaining, begun(gaining, f"{rule['id']}/simulations", YEAR))
    assert (job["state"], job["result"]) == ("succeeded", at_once)
    assert job["progress"] == {"done": 9, "total": 9, "details": {}}
    assert at_once["after"] > at_once["before"] > 0
    idea = {"name": "Idea", "trigger": "order_delivered", "gives": fixed(5)}
    body = {**YEAR, "program_id": gaining.program["id"], "rule": idea}
    drafted = done(gaining, begun(gaining, "simulations", body))
    assert drafted["result"] == good(gaining.app.post(f"{RULES}/simulate", body))
    assert drafted["result"]["points"] == 45


def test_a_rule_is_tried_as_it_was_written_when_it_was_asked_for(gaining: Gaining) -> None:
    gaining.buy(gaining.person(), ("coffee", "100"))
    rule = gaining.draft(fixed(7))
    job = begun(gaining, f"{rule['id']}/simulations", YEAR)
    gaining.change(rule, gives=fixed(9))
    assert done(gaining, job)["result"]["points"] == 7


def test_more_than_a_look_can_take_and_longer_ago_is_for_a_job(
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
    years = {"since": "2023-01-01T00:00:00Z", "until": "2032-01-01T00:00:00Z"}
    path = f"{RULES}/{rule['id']}"
    assert places(gaining.app.post(f"{path}/simulate", YEAR)) == [("/until", "range_too_full")]
    job = done(gaining, begun(gaining, f"{rule['id']}/simulations", years), at_once=1_000)
    assert job["result"]["points"] == MOST_HAPPENINGS + 1
    too_long = {**years, "since": "2020-01-01T00:00:00Z"}
    refusal = gaining.app.post(f"{path}/simulations", too_long)
    assert places(refusal) == [("/until", "range_too_long")]


def test_a_job_that_is_cancelled_ends_and_is_told_so(gaining: Gaining) -> None:
    rule = gaining.draft(fixed(1))
    job = begun(gaining, f"{rule['id']}/simulations", YEAR)
    cancelled = gaining.app.post(f"{JOBS}/{job['id']}/cancel")
    assert cancelled.status_code in (200, 409), "a worker may have been quicker"
    assert done(gaining, job)["state"] in ("cancelled", "succeeded")


def test_two_jobs_of_one_rule_at_once_find_the_same(gaining: Gaining) -> None:
    gaining.buy(gaining.person(), ("coffee", "100"))
    rule = gaining.draft(fixed(3))
    jobs = [begun(gaining, f"{rule['id']}/simulations", YEAR) for _ in range(2)]
    with ThreadPoolExecutor(2) as pool:
        found = list(pool.map(lambda job: done(gaining, job)["result"]["points"], jobs))
    assert found == [3, 3]


def test_trying_needs_a_permission_and_shows_no_other_tenants(
    timed: Loyalty, clock: MovableClock, gaining: Gaining
) -> None:
    path = f"{RULES}/{gaining.draft(fixed(1))['id']}/simulations"
    assert refused(timed.anonymous().post(path, YEAR)) == (401, "token_missing")
    stranger = lasting_app(timed, clock)
    assert stranger.post(path, YEAR).status_code == 404
    rule = {"name": "R", "trigger": "order_delivered", "gives": fixed(1)}
    body = {**YEAR, "program_id": gaining.program["id"], "rule": rule}
    assert stranger.post(f"{RULES}/simulations", body).status_code == 404
    reader = lasting_app(timed, clock, gaining.app.tenant_id, "loyalty.earning_rules.read")
    assert reader.post(path, YEAR).status_code == 403
