"""Parts of the platform go away and come back: what is answered meanwhile, and what is lost: nothing."""

from __future__ import annotations

import time
from collections.abc import Iterator
from functools import partial
from threading import Thread

import pytest

from deploy.demo.external_app import Answer, ExternalApp, Patience

from .world import IMPATIENT, Organisation, World, soon

PEOPLE = "/v1/contacts/people"
SERVICES = ("identity", "contacts", "probe")


@pytest.fixture(autouse=True)
def everything_runs_again(world: World) -> Iterator[None]:
    """Whatever a test has stopped."""
    yield
    world.restore()


def pids(world: World) -> dict[str, int]:
    """The process of each part."""
    running = {name: part.process() for name, part in world.platform.parts.items()}
    return {name: record.pid for name, record in running.items() if record is not None}


def is_unavailable(answer: Answer) -> bool:
    """Whether this is a refusal for now, as a problem document that says when to come back."""
    if answer.status not in (502, 503):
        return False
    assert answer.headers["Content-Type"].startswith("application/problem+json"), answer.text
    assert answer.json["status"] == answer.status
    assert answer.json["trace_id"]
    assert answer.status != 503 or int(answer.headers["Retry-After"]) >= 1
    return True


def is_refused_for_now(app: ExternalApp, path: str) -> bool:
    """The same of a read at a path."""
    return is_unavailable(app.ask("GET", path))


def test_starting_the_platform_a_second_time_changes_nothing(
    world: World, acme: Organisation
) -> None:
    person = acme.app().post(PEOPLE, {"given_name": "Ada"})
    before = pids(world)
    report = world.platform.up()
    assert report.started == ()
    assert report.first_tenant is not None
    assert report.first_tenant.password is None
    assert pids(world) == before
    assert acme.app().get(f"{PEOPLE}/{person['id']}")["given_name"] == "Ada"


def test_a_killed_service_leaves_the_others_at_work_and_is_brought_back(
    world: World, acme: Organisation
) -> None:
    app = acme.app("contacts.*", "identity.users.read", patience=IMPATIENT)
    app.post(PEOPLE, {"given_name": "Before"})
    world.platform.parts["contacts"].kill()
    soon(lambda: is_unavailable(app.ask("GET", PEOPLE)), 10, "a refusal for now")
    for _ in range(20):
        assert app.ask("GET", "/v1/identity/users").status == 200
    assert is_unavailable(app.ask("POST", PEOPLE, json={"given_name": "Meanwhile"}))
    assert world.platform.up().started == ("contacts",)
    soon(lambda: app.ask("GET", PEOPLE).status == 200, 10, "contacts answers again")
    assert [person["given_name"] for person in app.items(PEOPLE)] == ["Before"]


def test_a_client_that_tries_again_gets_its_write_through_once_when_a_service_dies(
    world: World, acme: Organisation
) -> None:
    app = acme.app(patience=Patience(attempts=100, seconds=90))
    app.get(PEOPLE)
    world.platform.parts["contacts"].kill()
    made: list[str] = []
    writing = Thread(target=lambda: made.append(app.post(PEOPLE, {"given_name": "Ada"})["id"]))
    writing.start()
    world.restore()
    writing.join(90)
    assert [person["id"] for person in app.items(PEOPLE)] == made


def test_without_the_database_everything_is_refused_for_now_and_comes_back_by_itself(
    world: World, acme: Organisation
) -> None:
    app = acme.app("contacts.*", "identity.users.read", patience=IMPATIENT)
    person = app.post(PEOPLE, {"given_name": "Ada"})
    before = pids(world)
    world.platform.parts["postgres"].stop()
    for path in (PEOPLE, f"{PEOPLE}/{person['id']}", "/v1/identity/users"):
        soon(partial(is_refused_for_now, app, path), 10, f"{path} is refused")
    assert is_unavailable(app.ask("POST", PEOPLE, json={"given_name": "Lost"}))
    for service in SERVICES:
        soon(partial(world.is_unready, service), 15, f"{service} is not ready")
    world.platform.parts["postgres"].start()
    for service in SERVICES:
        soon(partial(world.is_ready, service), 30, f"{service} is ready again")
    soon(lambda: app.ask("GET", PEOPLE).status == 200, 10, "people can be read again")
    assert [each["id"] for each in app.items(PEOPLE)] == [person["id"]]
    after = pids(world)
    assert {name: after[name] for name in SERVICES} == {name: before[name] for name in SERVICES}


def test_without_the_broker_writes_are_accepted_and_told_once_it_is_back(
    world: World, acme: Organisation
) -> None:
    app = acme.app("contacts.*", "probe.*", patience=IMPATIENT)
    first = app.post(PEOPLE, {"given_name": "Before"})
    soon(lambda: bool(world.facts_about(first["id"], app)), 10, "the first fact")
    world.platform.parts["nats"].stop()
    made = [app.post(PEOPLE, {"given_name": f"Meanwhile {n}"})["id"] for n in range(5)]
    soon(partial(world.is_unready, "contacts"), 15, "contacts tells that it does not reach it")
    # The gateway asks every two seconds: it is to find that requests can go on.
    asked = time.monotonic() + 3
    while time.monotonic() < asked:
        assert app.ask("GET", PEOPLE).status == 200
    made.append(app.post(PEOPLE, {"given_name": "Late"})["id"])
    assert all(world.facts_about(each, app) == [] for each in made)
    world.platform.parts["nats"].start()
    soon(lambda: count(world, app) == 7, 30, "all facts arrived")
    for person_id in made:
        assert [fact["type"] for fact in world.facts_about(person_id, app)] == ["PersonCreated"]


def count(world: World, app: ExternalApp) -> int:
    """How many facts of the tenant have arrived in the probe."""
    return int(world.at("probe", app).get("/v1/probe/facts")["count"])
