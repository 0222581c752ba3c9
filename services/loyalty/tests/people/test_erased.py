"""Nobody makes a record of somebody again who was erased: no coupon, no use of one, no recommendation."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any, cast
from uuid import UUID, uuid4

import pytest

from chassis.clock import MovableClock
from chassis.context import Caller
from chassis.domain import Conflict
from chassis.events.reactions import Envelope
from loyalty.coupons.operations import issue_coupon
from loyalty.people.reactions import on_person_erased
from rapport.contacts.events.v1.person_events_pb2 import PersonErased
from services.loyalty.tests.builders import MEMBERS, Loyalty, good, lasting_app, refused
from services.loyalty.tests.couponing import COUPONS, Till
from services.loyalty.tests.inviting import Club

ERASED = (409, "person_erased")


def erase(loyalty: Loyalty, tenant_id: UUID | None, person: UUID, *merged: UUID) -> None:
    """Have contacts say that somebody was erased."""
    fact = PersonErased(person_id=str(person), merged_person_ids=[str(one) for one in merged])
    caller, nothing = Caller(tenant_id, "test"), cast("Envelope", None)
    loyalty.service.operations.run(caller, lambda tx: on_person_erased(tx, fact, nothing))


@pytest.fixture
def till(timed: Loyalty, clock: MovableClock) -> Till:
    """A tenant that sells."""
    return Till(lasting_app(timed, clock))


def test_no_coupon_is_issued_to_or_used_for_somebody_who_was_erased_however_long_ago(
    timed: Loyalty, till: Till, clock: MovableClock
) -> None:
    kept, gone, pool = uuid4(), uuid4(), till.pool()
    till.public("WELCOME")
    erase(timed, till.app.tenant_id, kept, gone)
    bodies = [{"coupon_pool_id": pool["id"], "person_id": str(one)} for one in (kept, gone)]
    for days in (0, 400):
        clock.move(timedelta(days=days))
        for person, body in zip((kept, gone), bodies, strict=True):
            assert refused(till.app.post(COUPONS, body)) == ERASED
            used = till.redeem("WELCOME", order=f"{person} {days}", person_id=str(person))
            assert refused(used) == ERASED
    batch: dict[str, Any] = {"atomic": False, "items": bodies[:1]}
    (item,) = good(till.app.post(f"{COUPONS}/batch", batch))["items"]
    assert (item["status"], item["problem"]["code"]) == ERASED
    for person in (kept, gone):
        assert till.app.get(f"{COUPONS}?person_id={person}").json["items"] == []
    assert good(till.redeem("WELCOME", order="till-1", person_id=str(uuid4())))


def test_who_is_erased_while_a_coupon_is_issued_has_none(timed: Loyalty, till: Till) -> None:
    pool = till.pool()
    caller, run = Caller(till.app.tenant_id, "test"), timed.service.operations.run

    def issue(person: UUID) -> str:
        try:
            run(caller, issue_coupon, UUID(pool["id"]), person)
        except Conflict as refusal:
            return refusal.code
        return "issued"

    for _ in range(5):
        person = uuid4()
        with ThreadPoolExecutor(2) as both:
            issued = both.submit(issue, person)
            both.submit(erase, timed, till.app.tenant_id, person).result()
        assert issued.result() in ("issued", "person_erased")
        assert till.app.get(f"{COUPONS}?person_id={person}").json["items"] == []


def test_nobody_comes_by_a_code_who_was_erased(timed: Loyalty, clock: MovableClock) -> None:
    club = Club(timed, clock)
    club.offer()
    code, friend = club.code(club.member()), uuid4()
    erase(timed, club.app.tenant_id, friend)
    assert refused(club.claim(code, friend)) == ERASED
    assert (
        refused(
            club.app.post(MEMBERS, {"program_id": club.program["id"], "person_id": str(friend)})
        )
        == ERASED
    )
    assert good(club.claim(code, uuid4()))["state"] == "claimed"
