"""What two members earned who turn out to be one: caps, refunds and the explanation go along (LO-3)."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import UUID, uuid4

import pytest

from chassis.clock import MovableClock
from chassis.context import service_caller
from chassis.events.reactions import Envelope
from loyalty.people.reactions import on_person_merged
from loyalty.transaction import LoyaltyTx
from rapport.contacts.events.v1.person_events_pb2 import PersonMerged
from services.loyalty.tests.builders import Loyalty
from services.loyalty.tests.gaining import Gaining, cap, per


@pytest.fixture
def gaining(timed: Loyalty, clock: MovableClock) -> Gaining:
    """A program by a clock that the test moves."""
    return Gaining(timed, clock)


def merge(gaining: Gaining, kept: UUID, gone: UUID) -> None:
    """Have contacts say that two people are one."""
    assert gaining.app.tenant_id is not None
    fact = PersonMerged(person_id=str(kept), merged_person_id=str(gone), merge_id=str(uuid4()))
    envelope = Envelope(
        id=uuid4(),
        type=PersonMerged.DESCRIPTOR.full_name,
        tenant_id=gaining.app.tenant_id,
        aggregate_id=kept,
        aggregate_version=1,
        actor="service:contacts",
        occurred_at=datetime.now(UTC),
        traceparent=None,
    )

    def react(tx: LoyaltyTx) -> None:
        on_person_merged(tx, fact, envelope)

    caller = service_caller("loyalty", gaining.app.tenant_id)
    gaining.loyalty.service.operations.run(caller, react)


def test_what_both_earned_counts_towards_caps_and_goes_back_with_the_money(
    gaining: Gaining,
) -> None:
    gaining.rule(per("1"), caps=[cap(150, "day")])
    ann = gaining.person()
    gaining.later(minutes=1)
    anna = gaining.person()
    hers = gaining.buy(ann, ("coffee", "60"))
    theirs = gaining.buy(anna, ("coffee", "70"))
    merge(gaining, anna, ann)
    assert len(gaining.earnings(anna)) == 2
    assert gaining.free(anna) == 130
    gaining.buy(ann, ("coffee", "100"))  # whoever told of it had not heard of the merge
    assert gaining.earnings(anna)[0]["points"] == 20
    gaining.tell(
        gaining.refunded(theirs, ("coffee", "70")), gaining.refunded(hers, ("coffee", "30"))
    )
    assert gaining.free(anna) == 50
