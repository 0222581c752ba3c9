"""Frameworks over REST: what makes sense, who may define them, and what every tenant starts with (SA-2)."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

from chassis.clock import MovableClock
from chassis.testing.bus import Bus
from chassis.testing.client import ApiClient
from chassis.testing.waiting import eventually
from rapport.identity.events.v1.tenant_events_pb2 import TenantCreated
from rapport.sales.events.v1 import qualification_events_pb2 as events
from services.sales.tests.builders import (
    Sales,
    at_once,
    capture,
    facts,
    good,
    lasting_app,
    places,
    refused,
)
from services.sales.tests.qualifying import (
    FRAMEWORKS,
    bant_of,
    define_framework,
    option,
    question,
    say,
)


def test_lists_tell_strangers_nothing(sales: Sales, app: ApiClient) -> None:
    assert ApiClient(sales.app, None).get(FRAMEWORKS).status_code == 401
    framework = define_framework(app)
    other = sales.app_client(sales.new_tenant())
    assert other.get(FRAMEWORKS).json["items"] == []
    assert other.get(f"{FRAMEWORKS}/{framework['id']}").status_code == 404


def test_a_framework_is_defined_changed_put_away_and_taken_back(
    sales: Sales, app: ApiClient
) -> None:
    framework = define_framework(app, question("fits"), question("pays"), threshold=15)
    path = f"{FRAMEWORKS}/{framework['id']}"
    assert app.get(path).json == framework
    changed = good(app.patch(path, {"threshold": 20}))
    assert (changed["number"], changed["threshold"]) == (2, 20)
    assert good(app.patch(path, {"threshold": 20}))["number"] == 2
    assert app.delete(path).status_code == 204
    assert app.get(FRAMEWORKS).json["items"] == []
    assert refused(app.patch(path, {"threshold": 5})) == (409, "framework_archived")
    assert good(app.post(f"{path}/restore"))["archived_at"] is None
    told = facts(sales, app, events.QualificationFrameworkDefined)
    assert [(one.number, one.threshold) for one in told] == [(1, 15), (2, 20)]
    assert list(told[0].questions) == ["fits", "pays"]


def test_a_framework_by_which_nobody_could_qualify_is_refused(app: ApiClient) -> None:
    hopeless = question("fits", option("no", 5, "unmet"), option("no", 10, "unmet"))
    body = {"name": {"en": "Ours"}, "questions": [hopeless, question("fits")], "threshold": 21}
    assert places(app.post(FRAMEWORKS, body)) == [
        ("/questions/1/key", "key_repeated"),
        ("/questions/0/answers/1/key", "key_repeated"),
        ("/questions/0/answers", "question_hopeless"),
        ("/threshold", "threshold_unreachable"),
    ]
    assert app.post(FRAMEWORKS, {**body, "questions": []}).status_code == 422
    assert app.get(FRAMEWORKS).json["items"] == []


def test_who_only_sells_reads_frameworks_and_changes_none(sales: Sales, app: ApiClient) -> None:
    framework = define_framework(app)
    assert app.tenant_id is not None
    grants = {"sales.qualification_frameworks.read": "all"}
    seller = sales.user_client(app.tenant_id, grants)
    path = f"{FRAMEWORKS}/{framework['id']}"
    assert seller.get(path).json["id"] == framework["id"]
    assert seller.patch(path, {"threshold": 1}).status_code == 403


def test_of_two_changes_by_one_version_the_second_is_refused(app: ApiClient) -> None:
    framework = define_framework(app)
    path, seen = f"{FRAMEWORKS}/{framework['id']}", {"If-Match": '"1"'}
    codes = at_once(
        lambda: app.patch(path, {"threshold": 4}, headers=seen),
        lambda: app.patch(path, {"threshold": 5}, headers=seen),
    )
    assert codes == [200, 412]
    assert app.get(path).json["number"] == 2


def test_a_new_tenant_starts_with_bant(sales: Sales, bus: Bus) -> None:
    tenant = uuid4()
    bus.say(TenantCreated(tenant_id=str(tenant)), tenant, tenant)
    app = sales.app_client(tenant)
    eventually(lambda: len(app.get(FRAMEWORKS).json["items"]) == 1)
    (bant,) = app.get(FRAMEWORKS).json["items"]
    assert (bant["id"], bant["threshold"]) == (bant_of(app), 60)
    assert set(bant["name"]) == {"en", "zh-Hant"}


def test_a_tenant_without_bant_has_it_with_the_first_answers_at_once(app: ApiClient) -> None:
    leads = [capture(app, email=f"{n}@engines.example") for n in range(4)]
    calls = [lambda lead=lead: say(app, lead, "budget", "approved") for lead in leads]
    assert at_once(*calls) == [200] * 4
    assert [one["id"] for one in app.get(FRAMEWORKS).json["items"]] == [bant_of(app)]


def test_when_it_was_defined_and_changed_is_told(timed: Sales, clock: MovableClock) -> None:
    app = lasting_app(timed, clock)
    framework = define_framework(app)
    clock.move(timedelta(days=400))
    changed = good(app.patch(f"{FRAMEWORKS}/{framework['id']}", {"threshold": 5}))
    assert changed["created_at"] == framework["created_at"]
    assert changed["updated_at"][:19] == clock.now().isoformat()[:19]
