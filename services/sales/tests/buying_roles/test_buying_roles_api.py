"""Parts in buying over REST: who has which, which are missing, and what follows people."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

from chassis.clock import MovableClock
from chassis.testing.bus import Bus
from chassis.testing.client import ApiClient
from chassis.testing.waiting import eventually
from rapport.contacts.events.v1.person_events_pb2 import PersonMerged, PersonUnmerged
from rapport.sales.events.v1 import opportunity_events_pb2 as events
from services.sales.tests.builders import (
    OPPORTUNITIES,
    Sales,
    at_once,
    define_pipeline,
    facts,
    good,
    lasting_app,
    open_one,
    places,
)


def people_path(app: ApiClient, *required: str) -> str:
    """Where the people of a new opportunity are; its pipeline asks for these roles."""
    one = open_one(app, define_pipeline(app, required_roles=required))
    return f"{OPPORTUNITIES}/{one['id']}/people"


def test_the_roles_that_the_pipeline_requires_are_shown_until_they_are_covered(
    app: ApiClient,
) -> None:
    path = people_path(app, "decider", "approver", "user")
    coverage = path.replace("/people", "/coverage")
    assert app.get(coverage).json["missing"] == ["decider", "approver", "user"]
    person = uuid4()
    good(app.put(f"{path}/{person}", {"roles": ["decider", "user"], "influence": 5}))
    good(app.put(f"{path}/{uuid4()}", {"roles": ["user"], "attitude": "against"}))
    assert app.get(coverage).json == {
        "covered": {"decider": 1, "user": 2},
        "required": ["decider", "approver", "user"],
        "missing": ["approver"],
    }
    assert app.delete(f"{path}/{person}").status_code == 204
    assert app.get(coverage).json["missing"] == ["decider", "approver"]
    assert app.delete(f"{path}/{person}").status_code == 404


def test_roles_that_there_are_not_and_none_at_all_are_refused(app: ApiClient) -> None:
    path = f"{people_path(app)}/{uuid4()}"
    assert app.put(path, {"roles": []}).status_code == 422
    answer = app.put(path, {"roles": ["king"]})
    assert places(answer)[0][0] == "/roles/0"
    assert app.put(path, {"roles": ["user"], "influence": 6}).status_code == 422


def test_two_who_assign_the_same_person_at_once_note_them_once(
    sales: Sales, app: ApiClient
) -> None:
    path, person = people_path(app), uuid4()
    calls = [
        lambda role=role: app.put(f"{path}/{person}", {"roles": [role]})
        for role in ("user", "buyer")
    ]
    assert at_once(*calls) == [200, 201]
    (noted,) = app.get(path).json["items"]
    told = facts(sales, app, events.BuyingRolesAssigned)
    assert [*told[-1].roles] == noted["roles"]
    assert len(told) == 2


def test_when_it_was_noted_and_when_changed_is_told_apart(
    timed: Sales, clock: MovableClock
) -> None:
    app = lasting_app(timed, clock)
    path = f"{people_path(app)}/{uuid4()}"
    first = good(app.put(path, {"roles": ["user"]}))
    clock.move(timedelta(days=3))
    same = good(app.put(path, {"roles": ["user"]}))
    assert same == first
    changed = good(app.put(path, {"roles": ["user"], "attitude": "for"}))
    assert changed["created_at"] == first["created_at"]
    assert changed["updated_at"] > first["updated_at"]


def test_two_people_who_are_one_have_one_part_and_two_when_it_is_undone(
    bus: Bus, app: ApiClient
) -> None:
    path, kept, gone, merge = people_path(app), uuid4(), uuid4(), str(uuid4())
    good(app.put(f"{path}/{kept}", {"roles": ["user"], "attitude": "for"}))
    good(app.put(f"{path}/{gone}", {"roles": ["decider"], "attitude": "against"}))
    assert app.tenant_id is not None
    one = {"person_id": str(kept), "merge_id": merge}
    bus.say(PersonMerged(merged_person_id=str(gone), **one), app.tenant_id, kept)

    def noted() -> list[tuple[str, list[str]]]:
        return [(p["person_id"], p["roles"]) for p in app.get(path).json["items"]]

    eventually(lambda: noted() == [(str(kept), ["decider", "user"])])
    coverage = app.get(path.replace("/people", "/coverage")).json
    assert coverage["covered"] == {"decider": 1, "user": 1}
    bus.say(PersonUnmerged(unmerged_person_id=str(gone), **one), app.tenant_id, kept)
    eventually(lambda: noted() == [(str(kept), ["user"]), (str(gone), ["decider"])])
