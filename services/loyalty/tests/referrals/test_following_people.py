"""Referrals follow people: whoever turns out to be their own friend, and whoever is erased (LO-8)."""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid4

import pytest

from chassis.testing.bus import Bus
from chassis.testing.client import ApiClient
from chassis.testing.waiting import eventually
from rapport.contacts.events.v1.person_events_pb2 import PersonErased, PersonMerged
from services.loyalty.tests.builders import (
    MEMBERS,
    PROGRAMS,
    create_program,
    delivered,
    enrol,
    good,
    refused,
)
from services.loyalty.tests.inviting import CODES, REFERRALS, TERMS


class Bringing:
    """A program with two members, one of whom brings the other; facts come by the bus."""

    def __init__(self, app: ApiClient, bus: Bus) -> None:
        assert app.tenant_id is not None
        self.app, self.bus, self.tenant_id = app, bus, app.tenant_id
        self.program = create_program(app)
        good(app.put(f"{PROGRAMS}/{self.program['id']}/referral-terms", TERMS))
        self.ann, self.bob = uuid4(), uuid4()
        self.member = member = enrol(app, self.program, self.ann)
        enrol(app, self.program, self.bob)
        self.code = good(app.post(CODES, {"member_id": member["id"], "shown_name": "Ann"}))
        self.path = f"{REFERRALS}/{self.claim(self.bob)['id']}"

    def claim(self, friend: UUID) -> dict[str, Any]:
        """Have somebody come by Ann's code."""
        body = {"code": self.code["code"], "friend_person_id": str(friend)}
        return good(self.app.post(REFERRALS, body))

    def told(self, fact: Any, about: UUID) -> None:
        """Have a fact arrive."""
        self.bus.say(fact, self.tenant_id, about)

    def state(self) -> tuple[str, str | None]:
        """How the referral stands."""
        referral = good(self.app.get(self.path))
        return referral["state"], referral["reason"]

    def merge(self) -> None:
        """Ann and Bob are one person."""
        merge = {"person_id": str(self.ann), "merged_person_id": str(self.bob)}
        self.told(PersonMerged(merge_id=str(uuid4()), **merge), self.ann)


@pytest.fixture
def bringing(app: ApiClient, bus: Bus) -> Bringing:
    """Ann brings Bob."""
    return Bringing(app, bus)


def test_whoever_turns_out_to_be_their_own_friend_is_refused(bringing: Bringing) -> None:
    bringing.merge()
    eventually(lambda: bringing.state() == ("refused", "self_referral"))
    body = {"code": bringing.code["code"], "friend_person_id": str(bringing.bob)}
    assert refused(bringing.app.post(REFERRALS, body)) == (409, "self_referral")


def test_what_somebody_got_for_bringing_themselves_is_taken_back(bringing: Bringing) -> None:
    bringing.told(delivered(bringing.bob, "800"), bringing.bob)
    eventually(lambda: bringing.state() == ("rewarded", None))
    bringing.merge()
    eventually(lambda: bringing.state() == ("reversed", "self_referral"))
    report = f"{PROGRAMS}/{bringing.program['id']}/referral-report"
    assert good(bringing.app.get(report))["points"] == 0


def test_who_earns_again_gets_what_was_due(bringing: Bringing) -> None:
    path = f"{MEMBERS}/{bringing.member['id']}"
    good(bringing.app.post(f"{path}/suspend", {"reason": "Looked at"}))
    bringing.told(delivered(bringing.bob, "800"), bringing.bob)
    eventually(lambda: bringing.state() == ("completed", None))
    assert good(bringing.app.get(bringing.path))["due"] == ["referrer"]
    good(bringing.app.post(f"{path}/reinstate"))
    eventually(lambda: bringing.state() == ("rewarded", None))


def test_of_whoever_is_erased_nothing_is_left_but_the_count(bringing: Bringing) -> None:
    bringing.told(PersonErased(person_id=str(bringing.ann)), bringing.ann)
    path = f"{CODES}/{bringing.code['id']}"
    eventually(lambda: good(bringing.app.get(path))["shown_name"] == "")
    code = good(bringing.app.get(path))
    assert (code["person_id"], code["enabled"]) == (None, False)
    referral = good(bringing.app.get(bringing.path))
    assert (referral["referrer_person_id"], referral["state"]) == (None, "claimed")
    bringing.told(delivered(bringing.bob, "800"), bringing.bob)
    eventually(lambda: bringing.state() == ("refused", "person_gone"))


def test_reviews_of_whoever_is_erased_name_nobody(bringing: Bringing) -> None:
    limit = {"name": "Friends", "act": "referral", "measure": "times", "scope": "referrer"}
    more = {"most": 1, "window_minutes": 60, "program_id": bringing.program["id"]}
    good(bringing.app.post("/v1/loyalty/velocity-rules", {**limit, **more, "response": "hold"}))
    carl = uuid4()
    enrol(bringing.app, bringing.program, carl)
    second = f"{REFERRALS}/{bringing.claim(carl)['id']}"
    bringing.told(delivered(bringing.bob, "800"), bringing.bob)
    eventually(lambda: bringing.state() == ("rewarded", None))
    bringing.told(delivered(carl, "800"), carl)
    eventually(lambda: good(bringing.app.get(second))["state"] == "held")
    (review,) = bringing.app.get("/v1/loyalty/velocity-reviews").json["items"]
    assert review["subject"] == bringing.member["id"], "not the person, who may be erased"
    path = f"/v1/loyalty/velocity-reviews/{review['id']}"
    good(bringing.app.post(f"{path}/confirm", {"reason": "Ann made it up"}))
    bringing.told(PersonErased(person_id=str(bringing.ann)), bringing.ann)
    eventually(lambda: good(bringing.app.get(path))["reason"] == "")
    assert str(bringing.ann) not in str(good(bringing.app.get(path)))
