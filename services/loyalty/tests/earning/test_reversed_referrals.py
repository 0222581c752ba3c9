"""What rules gave for a recommendation goes back when the referral is reversed, in whatever order it is told (LO-3, LO-8)."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any, cast
from uuid import UUID, uuid4

import pytest

from chassis.clock import MovableClock
from chassis.context import Caller
from chassis.events.reactions import Envelope
from loyalty.earning.reactions import on_referral_reversed
from loyalty.happenings.own import OwnHappenings
from loyalty.happenings.reactions import Happenings
from loyalty.hearing import HEARERS
from loyalty.ledger.domain import Cause
from loyalty.ledger.operations import spend
from loyalty.transaction import LoyaltyTx
from rapport.loyalty.events.v1 import referral_events_pb2 as events
from services.loyalty.tests.builders import MEMBERS, Loyalty, facts, good
from services.loyalty.tests.gaining import RULES, fixed
from services.loyalty.tests.inviting import Club

OWN = OwnHappenings(Happenings(HEARERS))


@pytest.fixture
def club(timed: Loyalty, clock: MovableClock) -> Club:
    """A program that rewards recommendations with 200 points, and by a rule with 70 more."""
    club = Club(timed, clock)
    club.offer()
    rule(club)
    return club


def rule(club: Club, **more: Any) -> None:
    """Have a rule give points for a recommendation, from now on."""
    body = {
        "program_id": club.program["id"],
        "name": "Thanks",
        "trigger": "referral_completed",
        "gives": fixed(70),
        **more,
    }
    made = good(club.app.post(RULES, body))
    good(club.app.post(f"{RULES}/{made['id']}/activate"))


def hear(club: Club, react: Callable[..., None], fact: Any) -> None:
    """Have loyalty react to a fact of its own."""
    envelope = Envelope(
        id=uuid4(),
        type="",
        tenant_id=cast("UUID", club.app.tenant_id),
        aggregate_id=uuid4(),
        aggregate_version=1,
        actor="service:loyalty",
        occurred_at=club.clock.now(),
        traceparent=None,
    )

    def work(tx: LoyaltyTx) -> None:
        react(tx, fact, envelope)

    club.loyalty.service.operations.run(Caller(club.app.tenant_id, "test"), work)


def rewarded(club: Club) -> None:
    """Hear of all referrals that were rewarded."""
    for fact in facts(club.loyalty, club.app, events.ReferralRewarded):
        hear(club, OWN.on_referral_rewarded, fact)


def undone(club: Club) -> None:
    """Hear of all referrals that were reversed."""
    for fact in facts(club.loyalty, club.app, events.ReferralReversed):
        hear(club, on_referral_reversed, fact)


def earnings(club: Club, member: dict[str, Any]) -> list[tuple[str, int, int]]:
    """What rules gave a member: outcome, points, and how many went back."""
    items = good(club.app.get(f"{MEMBERS}/{member['id']}/earnings"))["items"]
    return [(one["outcome"], one["points"], one["taken_back"]) for one in items]


def test_points_by_a_rule_go_back_once_however_often_it_is_told(club: Club) -> None:
    ann, bob = club.member(), club.member()
    club.brought(ann, bob)
    order_id = club.deliver(bob, "600")
    rewarded(club)
    assert club.points(ann) == [270]
    club.refund(bob, order_id, "600")
    assert club.points(ann) == [70]
    for _ in range(2):
        undone(club)
        assert club.points(ann) == [0]
    assert earnings(club, ann) == [("earned", 70, 70)]
    rewarded(club)  # told once more
    assert club.points(ann) == [0]


def test_what_is_told_of_after_it_was_reversed_gives_nothing(club: Club) -> None:
    ann, bob = club.member(), club.member()
    club.brought(ann, bob)
    club.refund(bob, club.deliver(bob, "600"), "600")
    undone(club)
    rewarded(club)
    assert club.points(ann) == [0]
    assert earnings(club, ann) == [("earned", 70, 70)]


def test_a_refund_after_the_time_takes_nothing_back(club: Club) -> None:
    ann, bob = club.member(), club.member()
    club.brought(ann, bob)
    order_id = club.deliver(bob, "600")
    rewarded(club)
    club.later(days=31)
    club.refund(bob, order_id, "600")
    undone(club)
    assert club.points(ann) == [270]


def test_points_that_wait_go_back_before_they_count(club: Club) -> None:
    rule(club, name="Later", pending_days=40)
    ann, bob = club.member(), club.member()
    club.brought(ann, bob)
    order_id = club.deliver(bob, "600")
    rewarded(club)
    assert (club.points(ann), club.pending(ann)) == ([270], 70)
    club.refund(bob, order_id, "600")
    undone(club)
    assert (club.points(ann), club.pending(ann)) == ([0], 0)
    club.later(days=41)
    assert club.points(ann) == [0]


def test_points_that_were_spent_are_owed(club: Club) -> None:
    ann, bob = club.member(), club.member()
    club.brought(ann, bob)
    order_id = club.deliver(bob, "600")
    rewarded(club)
    run = club.loyalty.service.operations.run
    run(
        Caller(club.app.tenant_id, "test"),
        lambda tx: spend(tx, UUID(ann["id"]), 260, Cause("redemption", "till-1")),
    )
    assert club.points(ann) == [10]
    club.refund(bob, order_id, "600")
    undone(club)
    assert club.points(ann) == [10 - 270]


def test_of_reward_and_reversal_at_once_nothing_is_left(club: Club) -> None:
    ann, bob = club.member(), club.member()
    club.brought(ann, bob)
    club.refund(bob, club.deliver(bob, "600"), "600")
    club.clock.move(timedelta(minutes=1))
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(lambda tell: tell(club), (rewarded, undone)))
    assert club.points(ann) == [0]
    assert earnings(club, ann) == [("earned", 70, 70)]
