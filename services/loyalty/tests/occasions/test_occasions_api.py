"""Birthdays and other days of members: kept once a year, by their own clocks, whatever changes (LO-9)."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from chassis.clock import MovableClock
from loyalty.happenings.domain import Happening, HappeningKind
from loyalty.membership import profile_refresher
from rapport.loyalty.events.v1 import occasion_events_pb2 as events
from services.loyalty.tests.builders import (
    MEMBERS,
    PROGRAMS,
    Loyalty,
    at_once,
    create_program,
    enrol,
    facts,
    fire,
    good,
    lasting_app,
    refused,
)
from services.loyalty.tests.fakes import FakePeople
from services.loyalty.tests.inviting import Club

OCCASIONS, CELEBRATIONS = "/v1/loyalty/occasions", "/v1/loyalty/celebrations"


def enrolled(member: dict[str, Any], at: datetime) -> Happening:
    """What follows from the fact of an enrolment."""
    return Happening(
        id=uuid4(),
        kind=HappeningKind.ENROLLED,
        key=member["id"],
        person_id=UUID(member["person_id"]),
        happened_at=at,
        judged_at=at,
    )


class Days(Club):
    """A program that keeps days of its members, of whom contacts knows some."""

    def __init__(self, loyalty: Loyalty, clock: MovableClock, people: FakePeople) -> None:
        super().__init__(loyalty, clock)
        self.people = people

    def occasion(self, date_kind: str = "birthday", **more: Any) -> dict[str, Any]:
        """A day that the program keeps from now on."""
        body = {
            "program_id": self.program["id"],
            "key": more.pop("key", date_kind),
            "date_kind": date_kind,
            "name": {"en": "A gift"},
            "gift": {"points": 50},
            **more,
        }
        made = good(self.app.post(OCCASIONS, body))
        fire(self.loyalty)
        return made

    def known(self, member: dict[str, Any] | None = None, **about: str) -> dict[str, Any]:
        """A member of whom this is known from now on."""
        if member is None:
            member = self.member()
            self.tell(enrolled(member, self.clock.now()))
        person_id = UUID(member["person_id"])
        self.people.know(person_id, **about)
        asked = self.app.post(f"{MEMBERS}/{member['id']}/profile/refresh")
        assert asked.status_code == 204, asked.text
        refresher = profile_refresher(self.loyalty.service, self.people, "loyalty")
        while refresher.ask_due() == 0:
            pass
        return member

    def at(self, *moments: str) -> None:
        """Let time go by from one moment to the next, and have all fire that falls due at each."""
        for moment in moments:
            self.later(seconds=(datetime.fromisoformat(moment) - self.clock.now()).total_seconds())

    def kept(self, member: dict[str, Any]) -> list[str]:
        """When days of a member were kept, by the hour, the first ones first."""
        items = self.app.get(f"{CELEBRATIONS}?member_id={member['id']}&sort=reached_at").json
        return [one["reached_at"][:16] for one in items["items"]]


@pytest.fixture
def club(timed: Loyalty, clock: MovableClock, people: FakePeople) -> Days:
    """A program with members whose days count; it is 15 January 2031."""
    return Days(timed, clock, people)


def test_listing_needs_a_token_and_shows_no_other_tenants(club: Days) -> None:
    occasion = club.occasion()
    member = club.known(birthday="1990-02-10")
    club.at("2031-02-10T03:00Z")
    (kept,) = club.app.get(CELEBRATIONS).json["items"]
    assert good(club.app.get(f"{CELEBRATIONS}/{kept['id']}")) == kept
    stranger = lasting_app(club.loyalty, club.clock)
    for path in (OCCASIONS, CELEBRATIONS):
        assert refused(club.loyalty.anonymous().get(path)) == (401, "token_missing")
        assert stranger.get(path).json["items"] == []
    assert stranger.get(f"{OCCASIONS}/{occasion['id']}").status_code == 404
    assert stranger.get(f"{CELEBRATIONS}/{kept['id']}").status_code == 404
    assert stranger.get(f"{MEMBERS}/{member['id']}/occasions").status_code == 404
    assert stranger.post(f"{OCCASIONS}/{occasion['id']}/pause").status_code == 404


def test_a_birthday_is_kept_once_a_year_by_the_members_own_clock(club: Days) -> None:
    club.occasion()
    ann = club.known(birthday="1990-02-10", time_zone="Asia/Taipei")
    bob = club.known(birthday="1991-02-10", time_zone="America/New_York")
    nobody_knows = club.known()
    club.at("2031-02-10T00:59Z")
    assert club.points(ann, bob) == [0, 0]
    club.at("2031-02-10T01:00Z")
    assert club.points(ann, bob) == [50, 0]
    club.at("2031-02-10T14:00Z")
    assert club.points(ann, bob, nobody_knows) == [50, 50, 0]
    club.at("2032-02-09T00:00Z")
    assert club.points(ann, bob) == [50, 50]
    club.at("2032-02-11T00:00Z")
    assert club.points(ann, bob, nobody_knows) == [100, 100, 0]
    told = facts(club.loyalty, club.app, events.OccasionReached)
    assert [(one.person_id, one.key, one.points) for one in told[:2]] == [
        (ann["person_id"], "birthday", 50),
        (bob["person_id"], "birthday", 50),
    ]
    assert len({one.celebration_id for one in told}) == 4


@pytest.mark.parametrize(
    ("zone", "moment"),
    [
        ("Pacific/Kiritimati", "2031-02-09T19:00"),
        ("Pacific/Apia", "2031-02-09T20:00"),
        ("Pacific/Pago_Pago", "2031-02-10T20:00"),
    ],
)
def test_far_zones_keep_their_own_days(club: Days, zone: str, moment: str) -> None:
    club.occasion()
    member = club.known(birthday="1990-02-10", time_zone=zone)
    before = datetime.fromisoformat(f"{moment}Z") - timedelta(minutes=1)
    club.at(before.isoformat())
    assert club.kept(member) == []
    club.at(f"{moment}Z")
    assert club.kept(member) == [moment]


def test_a_leap_day_is_kept_as_the_program_says(club: Days) -> None:
    club.occasion()
    member = club.known(birthday="1992-02-29", time_zone="Asia/Taipei")
    club.at("2031-02-28T01:00Z")
    assert club.kept(member) == ["2031-02-28T01:00"]
    good(club.app.patch(f"{PROGRAMS}/{club.program['id']}", {"leap_day": "march_1"}))
    club.at("2032-02-28T01:00Z", "2032-02-29T01:00Z", "2033-02-28T01:00Z", "2033-03-01T01:00Z")
    assert club.kept(member)[1:] == ["2032-02-29T01:00", "2033-03-01T01:00"]


def test_a_time_that_the_clocks_leave_out_is_kept_after_the_change(club: Days) -> None:
    club.occasion(at="02:30")
    member = club.known(birthday="1990-03-30", time_zone="Europe/Berlin")
    club.at("2031-03-30T01:29Z")
    assert club.kept(member) == []
    club.at("2031-03-30T01:30Z")
    assert club.kept(member) == ["2031-03-30T01:30"]


def test_the_membership_day_is_first_kept_a_year_later(club: Days) -> None:
    club.occasion("membership_day")
    member = club.known(time_zone="Asia/Taipei")
    club.at("2032-01-15T00:30Z")
    assert club.kept(member) == []
    club.at("2032-01-15T01:00Z")
    assert club.kept(member) == ["2032-01-15T01:00"]


def test_a_day_of_the_tenants_own_and_a_time_before_it(club: Days) -> None:
    club.occasion("wedding", offset_days=-7, at="18:00")
    club.occasion("opening_day", gift={})
    member = club.known(wedding="2010-03-03", opening_day="2020-02-20", time_zone="Asia/Taipei")
    club.at("2031-02-20T01:00Z", "2031-02-24T09:59Z", "2031-02-24T10:00Z", "2031-03-03T10:00Z")
    assert club.kept(member) == ["2031-02-20T01:00", "2031-02-24T10:00"]
    assert club.points(member) == [50]


def test_a_birthday_that_is_moved_brings_no_second_gift_for_300_days(club: Days) -> None:
    club.occasion()
    member = club.known(birthday="1990-02-10", time_zone="Asia/Taipei")
    club.at("2031-02-10T01:00Z")
    club.known(member, birthday="1990-02-12", time_zone="Asia/Taipei")
    club.at("2031-02-12T01:00Z")
    club.known(member, birthday="1990-11-30", time_zone="Asia/Taipei")
    club.at("2031-11-30T01:00Z")
    assert club.kept(member) == ["2031-02-10T01:00"]
    club.known(member, birthday="1990-01-02", time_zone="Asia/Taipei")
    club.at("2032-01-02T01:00Z")
    assert club.kept(member) == ["2031-02-10T01:00", "2032-01-02T01:00"]


def test_a_clock_that_changes_on_the_day_neither_loses_nor_doubles_the_gift(club: Days) -> None:
    club.occasion()
    early = club.known(birthday="1990-02-10", time_zone="Asia/Taipei")
    late = club.known(birthday="1990-02-10", time_zone="America/New_York")
    club.at("2031-02-10T02:00Z")
    assert (club.kept(early), club.kept(late)) == (["2031-02-10T02:00"], [])
    club.known(early, birthday="1990-02-10", time_zone="America/New_York")
    club.known(late, birthday="1990-02-10", time_zone="Asia/Taipei")
    club.at("2031-02-12T00:00Z")
    assert [len(club.kept(one)) for one in (early, late)] == [1, 1]


def test_after_an_outage_a_day_is_kept_late_but_once_and_not_too_late(club: Days) -> None:
    club.occasion(late_days=3)
    in_time, too_late = (
        club.known(birthday=day, time_zone="Asia/Taipei") for day in ("1990-02-09", "1990-02-05")
    )
    club.at("2031-02-11T12:00Z")
    assert club.kept(in_time) == ["2031-02-11T12:00"]
    assert club.kept(too_late) == []
    club.at("2032-02-01T00:00Z")
    assert [len(club.kept(one)) for one in (in_time, too_late)] == [1, 0]


def test_several_who_fire_at_once_keep_a_day_once(club: Days) -> None:
    club.occasion()
    members = [club.known(birthday="1990-02-10", time_zone="Asia/Taipei") for _ in range(5)]
    club.clock.move(datetime(2031, 2, 10, 2, tzinfo=UTC) - club.clock.now())
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda _: fire(club.loyalty), range(8)))
    assert club.points(*members) == [50] * 5
    assert [len(club.kept(member)) for member in members] == [1] * 5


def test_who_earns_nothing_gets_nothing_and_next_year_again(club: Days) -> None:
    club.occasion()
    member = club.known(birthday="1990-02-10", time_zone="Asia/Taipei")
    path = f"{MEMBERS}/{member['id']}"
    good(club.app.post(f"{path}/suspend", {"reason": "Fraud"}))
    club.at("2031-02-20T00:00Z")
    good(club.app.post(f"{path}/reinstate"))
    club.at("2031-03-01T00:00Z")
    assert club.kept(member) == []
    club.at("2032-02-11T00:00Z")
    assert club.kept(member) != []


def test_a_paused_occasion_is_not_made_up_for(club: Days) -> None:
    occasion = club.occasion()
    path = f"{OCCASIONS}/{occasion['id']}"
    member = club.known(birthday="1990-02-10", time_zone="Asia/Taipei")
    assert good(club.app.post(f"{path}/pause"))["status"] == "paused"
    club.at("2031-02-11T00:00Z")
    good(club.app.post(f"{path}/resume"))
    club.at("2031-02-12T00:00Z")
    assert club.kept(member) == []
    club.at("2032-02-11T00:00Z")
    assert club.kept(member) == ["2032-02-11T00:00"]
    good(club.app.post(f"{path}/archive"))
    assert refused(club.app.post(f"{path}/resume")) == (409, "occasion_archived")
    assert refused(club.app.patch(path, {"at": "10:00"})) == (409, "occasion_archived")
    club.at("2033-02-12T00:00Z")
    assert len(club.kept(member)) == 1


@pytest.mark.parametrize("ways", [("pause", "resume"), ("archive", "restore", "resume")])
def test_what_fell_into_a_pause_is_not_made_up_for_by_timers_that_are_late(
    club: Days, ways: tuple[str, ...]
) -> None:
    path = f"{OCCASIONS}/{club.occasion()['id']}"
    member = club.known(birthday="1990-02-10", time_zone="Asia/Taipei")
    paused = club.known(birthday="1990-02-09", time_zone="Asia/Taipei")
    club.clock.move(datetime(2031, 2, 9, 2, tzinfo=UTC) - club.clock.now())
    good(club.app.post(f"{path}/{ways[0]}"))
    club.clock.move(timedelta(days=1))
    for way in ways[1:]:
        good(club.app.post(f"{path}/{way}"))
    club.later(minutes=5)
    assert club.kept(member) == [], "its time came while nothing was kept"
    assert club.kept(paused) == [], "nor is what was late already before"
    club.at("2032-02-11T00:00Z")
    assert (len(club.kept(member)), len(club.kept(paused))) == (1, 1)


def test_a_restored_occasion_is_paused_and_what_fell_into_the_archive_is_not_made_up_for(
    club: Days,
) -> None:
    occasion = club.occasion()
    path = f"{OCCASIONS}/{occasion['id']}"
    member = club.known(birthday="1990-02-10", time_zone="Asia/Taipei")
    assert good(club.app.post(f"{path}/restore"))["status"] == "active", "it is not archived"
    good(club.app.post(f"{path}/archive"))
    later = club.known(birthday="1990-02-10", time_zone="Asia/Taipei")
    club.at("2031-02-11T00:00Z")
    statuses = at_once(*[lambda: club.app.post(f"{path}/restore")] * 3)
    assert statuses == [200, 200, 200]
    assert good(club.app.get(path))["status"] == "paused"
    good(club.app.post(f"{path}/resume"))
    club.at("2031-02-12T00:00Z")
    assert (club.kept(member), club.kept(later)) == ([], [])
    club.at("2032-02-10T01:00Z")
    assert (club.kept(member), club.kept(later)) == (["2032-02-10T01:00"],) * 2
    told = [one.status for one in facts(club.loyalty, club.app, events.OccasionChanged)]
    assert told == ["archived", "paused", "active"]
    stranger = lasting_app(club.loyalty, club.clock)
    assert stranger.post(f"{path}/restore").status_code == 404


def test_an_occasion_for_tiers_is_for_those_who_are_in_one_by_then(club: Days) -> None:
    club.tiers("1000")
    club.occasion(tiers=["silver"])
    ann, bob = (club.known(birthday="1990-02-10", time_zone="Asia/Taipei") for _ in range(2))
    club.deliver(ann, "1000")
    club.at("2031-02-10T01:00Z")
    assert (club.kept(ann), club.kept(bob)) == (["2031-02-10T01:00"], [])


def test_an_occasion_that_is_new_counts_for_all_who_are_members(club: Days) -> None:
    members = [club.known(birthday="1990-02-10", time_zone="Asia/Taipei") for _ in range(103)]
    passed = club.known(birthday="1990-01-15", time_zone="Asia/Taipei")
    club.occasion()
    club.later(seconds=1)
    club.at("2031-02-10T01:00Z")
    assert sum(club.points(*members)) == 50 * 103
    assert club.kept(passed) == []


def test_a_change_moves_the_time_of_all(club: Days) -> None:
    occasion = club.occasion()
    path = f"{OCCASIONS}/{occasion['id']}"
    member = club.known(birthday="1990-02-10", time_zone="Asia/Taipei")
    changed = good(club.app.patch(path, {"at": "20:30", "gift": {"points": 7}}))
    assert (changed["at"], changed["offset_days"], changed["version"]) == ("20:30", 0, 2)
    assert good(club.app.patch(path, {"at": "20:30"}))["version"] == 2
    club.at("2031-02-10T12:29Z")
    assert club.kept(member) == []
    club.at("2031-02-10T12:30Z")
    assert club.points(member) == [7]


def test_a_member_sees_when_days_are_kept_next(club: Days) -> None:
    club.occasion()
    club.occasion("wedding")
    member = club.known(birthday="1990-02-10", time_zone="Asia/Taipei")
    path = f"{MEMBERS}/{member['id']}/occasions"
    seen = good(club.app.get(path))
    assert seen["time_zone"] == "Asia/Taipei"
    assert [(one["key"], one["due_at"], one["last_reached_at"]) for one in seen["items"]] == [
        ("birthday", "2031-02-10T01:00:00Z", None),
        ("wedding", None, None),
    ]
    club.at("2031-02-10T01:00Z")
    (birthday, _) = good(club.app.get(path))["items"]
    assert (birthday["due_at"], birthday["last_reached_at"]) == (
        "2032-02-10T01:00:00Z",
        "2031-02-10T01:00:00Z",
    )


@pytest.mark.parametrize(
    "change",
    [{"offset_days": 61}, {"at": "24:00"}, {"late_days": 31}, {"gift": {"points": -1}}],
)
def test_what_cannot_be_kept_is_refused(club: Days, change: dict[str, Any]) -> None:
    body = {"program_id": club.program["id"], "key": "a", "date_kind": "birthday"}
    answer = club.app.post(OCCASIONS, {**body, "name": {"en": "A"}, **change})
    assert answer.status_code == 422


def test_a_membership_that_goes_to_somebody_known_has_their_days(club: Days) -> None:
    club.occasion()
    elsewhere = enrol(club.app, create_program(club.app, key="elsewhere"), uuid4())
    ann, bob = club.known(elsewhere, birthday="1990-02-10"), club.member()
    club.merge(ann, bob)
    club.at("2031-02-10T03:00Z")
    assert club.kept(bob) == ["2031-02-10T03:00"]


def test_a_key_is_there_once(club: Days) -> None:
    body = {"program_id": club.program["id"], "key": "a", "date_kind": "b", "name": {"en": "A"}}
    assert at_once(*[lambda: club.app.post(OCCASIONS, body)] * 3) == [201, 409, 409]
    assert refused(club.app.post(OCCASIONS, body)) == (409, "occasion_exists")
    twice = {**body, "key": "b", "tiers": ["gold", "gold"]}
    assert club.app.post(OCCASIONS, twice).status_code == 422
    pool = {**body, "key": "c", "gift": {"coupon_pool_id": str(uuid4())}}
    assert club.app.post(OCCASIONS, pool).status_code == 422
