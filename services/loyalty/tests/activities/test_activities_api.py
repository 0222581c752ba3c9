"""Events of a program: planned, published, registered for, come to, and over (LO-10)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest

from chassis.clock import MovableClock
from chassis.testing.client import ApiAnswer
from rapport.loyalty.events.v1 import activity_events_pb2 as activity_events
from rapport.loyalty.events.v1 import registration_events_pb2 as events
from rapport.loyalty.requests.v1.send_message_pb2 import SendMessage
from services.loyalty.tests.builders import (
    MEMBERS,
    Loyalty,
    at_once,
    create_program,
    enrol,
    facts,
    fire,
    good,
    lasting_app,
    places,
    refused,
)
from services.loyalty.tests.inviting import Club

ACTIVITIES, REGISTRATIONS = "/v1/loyalty/activities", "/v1/loyalty/registrations"
STARTS = datetime(2031, 2, 1, 10, tzinfo=UTC)


class Organiser(Club):
    """A program with events; it is 15 January 2031."""

    def activity(self, *, published: bool = True, **more: Any) -> dict[str, Any]:
        """A tasting on 1 February from ten to twelve."""
        body = {
            "program_id": self.program["id"],
            "title": {"en": "Tasting", "zh-Hant": "品嚐會"},
            "kind": "tasting",
            "venue": "in_person",
            "starts_at": STARTS.isoformat(),
            "ends_at": (STARTS + timedelta(hours=2)).isoformat(),
            "time_zone": "Asia/Taipei",
            "place": "Xinyi",
            "gift": {"points": 30},
            **more,
        }
        made = good(self.app.post(ACTIVITIES, body))
        return good(self.app.post(f"{path(made)}/publish")) if published else made

    def register(self, activity: dict[str, Any], member: dict[str, Any]) -> ApiAnswer:
        """Have a member register."""
        return self.app.post(f"{path(activity)}/registrations", {"member_id": member["id"]})

    def cancel(self, registration: dict[str, Any]) -> ApiAnswer:
        """Have somebody not come."""
        return self.app.post(f"{where(registration)}/cancel")

    def state(self, registration: dict[str, Any]) -> str:
        """How far somebody has come."""
        return str(good(self.app.get(where(registration)))["state"])

    def check_in(self, activity: dict[str, Any], **body: Any) -> ApiAnswer:
        """Have the staff note that somebody is there."""
        return self.app.post(f"{path(activity)}/check-ins", body)

    def at(self, moment: datetime) -> None:
        """Let time go by until a moment, and have all fire that falls due until then."""
        self.later(seconds=(moment - self.clock.now()).total_seconds())


def path(activity: dict[str, Any]) -> str:
    """Where an activity is."""
    return f"{ACTIVITIES}/{activity['id']}"


def where(registration: dict[str, Any]) -> str:
    """Where a registration is."""
    return f"{ACTIVITIES}/{registration['activity_id']}/registrations/{registration['id']}"


@pytest.fixture
def club(timed: Loyalty, clock: MovableClock) -> Organiser:
    """A program with events."""
    return Organiser(timed, clock)


def test_listing_needs_a_token_and_shows_no_other_tenants(club: Organiser) -> None:
    activity, member = club.activity(), club.member()
    registration = good(club.register(activity, member))
    stranger = lasting_app(club.loyalty, club.clock)
    for list_path in (ACTIVITIES, REGISTRATIONS):
        assert refused(club.loyalty.anonymous().get(list_path)) == (401, "token_missing")
        assert stranger.get(list_path).json["items"] == []
    for gone in ("", "/registrations", "/calendar", "/check-in-code"):
        assert stranger.get(f"{path(activity)}{gone}").status_code == 404, gone
    assert stranger.get(where(registration)).status_code == 404
    assert stranger.post(f"{where(registration)}/cancel").status_code == 404
    body = {"member_id": member["id"]}
    assert stranger.post(f"{path(activity)}/registrations", body).status_code == 404


def test_who_may_register_others_may_not_check_them_in(club: Organiser) -> None:
    activity = club.activity()
    tenant, scope = club.app.tenant_id, "loyalty.registrations.write loyalty.activities.read"
    app = lasting_app(club.loyalty, club.clock, tenant, scope)
    assert app.post(f"{path(activity)}/check-ins", {"ticket": "x"}).status_code == 403
    assert app.get(f"{path(activity)}/check-in-code").status_code == 403


def test_attendance_earns_once_when_it_is_over(club: Organiser) -> None:
    activity = club.activity()
    ann, bob = club.member(), club.member()
    there, missing = (good(club.register(activity, one)) for one in (ann, bob))
    assert (there["state"], len(there["ticket"])) == ("registered", 17)
    club.at(STARTS - timedelta(minutes=61))
    early = club.check_in(activity, ticket=there["ticket"])
    assert refused(early) == (409, "check_in_closed")
    club.at(STARTS - timedelta(minutes=5))
    checked = good(club.check_in(activity, ticket=there["ticket"].lower().replace("-", " ")))
    assert (checked["state"], checked["checked_in_by"]) == ("checked_in", "client:test-app")
    assert refused(club.check_in(activity, ticket=there["ticket"])) == (409, "already_checked_in")
    assert refused(club.cancel(there)) == (409, "registration_settled")
    assert club.points(ann) == [0]
    club.at(STARTS + timedelta(hours=2))
    club.later(hours=1)
    assert (club.state(there), club.state(missing)) == ("attended", "no_show")
    assert club.points(ann, bob) == [30, 0]
    seen = good(club.app.get(path(activity)))
    assert (seen["status"], seen["registrations"]) == ("ended", {"attended": 1, "no_show": 1})
    (told,) = facts(club.loyalty, club.app, events.ActivityAttended)
    assert (told.person_id, told.points, told.kind) == (ann["person_id"], 30, "tasting")
    assert len(facts(club.loyalty, club.app, events.ActivityMissed)) == 1
    assert len(facts(club.loyalty, club.app, activity_events.ActivityEnded)) == 1


def test_whoever_is_entered_from_a_list_afterwards_has_been_there(club: Organiser) -> None:
    activity, ann = club.activity(), club.member()
    registration = good(club.register(activity, ann))
    club.at(STARTS + timedelta(hours=3))
    assert club.state(registration) == "no_show"
    entered = good(club.check_in(activity, member_id=ann["id"]))
    assert (entered["state"], entered["points"]) == ("attended", 30)
    assert club.points(ann) == [30]
    assert refused(club.check_in(activity, member_id=ann["id"])) == (409, "already_checked_in")
    club.at(STARTS + timedelta(hours=26))
    assert refused(club.check_in(activity, member_id=ann["id"])) == (409, "check_in_closed")


def test_several_tills_let_one_ticket_in_once(club: Organiser) -> None:
    activity, ann = club.activity(attended_by="check_in"), club.member()
    registration = good(club.register(activity, ann))
    club.at(STARTS)
    tries = [lambda: club.check_in(activity, ticket=registration["ticket"])] * 4
    assert at_once(*tries) == [200, 409, 409, 409]
    assert club.points(ann) == [30]
    club.at(STARTS + timedelta(hours=4))
    assert club.points(ann) == [30]


def test_a_member_checks_in_by_the_code_that_is_shown_now(club: Organiser) -> None:
    activity, ann, bob = club.activity(attended_by="check_in"), club.member(), club.member()
    good(club.register(activity, ann))
    self_path = f"{path(activity)}/self-check-ins"
    code_path = f"{path(activity)}/check-in-code"
    assert refused(club.app.get(code_path)) == (409, "check_in_closed")
    club.at(STARTS + timedelta(seconds=15))
    shown = good(club.app.get(code_path))
    assert shown["valid_until"] == "2031-02-01T10:01:00Z"
    wrong = club.app.post(self_path, {"member_id": ann["id"], "code": "2345-6789"})
    assert places(wrong) == [("/code", "check_in_code_wrong")]
    other = club.app.post(self_path, {"member_id": bob["id"], "code": shown["code"]})
    assert other.status_code == 404
    club.clock.move(timedelta(seconds=150))
    late = club.app.post(self_path, {"member_id": ann["id"], "code": shown["code"]})
    assert places(late) == [("/code", "check_in_code_wrong")]
    now = good(club.app.get(code_path))["code"]
    club.clock.move(timedelta(seconds=60))
    done = good(club.app.post(self_path, {"member_id": ann["id"], "code": now.lower()}))
    assert (done["state"], done["checked_in_by"]) == ("attended", f"member:{ann['id']}")
    club.at(STARTS + timedelta(hours=2))
    over = club.app.post(self_path, {"member_id": ann["id"], "code": now})
    assert refused(over) == (409, "check_in_closed")


def test_at_the_last_place_one_comes_in_and_the_others_wait_in_order(club: Organiser) -> None:
    activity = club.activity(capacity=2, waiting_places=2)
    members = [club.member() for _ in range(6)]
    answers = at_once(*[lambda one=one: club.register(activity, one) for one in members])
    assert answers == [201, 201, 201, 201, 409, 409]
    seen = good(club.app.get(path(activity)))
    assert (seen["free_places"], seen["waiting"]) == (0, 2)
    listed = club.app.get(f"{path(activity)}/registrations").json["items"]
    assert [one["state"] for one in listed] == ["registered"] * 2 + ["waitlisted"] * 2
    left = [one for one in members if one["id"] not in {each["member_id"] for each in listed}]
    assert refused(club.register(activity, left[0])) == (409, "activity_full")


def test_a_place_that_is_given_back_goes_to_whoever_has_waited_longest(club: Organiser) -> None:
    activity = club.activity(capacity=1, waiting_places=5)
    first, second, third = (good(club.register(activity, club.member())) for _ in range(3))
    assert [club.state(one) for one in (first, second, third)] == [
        "registered",
        "waitlisted",
        "waitlisted",
    ]
    assert at_once(*[lambda: club.cancel(first)] * 3) == [200, 200, 200]
    assert (club.state(second), club.state(third)) == ("registered", "waitlisted")
    told = facts(club.loyalty, club.app, events.RegistrationAccepted)
    assert [(one.registration_id, one.from_waiting_list) for one in told] == [
        (first["id"], False),
        (second["id"], True),
    ]
    newcomer = good(club.register(activity, club.member()))
    assert newcomer["state"] == "waitlisted"
    good(club.app.patch(path(activity), {"capacity": 2}))
    assert (club.state(third), club.state(newcomer)) == ("registered", "waitlisted")
    club.at(STARTS + timedelta(minutes=1))
    good(club.cancel(third))
    assert club.state(newcomer) == "waitlisted"
    club.at(STARTS + timedelta(hours=3))
    ended = good(club.app.get(where(newcomer)))
    assert (ended["state"], ended["cancel_reason"]) == ("cancelled", "no_place")


def test_who_cannot_register_is_refused(club: Organiser) -> None:
    opens = (STARTS - timedelta(days=7)).isoformat()
    closes = (STARTS - timedelta(days=1)).isoformat()
    activity = club.activity(opens_at=opens, closes_at=closes)
    ann = club.member()
    assert refused(club.register(activity, ann)) == (409, "registration_not_open")
    club.at(STARTS - timedelta(days=7))
    good(club.register(activity, ann))
    assert refused(club.register(activity, ann)) == (409, "already_registered")
    bob = club.member()
    good(club.app.post(f"{MEMBERS}/{bob['id']}/suspend", {"reason": "Fraud"}))
    assert refused(club.register(activity, bob)) == (409, "member_not_active")
    other = enrol(club.app, create_program(club.app, key="other"), uuid4())
    assert refused(club.register(activity, other)) == (409, "member_of_other_program")
    club.at(STARTS - timedelta(days=1))
    assert refused(club.register(activity, club.member())) == (409, "registration_closed")
    draft = club.activity(published=False)
    assert refused(club.register(draft, ann)) == (409, "activity_not_open")
    club.tiers("1000")
    for_some = club.activity(tiers=["silver"])
    assert refused(club.register(for_some, ann)) == (409, "tier_needed")
    club.deliver(ann, "1000")
    assert good(club.register(for_some, ann))["state"] == "registered"


def test_one_member_who_registers_several_times_at_once_is_registered_once(
    club: Organiser,
) -> None:
    activity, ann = club.activity(), club.member()
    assert at_once(*[lambda: club.register(activity, ann)] * 3) == [201, 409, 409]
    (registration,) = club.app.get(f"{REGISTRATIONS}?member_id={ann['id']}").json["items"]
    good(club.cancel(registration))
    assert good(club.register(activity, ann))["state"] == "registered"


def test_when_an_activity_is_off_all_are_told(club: Organiser) -> None:
    activity = club.activity(capacity=104, waiting_places=2)
    made = [good(club.register(activity, club.member())) for _ in range(105)]
    withdrawn = good(club.cancel(made[0]))
    off = good(club.app.post(f"{path(activity)}/cancel"))
    assert off["status"] == "cancelled"
    club.later(seconds=1)
    told = facts(club.loyalty, club.app, events.RegistrationCancelled)
    assert len(told) == 105
    assert {one.reason for one in told[1:]} == {"activity_cancelled"}
    assert good(club.app.get(where(withdrawn)))["cancel_reason"] == "withdrawn"
    assert good(club.app.post(f"{path(activity)}/cancel"))["version"] == off["version"]
    assert len(facts(club.loyalty, club.app, activity_events.ActivityCancelled)) == 1
    for verb in ("publish",):
        assert refused(club.app.post(f"{path(activity)}/{verb}")) == (409, "activity_over")
    assert refused(club.app.patch(path(activity), {"place": "B"})) == (409, "activity_over")
    club.at(STARTS)
    assert refused(club.check_in(activity, ticket=made[1]["ticket"])) == (409, "check_in_closed")
    club.at(STARTS + timedelta(hours=5))
    assert good(club.app.get(path(activity)))["status"] == "cancelled"


def test_an_activity_that_is_moved_ends_later_and_says_that_it_was_moved(club: Organiser) -> None:
    activity, ann = club.activity(), club.member()
    registration = good(club.register(activity, ann))
    later = STARTS + timedelta(days=1)
    moved = {"starts_at": later.isoformat(), "ends_at": (later + timedelta(hours=1)).isoformat()}
    changed = good(club.app.patch(path(activity), moved))
    assert (changed["starts_at"], changed["place"]) == ("2031-02-02T10:00:00Z", "Xinyi")
    good(club.app.patch(path(activity), {"description": {"en": "Bring a cup."}}))
    told = facts(club.loyalty, club.app, activity_events.ActivityChanged)
    assert [one.moved for one in told] == [True, False]
    club.at(STARTS + timedelta(hours=12))
    assert club.state(registration) == "registered"
    club.at(later)
    assert refused(club.app.patch(path(activity), {"place": "B"})) == (409, "activity_begun")
    club.at(later + timedelta(hours=1))
    assert club.state(registration) == "no_show"


def test_attendance_asks_for_contact_details_once_in_so_many_months(club: Organiser) -> None:
    member = club.member()
    asking: dict[str, Any] = {"refresh_months": 6, "attended_by": "check_in"}

    def attend(day: datetime, **more: Any) -> None:
        times: dict[str, Any] = {
            "starts_at": day.isoformat(),
            "ends_at": (day + timedelta(hours=1)).isoformat(),
        }
        activity = club.activity(**asking, **times, **more)
        good(club.register(activity, member))
        club.at(day)
        good(club.check_in(activity, member_id=member["id"]))

    attend(STARTS, refresh_template="details_refresh")
    attend(STARTS + timedelta(days=30), refresh_template="details_refresh")
    asked = facts(club.loyalty, club.app, events.ContactDetailsRefreshAsked)
    assert [one.person_id for one in asked] == [member["person_id"]]
    (message,) = facts(club.loyalty, club.app, SendMessage)
    assert message.request.template == "details_refresh"
    assert message.request.person_id == member["person_id"]
    named = message.request.variables["titles"]
    assert dict(named) == {"en": "Tasting", "zh-Hant": "品嚐會"}
    attend(datetime(2031, 8, 1, 11, tzinfo=UTC))
    assert len(facts(club.loyalty, club.app, events.ContactDetailsRefreshAsked)) == 2
    assert len(facts(club.loyalty, club.app, SendMessage)) == 1


def test_two_attendances_at_once_ask_once(club: Organiser) -> None:
    member = club.member()
    made = [club.activity(refresh_months=6, attended_by="check_in") for _ in range(3)]
    for activity in made:
        good(club.register(activity, member))
    club.at(STARTS)
    body = {"member_id": member["id"]}
    calls = [lambda one=one: club.app.post(f"{path(one)}/check-ins", body) for one in made]
    assert at_once(*calls) == [200, 200, 200]
    assert club.points(member) == [90]
    assert len(facts(club.loyalty, club.app, events.ContactDetailsRefreshAsked)) == 1


@pytest.mark.parametrize(
    ("change", "wrong"),
    [
        ({"ends_at": STARTS.isoformat()}, ("/ends_at", "ends_too_early")),
        ({"closes_at": "2031-02-01T13:00:00Z"}, ("/closes_at", "closes_too_late")),
        ({"opens_at": "2031-02-01T10:00:00Z"}, ("/opens_at", "opens_too_late")),
        ({"starts_at": "9998-02-01T10:00:00Z", "ends_at": "9998-02-01T11:00:00Z"},
         ("/starts_at", "year_impossible")),
        ({"time_zone": "Asia/Nowhere"}, ("/time_zone", "time_zone_unknown")),
        ({"link": "http://meet.example"}, ("/link", "address_unfit")),
        ({"waiting_places": 3}, ("/waiting_places", "waiting_needless")),
        ({"gift": {"coupon_pool_id": str(uuid4())}},
         ("/gift/coupon_pool_id", "coupon_pool_unknown")),
    ],
)  # fmt: skip
def test_what_cannot_take_place_is_refused(
    club: Organiser, change: dict[str, Any], wrong: tuple[str, str]
) -> None:
    activity = club.activity(published=False)
    answer = club.app.patch(path(activity), change)
    assert (answer.status_code, places(answer)) == (422, [wrong])


def test_what_is_past_cannot_be_published(club: Organiser) -> None:
    activity = club.activity(published=False)
    club.at(STARTS)
    assert refused(club.app.post(f"{path(activity)}/publish")) == (409, "activity_begun")
    unclear = club.check_in(activity, ticket="x", member_id=str(uuid4()))
    assert places(unclear) == [("/ticket", "person_unclear")]


def test_an_activity_comes_as_a_calendar_file(club: Organiser) -> None:
    activity = club.activity(description={"en": "Cups, spoons; and beans"})
    english = club.app.get(f"{path(activity)}/calendar")
    assert english.headers["Content-Type"] == "text/calendar; charset=utf-8"
    lines = english.text.split("\r\n")
    assert "SUMMARY:Tasting" in lines
    assert "DTSTART:20310201T100000Z" in lines
    assert "DESCRIPTION:Cups\\, spoons\\; and beans" in lines
    assert "SUMMARY:品嚐會" in club.app.get(f"{path(activity)}/calendar?language=zh-Hant").text
    good(club.app.post(f"{path(activity)}/cancel"))
    fire(club.loyalty)
    cancelled = club.app.get(f"{path(activity)}/calendar").text.split("\r\n")
    assert {"STATUS:CANCELLED", "METHOD:CANCEL"} < set(cancelled)
