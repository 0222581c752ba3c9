"""Nothing goes out in quiet hours, more often than allowed, or before its time (NO-5)."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, time, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notifications.messages.domain import Schedule, State
from notifications.policies.domain import QuietHours, next_local
from services.notifications.tests.delivery.sending import SendingNotifications

POLICIES = "/v1/notifications/policies"
ZONES = st.sampled_from(
    ["Asia/Taipei", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu"]
).map(ZoneInfo)
MINUTES = st.times().map(lambda at: at.replace(second=0, microsecond=0))
MOMENTS = st.datetimes(datetime(2020, 1, 1), datetime(2030, 1, 1)).map(  # noqa: DTZ001
    lambda naive: naive.replace(tzinfo=UTC)
)


@given(MOMENTS, ZONES, MINUTES, MINUTES)
def test_quiet_hours_are_kept_and_nothing_is_more_than_a_day_late(
    moment: datetime, zone: ZoneInfo, start: time, end: time
) -> None:
    if start == end:
        return
    hours = QuietHours(start, end)
    sent = hours.over_at(moment, zone)
    assert not hours.hold(sent, zone)
    assert moment <= sent <= moment + timedelta(hours=25)
    if not hours.hold(moment, zone):
        assert sent == moment


@given(MOMENTS, ZONES, MINUTES)
def test_a_local_time_comes_within_a_day_and_shows_on_the_clock(
    moment: datetime, zone: ZoneInfo, at: time
) -> None:
    due = next_local(moment, at, zone)
    assert moment < due <= moment + timedelta(hours=26)
    shown = due.astimezone(zone)
    skipped = shown.replace(tzinfo=None) - datetime.combine(shown.date(), at)
    assert skipped in (timedelta(), timedelta(hours=1), timedelta(minutes=30))


@pytest.mark.parametrize(
    ("now", "over"),
    [
        # The night in which clocks are put on in Berlin, and the one in which they are put back.
        ("2027-03-27T22:30:00+00:00", "2027-03-28T06:00:00+00:00"),
        ("2027-10-30T21:30:00+00:00", "2027-10-31T07:00:00+00:00"),
    ],
)
def test_nights_with_another_length_end_at_eight_as_others_do(now: str, over: str) -> None:
    hours = QuietHours(time(21), time(8))
    moment = datetime.fromisoformat(now)
    assert hours.over_at(moment, ZoneInfo("Europe/Berlin")) == datetime.fromisoformat(over)


def policy(sending: SendingNotifications, **rules: Any) -> None:
    """Lay rules down for everything."""
    assert sending.client.post(POLICIES, {"rules": rules}).status_code == 201


def subscriber(sending: SendingNotifications, **about: Any) -> UUID:
    """Somebody who wants the newsletter."""
    person = sending.person(**about)
    sending.recipients.grant(person, "newsletter")
    return person


def test_promotional_mail_waits_for_the_morning_and_transactional_mail_does_not(
    sending: SendingNotifications,
) -> None:
    policy(sending, quiet_hours={"start": "21:00", "end": "08:00"})
    sending.clock.set(
        datetime(2027, 1, 15, 15, 0, tzinfo=UTC)
    )  # 23:00 in Taipei, 10:00 in New York
    asleep = subscriber(sending)
    awake = subscriber(sending, time_zone="America/New_York")
    later = sending.queue_to(asleep, purpose="newsletter")
    now = sending.queue_to(awake, purpose="newsletter")
    needed = sending.queue_to(asleep)
    sending.work()
    assert sending.message(now).state is State.SENT
    assert sending.message(needed).state is State.SENT
    shown = sending.shown(later)
    assert (shown["reason"], shown["due_at"]) == ("quiet_hours", "2027-01-16T00:00:00Z")
    sending.clock.set(datetime(2027, 1, 16, 0, 0, 1, tzinfo=UTC))
    sending.work()
    assert sending.message(later).state is State.SENT


def test_a_message_for_nine_goes_at_nine_on_the_recipients_clock(
    sending: SendingNotifications,
) -> None:
    sending.clock.set(datetime(2027, 1, 15, 3, 0, tzinfo=UTC))  # 11:00 in Taipei
    at_nine = sending.queue_to(sending.person(), schedule=Schedule(local_time=time(9)))
    send_at = datetime(2027, 1, 15, 6, 0, tzinfo=UTC)
    at_six = sending.queue_to(sending.person(), schedule=Schedule(send_at=send_at))
    sending.work()
    assert sending.shown(at_nine)["due_at"] == "2027-01-16T01:00:00Z"
    assert sending.shown(at_six)["reason"] == "scheduled"
    sending.clock.set(send_at + timedelta(seconds=1))
    sending.work()
    assert sending.message(at_six).state is State.SENT
    sending.clock.set(datetime(2027, 1, 16, 1, 0, 1, tzinfo=UTC))
    sending.work()
    assert sending.message(at_nine).state is State.SENT


@pytest.mark.parametrize(
    "given", ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-12:00", "2027-01-15T06:00:00"]
)
@pytest.mark.parametrize("name", ["send_at", "expires_at"])
def test_a_time_outside_the_calendar_or_without_zone_is_refused_and_the_log_stays_readable(
    sending: SendingNotifications, name: str, given: str
) -> None:
    body = {
        "person_id": str(sending.person()),
        "channel": "email",
        "content": {"text": "Hello"},
        name: given,
    }
    refused = sending.client.post("/v1/notifications/messages", body)
    assert (refused.status_code, refused.json["errors"][0]["pointer"]) == (422, f"/{name}")
    assert sending.client.get("/v1/notifications/messages").status_code == 200


def test_what_has_expired_is_not_sent(sending: SendingNotifications) -> None:
    expires_at = sending.clock.now() + timedelta(minutes=5)
    schedule = Schedule(expires_at=expires_at)
    message = sending.queue_to(subscriber(sending), purpose="newsletter", schedule=schedule)
    sending.recipients.away = True
    sending.work()
    sending.recipients.away = False
    sending.clock.advance(minutes=6)
    sending.work()
    assert sending.shown(message)["reason"] == "expired"


def test_a_message_for_next_week_is_not_given_up_for_one_failure(
    sending: SendingNotifications,
) -> None:
    send_at = sending.clock.now() + timedelta(days=10)
    message = sending.queue_to(sending.person(), schedule=Schedule(send_at=send_at))
    sending.recipients.away = True
    sending.clock.advance(days=10, seconds=1)
    sending.work()
    assert sending.message(message).state is State.QUEUED
    sending.recipients.away = False
    sending.clock.advance(minutes=2)
    sending.work()
    assert sending.message(message).state is State.SENT


def test_a_message_is_given_up_when_it_has_failed_for_days(sending: SendingNotifications) -> None:
    message = sending.queue_to(sending.person())
    sending.recipients.away = True
    for _ in range(4):
        sending.work()
        assert sending.message(message).state is State.QUEUED
        sending.clock.advance(hours=23)
    sending.work()
    shown = sending.shown(message)
    assert (shown["state"], shown["reason"]) == ("failed", "given_up")


def test_a_message_that_waits_in_peace_after_a_failure_is_not_given_up(
    sending: SendingNotifications,
) -> None:
    policy(sending, caps=[{"messages": 1, "hours": 24 * 7}], when_capped="wait")
    person = subscriber(sending)
    first = sending.queue_to(person, purpose="newsletter")
    sending.work()
    second = sending.queue_to(person, purpose="newsletter")
    sending.recipients.away = True
    sending.work()
    sending.recipients.away = False
    sending.clock.advance(minutes=2)
    sending.work()
    assert (sending.shown(first)["state"], sending.shown(second)["reason"]) == ("sent", "capped")
    sending.clock.advance(days=8)
    sending.work()
    assert sending.message(second).state is State.SENT


def test_concurrent_workers_never_exceed_a_cap(sending: SendingNotifications) -> None:
    policy(sending, caps=[{"messages": 3, "hours": 24}])
    person = subscriber(sending)
    queued = [sending.queue_to(person, purpose="newsletter") for _ in range(12)]
    with ThreadPoolExecutor(4) as threads:
        for working in [threads.submit(sending.work) for _ in range(4)]:
            working.result()
    states = [sending.message(one).state for one in queued]
    assert states.count(State.SENT) == len(sending.mail_to(person)) == 3
    assert states.count(State.HELD_BACK) == 9
    sending.clock.advance(hours=25)
    again = sending.queue_to(person, purpose="newsletter")
    sending.work()
    assert sending.message(again).state is State.SENT


def test_over_a_cap_messages_wait_where_the_rules_say_so(sending: SendingNotifications) -> None:
    policy(sending, caps=[{"messages": 1, "hours": 1}], when_capped="wait")
    person = subscriber(sending)
    first = sending.queue_to(person, purpose="newsletter")
    sending.work()
    second = sending.queue_to(person, purpose="newsletter")
    sending.work()
    assert sending.message(first).state is State.SENT
    assert sending.shown(second)["reason"] == "capped"
    sending.clock.advance(hours=1, seconds=1)
    sending.work()
    assert sending.message(second).state is State.SENT


def test_the_closest_policy_holds(sending: SendingNotifications) -> None:
    policy(sending, caps=[{"messages": 1, "hours": 24}])
    closer = {"purpose": "newsletter", "rules": {}}
    made = sending.client.post(POLICIES, closer)
    assert sending.client.post(POLICIES, closer).json["code"] == "policy_exists"
    person = subscriber(sending)
    queued = [sending.queue_to(person, purpose="newsletter") for _ in range(3)]
    sending.work()
    assert {sending.message(one).state for one in queued} == {State.SENT}
    path = f"{POLICIES}/{made.json['id']}"
    wrong = {"rules": {"quiet_hours": {"start": "08:00", "end": "08:00"}}}
    assert sending.client.put(path, wrong).status_code == 422
    assert sending.client.put(path, {"rules": {"time_zone": "Mars/Phobos"}}).status_code == 422
    assert sending.client.delete(path).status_code == 204
