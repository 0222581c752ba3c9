"""What time does to subscriptions: reminders once, renewals, ends; restarts, zones, short months."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from chassis.clock import MovableClock
from chassis.testing.access import FakeAccessSource
from chassis.testing.bus import Bus
from chassis.testing.client import ApiClient
from chassis.testing.harness import ServiceHarness, TestDatabase, settings_for
from chassis.testing.tokens import TestTokens
from chassis.testing.waiting import eventually
from rapport.identity.events.v1.tenant_events_pb2 import TenantChanged
from rapport.sales.events.v1 import subscription_events_pb2 as events
from sales.app import build
from sales.settings import SalesSettings
from services.sales.tests.builders import (
    ACTIVITIES,
    OPPORTUNITIES,
    PIPELINES,
    Sales,
    choose_base,
    define_pipeline,
    facts,
    fire,
    good,
    lasting_app,
    places,
    refused,
    stage,
)
from services.sales.tests.conftest import NOBODY
from services.sales.tests.subscribing import (
    SUBSCRIPTION_SETTINGS,
    cancel_reason,
    next_year,
    now_of,
    path_of,
    reckon_by,
    seat,
    subscribe,
)


def go_to(clock: MovableClock, day: date, zone: str = "UTC", *, seconds: int = 0) -> None:
    """Move the clock to so many seconds after a day has begun."""
    begin = datetime.combine(day, time(), ZoneInfo(zone)).astimezone(UTC)
    clock.move(begin + timedelta(seconds=seconds) - clock.now())


def before_end(one: dict[str, Any], days: int) -> date:
    """So many days before the last day of a subscription's term."""
    return date.fromisoformat(one["ends_on"]) - timedelta(days=days)


def reminded(sales: Sales, app: ApiClient) -> list[int]:
    """How many days were left each time somebody was reminded."""
    return [told.days_left for told in facts(sales, app, events.SubscriptionRenewalReminderReached)]


def test_at_90_60_and_30_days_somebody_is_reminded_and_one_renewal_is_open(
    timed: Sales, clock: MovableClock
) -> None:
    app = lasting_app(timed, clock)
    choose_base(app)
    define_pipeline(app)
    one = subscribe(app, seat("100", "2"), name="Seats of Ann's")
    for days, told in ((91, []), (90, [90]), (61, [90]), (60, [90, 60]), (30, [90, 60, 30])):
        go_to(clock, before_end(one, days))
        for _ in range(2):
            fire(timed)
        assert reminded(timed, app) == told
    (renewal,) = app.get(OPPORTUNITIES).json["items"]
    assert renewal["id"] == now_of(app, one)["renewal_opportunity_id"]
    assert (renewal["amount"]["amount"], renewal["source"]) == ("2400.00", "renewal")
    assert (renewal["company_id"], renewal["expected_close_on"]) == (
        one["company_id"],
        one["ends_on"],
    )
    to_do = app.get(f"{ACTIVITIES}?opportunity_id={renewal['id']}").json["items"]
    assert [each["state"] for each in to_do] == ["open"] * 3
    assert all(one["ends_on"] in each["subject"] for each in to_do)


def test_after_a_restart_what_is_overdue_is_told_once_and_only_the_nearest(
    timed: Sales,
    clock: MovableClock,
    database: TestDatabase,
    tokens: TestTokens,
    access: FakeAccessSource,
) -> None:
    app = lasting_app(timed, clock)
    one = subscribe(app)
    # Nothing was at work from before the first reminder until after the second.
    go_to(clock, before_end(one, 45))
    service = build(
        SalesSettings(**settings_for(database, contacts_grpc=NOBODY)),
        clock=clock,
        keys=tokens.key_source(),
        access=access,
    )
    restarted = ServiceHarness(service, tokens, access)
    try:
        with ThreadPoolExecutor(2) as pool:
            list(pool.map(fire, (restarted, restarted)))
        fire(timed)
        assert reminded(restarted, app) == [45]
        go_to(clock, before_end(one, 30))
        fire(restarted)
        assert reminded(restarted, app) == [45, 30]
    finally:
        service.stop()


def test_without_a_pipeline_or_a_rate_somebody_is_reminded_all_the_same(
    timed: Sales, clock: MovableClock
) -> None:
    app = lasting_app(timed, clock)
    one = subscribe(app)
    go_to(clock, before_end(one, 90))
    fire(timed)
    assert reminded(timed, app) == [90]
    assert now_of(app, one)["renewal_opportunity_id"] is None
    # The next reminder opens it, without an amount that nobody could value.
    define_pipeline(app)
    go_to(clock, before_end(one, 60))
    fire(timed)
    (renewal,) = app.get(OPPORTUNITIES).json["items"]
    assert (renewal["id"], renewal["amount"]) == (
        now_of(app, one)["renewal_opportunity_id"],
        None,
    )


def test_a_term_worth_more_than_any_amount_may_be_is_reminded_of_without_one(
    timed: Sales, clock: MovableClock
) -> None:
    app = lasting_app(timed, clock)
    choose_base(app)
    define_pipeline(app)
    one = subscribe(app, seat("999999999999999"))
    go_to(clock, before_end(one, 90))
    fire(timed)
    assert reminded(timed, app) == [90]
    (renewal,) = app.get(OPPORTUNITIES).json["items"]
    assert renewal["amount"] is None


