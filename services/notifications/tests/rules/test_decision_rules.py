"""Those who may decide are told of what waits for them, in every tenant (LO-13, SA-10)."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier
from typing import Any
from uuid import uuid4

import psycopg
import pytest

from chassis.embedded.postgres import PostgresServer
from notifications.rules.domain import HolderReach, Rule
from notifications.rules.giving import (
    SERIES,
    give_later_rules,
    giving_work,
    on_tenant_created,
    rule_id_of,
)
from notifications.rules.holders import Holders
from notifications.transaction import NotificationsTx
from rapport.identity.events.v1.tenant_events_pb2 import TenantCreated
from rapport.loyalty.events.v1.referral_events_pb2 import ReferralHeldBack
from rapport.loyalty.events.v1.velocity_events_pb2 import VelocityReviewOpened

from .staff import (
    APPROVE,
    DATABASE,
    REQUESTED,
    RULES,
    Staff,
    asked,
)

_FORGET_SERIES = "DELETE FROM first_rules_given WHERE tenant_id = %s"


FIRST, LATER = SERIES


def give_as_the_version_before_did(tx: NotificationsTx) -> None:
    """What that one gave a new tenant."""
    for definition in FIRST:
        rule_id = rule_id_of(tx.tenant_id, 0, definition)
        tx.rules.add(Rule.define(rule_id, definition, tx.clock.now()))


def names(staff: Staff) -> list[str]:
    """What the tenant's rules are called."""
    found = staff.admin.get(f"{RULES}?page_size=200").json["items"]
    return sorted(one["name"] for one in found)


def test_tenants_that_are_here_are_given_later_rules_once(
    staff: Staff, postgres: PostgresServer
) -> None:
    service = staff.harness.service
    giving = giving_work(service.database, service.operations, "notifications")
    new = Staff(staff.harness, staff.holders, staff.clock)
    staff.run(give_as_the_version_before_did)
    for rule in staff.admin.get(f"{RULES}?page_size=200").json["items"][:2]:
        staff.admin.delete(f"{RULES}/{rule['id']}")
    before = names(staff)
    new.run(on_tenant_created, TenantCreated(), None)
    giving.run()
    assert names(staff) == sorted([*before, *(rule.name for rule in LATER)])
    assert names(new) == sorted(rule.name for series in SERIES for rule in series)
    for rule in staff.admin.get(f"{RULES}?page_size=200").json["items"]:
        staff.admin.delete(f"{RULES}/{rule['id']}")
    giving.run()
    assert names(staff) == [], "what the tenant has removed does not come back"
    with psycopg.connect(postgres.admin_dsn(DATABASE), autocommit=True) as superuser:
        superuser.execute(_FORGET_SERIES, [staff.tenant_id])
    giving.run()
    assert names(staff) == [], "nor does a tenant get some before it is told of"


def test_later_rules_are_given_once_however_many_give_them(staff: Staff) -> None:
    staff.run(give_as_the_version_before_did)
    together = Barrier(4)

    def give(place: int) -> None:
        together.wait(10)
        if place:
            staff.run(give_later_rules)
        else:
            staff.run(on_tenant_created, TenantCreated(), None)

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(give, range(4)))
    assert names(staff) == sorted(rule.name for series in SERIES for rule in series)


def test_points_that_wait_for_a_second_person_tell_those_who_approve_and_no_others(
    staff: Staff,
) -> None:
    staff.run(on_tenant_created, TenantCreated(), None)
    approver, asker = uuid4(), uuid4()
    staff.holders.know(staff.tenant_id, APPROVE, asker, approver)
    staff.say(asked(), actor=f"user:{asker}")
    assert staff.waiting() == 0, "what is made at once waits for nobody"
    staff.say(asked(until=staff.clock.now() + timedelta(days=7)), actor=f"user:{asker}")
    staff.tell()
    assert staff.told() == [approver]
    assert staff.holders.asked == [Holders(APPROVE, HolderReach.OWN)]


def test_what_is_held_beyond_a_limit_tells_those_who_decide_and_what_is_flagged_nobody(
    staff: Staff,
) -> None:
    staff.run(on_tenant_created, TenantCreated(), None)
    user = uuid4()
    staff.holders.know(staff.tenant_id, "loyalty.velocity_reviews.decide", user)
    acts = (("flag", "earning"), ("block", "earning"), ("hold", "earning"), ("hold", "referral"))
    for response, act in acts:
        review = VelocityReviewOpened(velocity_review_id=str(uuid4()))
        review.velocity_review.act = act
        review.velocity_review.response = response
        staff.say(review)
    staff.tell()
    assert staff.told() == [user]


def test_a_recommendation_that_is_held_tells_those_who_decide_on_it(staff: Staff) -> None:
    staff.run(on_tenant_created, TenantCreated(), None)
    user = uuid4()
    staff.holders.know(staff.tenant_id, "loyalty.referrals.review", user)
    staff.say(ReferralHeldBack(referral_id=str(uuid4()), reason="ring"))
    staff.tell()
    assert staff.told() == [user]


@pytest.mark.parametrize(
    ("kind", "fact", "title", "text"),
    [
        (
            REQUESTED,
            {"adjustment": {"points": -1250}, "waits_until": "2027-02-28T16:00:00Z"},
            "Points wait for a second person",
            "To be taken from a member: 1,250.",
        ),
        (
            REQUESTED,
            {"adjustment": {"points": 1}, "waits_until": "2027-02-28T16:00:00Z"},
            "Points wait for a second person",
            "To be given to a member: 1.",
        ),
        (
            "rapport.loyalty.events.v1.ReferralHeldBack",
            {"referral_id": "R1", "reason": "ring"},
            "A recommendation waits for a decision",
            "Nothing is given for it until somebody decides whether it counts.",
        ),
        *(
            (
                "rapport.loyalty.events.v1.VelocityReviewOpened",
                {"velocity_review": {"response": "hold", "act": act}},
                "Something is held beyond a limit",
                f"{what} until somebody decides whether it is in order.",
            )
            for act, what in (
                ("earning", "Points that were earned wait"),
                ("anything later", "It waits"),
            )
        ),
    ],
)
def test_what_waits_is_told_in_words(
    staff: Staff, kind: str, fact: dict[str, Any], title: str, text: str
) -> None:
    staff.run(on_tenant_created, TenantCreated(), None)
    (rule,) = staff.admin.get(f"{RULES}?fact_type={kind}").json["items"]
    tried = staff.admin.post(f"{RULES}/{rule['id']}/test", {"fact": fact}).json
    assert tried["problem"] is None
    assert tried["message"]["title"] == title
    assert tried["message"]["text"].startswith(text)
