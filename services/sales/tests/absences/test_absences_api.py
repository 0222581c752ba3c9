"""Absences over REST: whose they are, and who may enter them (SA-3)."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

from chassis.testing.client import ApiClient
from rapport.sales.events.v1 import assignment_events_pb2 as events
from services.sales.tests.builders import Sales, facts, good, places, refused

ABSENCES = "/v1/sales/absences"
OWN = {"sales.absences.read": "own", "sales.absences.write": "own"}


def days(**more: Any) -> dict[str, Any]:
    """Two days off."""
    return {"first_day": "2026-08-01", "last_day": "2026-08-02", **more}


def test_lists_tell_strangers_nothing(sales: Sales, app: ApiClient) -> None:
    assert ApiClient(sales.app, None).get(ABSENCES).status_code == 401
    one = good(app.post(ABSENCES, days(user_id=str(uuid4()))))
    other = sales.app_client(sales.new_tenant())
    assert other.get(ABSENCES).json["items"] == []
    assert other.delete(f"{ABSENCES}/{one['id']}").status_code == 404


def test_users_enter_their_own_and_see_no_others(sales: Sales, app: ApiClient) -> None:
    assert app.tenant_id is not None
    me, colleague = uuid4(), uuid4()
    good(app.post(ABSENCES, days(user_id=str(colleague))))
    mine = sales.user_client(app.tenant_id, OWN, user_id=me)
    one = good(mine.post(ABSENCES, days()))
    assert one["user_id"] == str(me)
    assert [x["id"] for x in mine.get(ABSENCES).json["items"]] == [one["id"]]
    assert refused(mine.post(ABSENCES, days(user_id=str(colleague)))) == (403, "forbidden")
    assert mine.get(f"{ABSENCES}/{one['id']}").json == one
    assert mine.delete(f"{ABSENCES}/{one['id']}").status_code == 204
    assert mine.get(ABSENCES).json["items"] == []
    told = facts(sales, app, events.AbsenceEntered)
    assert [(x.user_id, x.first_day, x.last_day) for x in told] == [
        (str(colleague), "2026-08-01", "2026-08-02"),
        (str(me), "2026-08-01", "2026-08-02"),
    ]
    (gone,) = facts(sales, app, events.AbsenceRemoved)
    assert gone.absence_id == one["id"]


def test_an_absence_is_somebodys_and_ends_after_it_begins(app: ApiClient) -> None:
    assert places(app.post(ABSENCES, days())) == [("/user_id", "user_missing")]
    backwards = days(user_id=str(uuid4()), last_day="2026-07-31")
    assert places(app.post(ABSENCES, backwards)) == [("/last_day", "before_first_day")]