def test_a_pipeline_that_asks_for_more_stands_in_the_way_of_no_reminder(
    timed: Sales, clock: MovableClock
) -> None:
    app = lasting_app(timed, clock)
    pipeline = define_pipeline(app, stage("new", required_fields=["next_step"]))
    settings = {"reminder_days": [20], "pipeline_id": pipeline["id"]}
    good(app.put(SUBSCRIPTION_SETTINGS, settings))
    one = subscribe(app)
    go_to(clock, before_end(one, 20))
    fire(timed)
    assert reminded(timed, app) == [20]
    assert app.get(OPPORTUNITIES).json["items"] == []


def test_other_days_to_be_reminded_on_hold_for_terms_that_run(
    timed: Sales, clock: MovableClock
) -> None:
    app = lasting_app(timed, clock)
    one = subscribe(app)
    changed = good(app.put(SUBSCRIPTION_SETTINGS, {"reminder_days": [10, 200, 10]}))
    assert changed["reminder_days"] == [200, 10]
    for days, told in ((201, []), (200, [200]), (90, [200]), (10, [200, 10])):
        go_to(clock, before_end(one, days))
        fire(timed)
        assert reminded(timed, app) == told


def test_settings_that_cannot_be_are_refused_and_others_read_back(app: ApiClient) -> None:
    unset = good(app.get(SUBSCRIPTION_SETTINGS))
    assert unset == {
        "version": 0,
        "reminder_days": [90, 60, 30],
        "pipeline_id": None,
        "time_zone": "UTC",
    }
    unknown = {"pipeline_id": "00000000-0000-7000-8000-000000000009"}
    assert places(app.put(SUBSCRIPTION_SETTINGS, unknown)) == [("/pipeline_id", "pipeline_unknown")]
    archived = define_pipeline(app)["id"]
    assert app.delete(f"{PIPELINES}/{archived}").status_code == 204
    answer = app.put(SUBSCRIPTION_SETTINGS, {"pipeline_id": archived})
    assert places(answer) == [("/pipeline_id", "pipeline_unknown")]
    assert app.put(SUBSCRIPTION_SETTINGS, {"reminder_days": [0]}).status_code == 422
    given = good(app.put(SUBSCRIPTION_SETTINGS, {"reminder_days": [7]}))
    assert good(app.get(SUBSCRIPTION_SETTINGS)) == given


def test_another_term_moves_the_end_and_its_reminders(timed: Sales, clock: MovableClock) -> None:
    app = lasting_app(timed, clock)
    one = subscribe(app, starts_on=clock.now().date().isoformat())
    go_to(clock, before_end(one, 90))
    fire(timed)
    longer = good(app.patch(path_of(one), {"term_months": 24}))
    go_to(clock, before_end(one, 30))
    fire(timed)
    assert reminded(timed, app) == [90]
    go_to(clock, before_end(longer, 90))
    fire(timed)
    assert reminded(timed, app) == [90, 90]
    over = app.patch(path_of(one), {"term_months": 12})
    assert places(over) == [("/term_months", "term_over")]


def test_it_renews_by_itself_when_its_term_is_over_and_not_before(
    timed: Sales, clock: MovableClock
) -> None:
    app = lasting_app(timed, clock)
    one = subscribe(app)
    after = before_end(one, -1)
    go_to(clock, after, seconds=-1)
    fire(timed)
    assert now_of(app, one)["renewals"] == 0
    go_to(clock, after)
    for _ in range(2):
        fire(timed)
    renewed = now_of(app, one)
    assert (renewed["status"], renewed["renewals"]) == ("active", 1)
    assert renewed["term_starts_on"] == after.isoformat()
    (told,) = facts(timed, app, events.SubscriptionRenewed)
    assert (told.by_itself, told.subscription.ends_on) == (True, renewed["ends_on"])


def test_what_does_not_renew_by_itself_ends_and_can_be_taken_up_again(
    timed: Sales, clock: MovableClock
) -> None:
    app = lasting_app(timed, clock)
    one = subscribe(app, auto_renew=False)
    assert refused(app.post(path_of(one, "/reactivate"))) == (409, "subscription_not_ended")
    go_to(clock, before_end(one, -1))
    for _ in range(2):
        fire(timed)
    ended = now_of(app, one)
    assert (ended["status"], ended["ended_on"]) == ("ended", one["ends_on"])
    (told,) = facts(timed, app, events.SubscriptionEnded)
    assert (told.reason, told.movement.amount.amount) == ("", "-100.00")
    for action in ("/pause", "/renew", "/withdraw-cancellation"):
        answer = app.post(path_of(one, action), {} if action == "/pause" else None)
        assert refused(answer) == (409, "subscription_ended")
    again = good(app.post(path_of(one, "/reactivate")))
    assert (again["status"], again["term_starts_on"]) == ("active", before_end(one, -1).isoformat())
    assert len(facts(timed, app, events.SubscriptionReactivated)) == 1


