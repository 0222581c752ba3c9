"""One answer to all incidents of a problem: each once, and what is settled is left alone (DE-12)."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest

from chassis.clock import MovableClock
from chassis.testing.client import ApiClient
from chassis.work.job_runner import JobRunner
from desk.problem_answers.answering import ANSWER_INCIDENTS, IncidentsAnswering
from services.desk.tests.builders import TICKETS, Desk, good, lasting_app, open_ticket, places
from services.desk.tests.conversing import act, conversation, current


def answer_all(app: ApiClient, problem: dict[str, Any], **more: Any) -> dict[str, Any]:
    """Have all incidents answered; gives the job."""
    body = {"text": "A new seal is on its way.", **more}
    answer = app.post(f"{TICKETS}/{problem['id']}/answer-incidents", body)
    assert answer.status_code == 202, answer.text
    job: dict[str, Any] = answer.json
    return job


@pytest.fixture
def worker(timed: Desk) -> JobRunner:
    """What does jobs, two incidents at a time."""
    service = timed.service
    jobs = {ANSWER_INCIDENTS: IncidentsAnswering(service.operations, at_once=2)}
    return JobRunner(service.database, "desk", jobs, service.clock)


def test_all_open_incidents_are_answered_each_once(
    timed: Desk, clock: MovableClock, worker: JobRunner
) -> None:
    app = lasting_app(timed, clock)
    problem = open_ticket(app, type="problem")
    incidents = [open_ticket(app, problem_id=problem["id"]) for _ in range(5)]
    good(act(app, incidents[1], "resolve"))
    stranger = open_ticket(app)
    job = answer_all(app, problem, status="resolved")
    while worker.run_next() == 0:
        pass
    done = good(app.get(f"/v1/desk/jobs/{job['id']}"))
    assert (done["state"], done["result"]) == ("succeeded", {"answered": 4, "refused": 0})
    counts = [len(conversation(app, one)) for one in (*incidents, stranger, problem)]
    assert counts == [1, 0, 1, 1, 1, 0, 0]
    assert {current(app, one)["status"] for one in incidents} == {"resolved"}
    assert current(app, stranger)["status"] == "new"


def test_only_a_problem_is_answered_for_and_only_by_who_may(desk: Desk, app: ApiClient) -> None:
    ticket = open_ticket(app)
    path = f"{TICKETS}/{ticket['id']}/answer-incidents"
    assert app.post(path, {"text": "A"}).status_code == 404
    assert app.post(f"{TICKETS}/{uuid4()}/answer-incidents", {"text": "A"}).status_code == 404
    assert app.tenant_id is not None
    agent = desk.app_client(app.tenant_id, "desk.tickets.*")
    assert agent.post(path, {"text": "A"}).status_code == 403


def test_an_incident_hangs_on_an_open_problem_and_on_nothing_else(app: ApiClient) -> None:
    problem, other = open_ticket(app, type="problem"), open_ticket(app)
    for wrong in (other["id"], str(uuid4())):
        refusal = app.post(TICKETS, {"subject": "A", "problem_id": wrong})
        assert (refusal.status_code, places(refusal)) == (422, [("/problem_id", "problem_unknown")])
    itself = app.patch(f"{TICKETS}/{problem['id']}", {"problem_id": problem["id"]})
    assert (itself.status_code, places(itself)) == (422, [("/problem_id", "problem_itself")])
    hung = good(app.patch(f"{TICKETS}/{other['id']}", {"problem_id": problem["id"]}))
    found = good(app.get(f"{TICKETS}?problem_id={problem['id']}&status[in]=new,open&count=true"))
    assert (found["items"], found["total_count"]) == ([hung], 1)
    good(act(app, problem, "resolve"))
    good(act(app, problem, "close"))
    closed = app.post(TICKETS, {"subject": "A", "problem_id": problem["id"]})
    assert (closed.status_code, places(closed)) == (422, [("/problem_id", "problem_closed")])
