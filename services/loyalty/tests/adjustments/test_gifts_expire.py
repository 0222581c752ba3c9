"""Points that are given by hand may expire at a time of their own (LO-4, LO-13)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest

from chassis.clock import MovableClock
from chassis.testing.client import ApiClient
from rapport.loyalty.events.v1 import adjustment_events_pb2 as events
from services.loyalty.tests.builders import (
    Loyalty,
    create_program,
    enrol,
    facts,
    fire,
    good,
    lasting_app,
    places,
    refused,
)

ADJUSTMENTS = "/v1/loyalty/adjustments"
MEMBERS = "/v1/loyalty/members"


@pytest.fixture
def lasting(timed: Loyalty, clock: MovableClock) -> ApiClient:
    """An app in a tenant of its own, by a clock that the test moves."""
    return lasting_app(timed, clock)


def enrolled(client: ApiClient, limit: int = 1_000) -> str:
    """A member of a program in which so many points are given without a second person."""
    program = create_program(client, policies={"adjustments": {"limit": limit}})
    return str(enrol(client, program, uuid4())["id"])


def gift(member_id: str, points: int = 100, **more: Any) -> dict[str, Any]:
    """Points as a gesture."""
    return {"member_id": member_id, "points": points, "reason": "A gesture", **more}


def available(client: ApiClient, member_id: str) -> int:
    """How many points a member may spend."""
    return int(good(client.get(f"{MEMBERS}/{member_id}/points"))["balances"]["available"])


def test_points_that_are_given_expire_at_their_own_time(
    timed: Loyalty, clock: MovableClock, lasting: ApiClient
) -> None:
    member_id = enrolled(lasting)
    until = clock.now() + timedelta(days=3)
    made = good(lasting.post(ADJUSTMENTS, gift(member_id, expires_at=until.isoformat())))
    assert made["expires_at"] is not None
    good(lasting.post(ADJUSTMENTS, gift(member_id, 7)))
    assert available(lasting, member_id) == 107
    clock.move(timedelta(days=3))
    fire(timed)
    assert available(lasting, member_id) == 7
    first, second = facts(timed, lasting, events.AdjustmentRequested)
    assert first.adjustment.HasField("expires_at")
    assert not second.adjustment.HasField("expires_at")


def test_points_are_not_given_to_be_expired_already_nor_taken_with_a_time(
    clock: MovableClock, lasting: ApiClient
) -> None:
    member_id = enrolled(lasting)
    ago = (clock.now() - timedelta(seconds=1)).isoformat()
    later = (clock.now() + timedelta(days=1)).isoformat()
    century = (clock.now() + timedelta(days=36526)).isoformat()
    for body in (
        gift(member_id, expires_at=ago),
        gift(member_id, -5, expires_at=later),
        gift(member_id, expires_at=century),
        gift(member_id, expires_at="9999-12-31T23:59:59Z"),
    ):
        answer = lasting.post(ADJUSTMENTS, body)
        assert answer.status_code == 422, answer.text
        assert places(answer) == [("/expires_at", "expiry_impossible")]
    assert available(lasting, member_id) == 0
    within = (clock.now() + timedelta(days=36524)).isoformat()
    good(lasting.post(ADJUSTMENTS, gift(member_id, expires_at=within)))
    assert available(lasting, member_id) == 100


def test_a_second_person_who_agrees_too_late_gives_nothing(
    timed: Loyalty, clock: MovableClock, lasting: ApiClient
) -> None:
    member_id = enrolled(lasting, limit=10)
    until = (clock.now() + timedelta(days=2)).isoformat()
    waiting = good(lasting.post(ADJUSTMENTS, gift(member_id, expires_at=until)))
    assert waiting["state"] == "waiting"
    clock.move(timedelta(days=2))
    expires = int((clock.now() + timedelta(days=1)).timestamp())
    somebody = str(uuid4())
    another = {"sub": somebody, "uid": somebody, "scope": "*"}
    token = timed.tokens.sign(tid=str(lasting.tenant_id), exp=expires, **another)
    second = ApiClient(timed.app, token, lasting.tenant_id)
    approval = second.post(f"{ADJUSTMENTS}/{waiting['id']}/approve")
    assert refused(approval) == (409, "adjustment_expired")
    assert available(lasting, member_id) == 0