def test_what_was_cancelled_ends_on_its_last_day_for_the_reason_given(
    timed: Sales, clock: MovableClock
) -> None:
    app = lasting_app(timed, clock)
    one, reason = subscribe(app), cancel_reason(app)
    good(app.post(path_of(one, "/cancel"), {"reason": reason}))
    go_to(clock, before_end(one, 30))
    fire(timed)
    # Nobody is reminded of renewing what will not be renewed.
    assert reminded(timed, app) == []
    go_to(clock, before_end(one, -1), seconds=-1)
    fire(timed)
    assert now_of(app, one)["status"] == "active"
    go_to(clock, before_end(one, -1))
    fire(timed)
    (told,) = facts(timed, app, events.SubscriptionEnded)
    assert (told.reason, told.movement.kind) == (reason, "churn")
    assert now_of(app, one)["status"] == "ended"


def test_renewed_by_time_and_cancelled_at_once_it_is_both_once_in_that_order(
    timed: Sales, clock: MovableClock
) -> None:
    app = lasting_app(timed, clock)
    one, reason = subscribe(app), cancel_reason(app)
    go_to(clock, before_end(one, -1))
    with ThreadPoolExecutor(3) as pool:
        firing = [pool.submit(fire, timed) for _ in range(2)]
        cancelling = pool.submit(app.post, path_of(one, "/cancel"), {"reason": reason})
        for each in firing:
            each.result()
    assert cancelling.result().status_code == 200
    now = now_of(app, one)
    # Whoever cancels on the day after a term cancels the next one.
    assert (now["renewals"], now["status"], now["cancel_reason"]) == (1, "active", reason)
    assert len(facts(timed, app, events.SubscriptionRenewed)) == 1
    assert facts(timed, app, events.SubscriptionEnded) == []


def test_what_began_long_ago_is_brought_up_to_today(timed: Sales, clock: MovableClock) -> None:
    app, today = lasting_app(timed, clock), clock.now().date()
    first = (today - timedelta(days=400)).isoformat()
    one = subscribe(app, starts_on=first)
    assert date.fromisoformat(one["term_starts_on"]) <= today <= date.fromisoformat(one["ends_on"])
    assert one["renewals"] == 1
    ended = subscribe(app, starts_on=first, auto_renew=False)
    assert ended["status"] == "ended"
    assert reminded(timed, app) == []


def test_months_that_are_too_short_and_leap_days_are_gone_through(
    timed: Sales, clock: MovableClock
) -> None:
    leap = next(n for n in range(1, 9) if (clock.now().year + n) % 4 == 0)
    go_to(clock, next_year(1, 31, leap))
    app = lasting_app(timed, clock)
    one, begins = subscribe(app, term_months=1), []
    for _ in range(3):
        go_to(clock, before_end(now_of(app, one), -1))
        fire(timed)
        begins.append(now_of(app, one)["term_starts_on"][5:])
    assert begins == ["02-29", "03-31", "04-30"]


@pytest.mark.parametrize("zone", ["Asia/Taipei", "Europe/Berlin", "America/New_York"])
def test_days_are_those_of_the_tenant_through_summer_time(
    timed: Sales, clock: MovableClock, zone: str
) -> None:
    go_to(clock, next_year(1, 1), zone)
    app = lasting_app(timed, clock)
    reckon_by(timed, app, zone)
    # The days between are longer and shorter by an hour where there is summer time.
    summer, winter = next_year(7, 1), next_year(12, 1)
    for until in (summer, winter):
        months = until.month - 1
        one = subscribe(app, term_months=months, starts_on=next_year(1, 1).isoformat())
        assert before_end(one, -1) == until
        go_to(clock, until, zone, seconds=-1)
        fire(timed)
        assert now_of(app, one)["renewals"] == 0
        go_to(clock, until, zone)
        fire(timed)
        assert now_of(app, one)["renewals"] == 1
        clock.move(timedelta(days=-1))


def test_in_another_time_zone_timers_find_their_day_anew(timed: Sales, clock: MovableClock) -> None:
    app = lasting_app(timed, clock)
    one = subscribe(app)
    reckon_by(timed, app, "Asia/Taipei")
    fire(timed)
    after = before_end(one, -1)
    go_to(clock, after, "Asia/Taipei", seconds=-1)
    fire(timed)
    assert now_of(app, one)["renewals"] == 0
    go_to(clock, after, "Asia/Taipei")
    fire(timed)
    assert now_of(app, one)["renewals"] == 1


def test_the_time_zone_is_what_identity_said_last(bus: Bus, app: ApiClient) -> None:
    tenant = app.tenant_id
    assert tenant is not None
    zones = ((5, "Asia/Taipei"), (4, "Europe/Berlin"))
    for version, zone in zones:
        fact = TenantChanged(tenant_id=str(tenant), changed_fields=["time_zone"], time_zone=zone)
        bus.say(fact, tenant, tenant, version=version)
    eventually(bus.is_settled)
    eventually(lambda: good(app.get(SUBSCRIPTION_SETTINGS))["time_zone"] == "Asia/Taipei")
