"""Where there is no window, what counts is added up order by order, and is what counting anew would find (LO-5)."""

from __future__ import annotations

import random
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from uuid import UUID, uuid4

import pytest

from chassis.clock import MovableClock
from chassis.context import Caller
from chassis.storage.statements import Statement
from loyalty.happenings.domain import Happening, HappeningKind
from loyalty.ledger.domain import Cause
from loyalty.ledger.operations import earn, reverse, spend
from loyalty.people.reactions import on_person_merged, on_person_unmerged
from loyalty.tier_standings.domain import MoveCause
from loyalty.tier_standings.operations import review_member
from loyalty.transaction import LoyaltyTx
from rapport.contacts.events.v1.person_events_pb2 import PersonMerged, PersonUnmerged
from services.loyalty.tests.befalling import befall, of_order, purchase
from services.loyalty.tests.builders import MEMBERS, Loyalty, create_program, good
from services.loyalty.tests.tiering import Shop, tiers_of

START = datetime(2031, 1, 15, 4, tzinfo=UTC)
_TALLY = Statement(
    "SELECT tally FROM tier_standings WHERE tenant_id = %(tenant_id)s AND id = %(member_id)s"
)
_HOLDS = Statement(
    "SELECT holds FROM tier_standings WHERE tenant_id = %(tenant_id)s AND id = %(member_id)s"
)
_LOSE = Statement(
    "UPDATE happenings SET person_id = NULL WHERE tenant_id = %(tenant_id)s"
    " AND order_id = %(order_id)s"
)


@pytest.fixture
def shop(timed: Loyalty, clock: MovableClock) -> Shop:
    """A program whose tiers begin at 1,000 and 2,000, whenever it was spent."""
    opened = Shop(timed, clock, START)
    opened.tiers(tiers_of("1000", "2000", window="lifetime"))
    return opened


def tally(shop: Shop, member_id: str) -> Decimal | None:
    """What was added up."""

    def look(tx: LoyaltyTx) -> Decimal | None:
        row = tx.fetch_one(_TALLY, {"tenant_id": tx.tenant_id, "member_id": UUID(member_id)})
        found: Decimal | None = None if row is None else row["tally"]
        return found

    return shop.loyalty.service.operations.run(Caller(shop.tenant_id, "test"), look)


def holds(shop: Shop, member_id: str) -> Decimal:
    """What the member was seen to have when it was looked at last."""

    def look(tx: LoyaltyTx) -> Decimal:
        row = tx.fetch_one(_HOLDS, {"tenant_id": tx.tenant_id, "member_id": UUID(member_id)})
        assert row is not None
        found: Decimal = row["holds"]
        return found

    return shop.loyalty.service.operations.run(Caller(shop.tenant_id, "test"), look)


def hear(shop: Shop, react: Callable[..., None], fact: PersonMerged | PersonUnmerged) -> None:
    """Have the service react to what contacts tells."""
    caller = Caller(shop.tenant_id, "test")
    shop.loyalty.service.operations.run(caller, lambda tx: react(tx, fact, None))


def orders(chance: random.Random, person: UUID) -> list[Happening]:
    """Orders in up to three deliveries, of some of which money was paid back, once or twice."""
    told = []
    for _ in range(8):
        order = {"order_id": uuid4()}
        at = START - timedelta(days=chance.randrange(-2, 60))
        for _ in range(chance.randrange(1, 4)):
            at += timedelta(days=chance.randrange(3))
            told.append(purchase(person, at, str(chance.randrange(1, 300)), **order))
        for _ in range(chance.randrange(3)):
            at += timedelta(days=chance.randrange(-2, 3))
            back = str(chance.randrange(1, 300))
            told.append(of_order(HappeningKind.ORDER_REFUNDED, person, at, back, **order))
    return told


@pytest.mark.parametrize("by", ["spend", "purchases"])
@pytest.mark.parametrize("seed", range(3))
def test_what_is_added_order_by_order_is_all_that_counts_in_whatever_order_it_is_told(
    shop: Shop, seed: int, by: str
) -> None:
    thresholds = ("1000", "2000") if by == "spend" else ("3", "6")
    shop.tiers({**tiers_of(*thresholds, window="lifetime"), "by": by})
    person, chance = uuid4(), random.Random(seed)  # noqa: S311 - the same for each run
    member = shop.member(person, enrolled_at=(START - timedelta(days=30)).isoformat())
    told = orders(chance, person)
    chance.shuffle(told)
    for happening in told:
        befall(shop.loyalty, shop.app, happening)
        assert tally(shop, member["id"]) == Decimal(shop.standing(member)["value"])
    assert tally(shop, member["id"])


@pytest.mark.parametrize("when_spent", ["owe", "write_off"])
def test_points_are_added_by_the_transactions_since_whatever_is_done_with_them(
    shop: Shop, when_spent: str
) -> None:
    policies = {"refunds": {"when_spent": when_spent}}
    shop.program = create_program(shop.app, key="points", policies=policies)
    shop.tiers({**tiers_of("1000", "2000", window="lifetime"), "by": "points"})
    member = shop.member()
    member_id = UUID(member["id"])

    def do(work: Callable[[LoyaltyTx], object]) -> None:
        run = shop.loyalty.service.operations.run
        run(Caller(shop.tenant_id, "test"), work)
        run(Caller(shop.tenant_id, "test"), review_member, member_id, MoveCause.COUNTED)
        assert holds(shop, member["id"]) == Decimal(shop.standing(member)["value"])

    def earned(points: int, key: str) -> Callable[[LoyaltyTx], object]:
        return lambda tx: earn(tx, member_id, points, Cause("earning", key))

    def back(points: int, key: str, step: str) -> Callable[[LoyaltyTx], object]:
        cause = Cause("refund", step)
        return lambda tx: reverse(tx, member_id, Cause("earning", key), points, cause)

    do(earned(700, "first"))
    do(earned(500, "second"))
    assert shop.tier(member) == "silver"
    do(lambda tx: spend(tx, member_id, 900, Cause("redemption", "till")))
    do(back(100, "first", "a"))
    do(back(300, "second", "b"))
    do(back(600, "first", "c"))  # where nothing is owed, of which nothing is left to take
    do(earned(20, "third"))
    assert holds(shop, member["id"]) == 220


def test_an_order_is_added_without_a_look_at_those_before(shop: Shop) -> None:
    member = shop.member()
    first = shop.deliver(member, "600")

    def lose_it(tx: LoyaltyTx) -> None:
        tx.write(_LOSE, {"tenant_id": tx.tenant_id, "order_id": UUID(first.order_id)})

    shop.loyalty.service.operations.run(Caller(shop.tenant_id, "test"), lose_it)
    shop.deliver(member, "300")
    assert tally(shop, member["id"]) == 900
    # Other tiers have all counted anew, and the first order is nobody's by now.
    shop.tiers(tiers_of("1000", "3000", window="lifetime"))
    assert tally(shop, member["id"]) == 300


def test_two_deliveries_at_once_are_both_added(shop: Shop) -> None:
    member = shop.member()
    shop.deliver(member, "600")
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(lambda amount: shop.deliver(member, amount), ("150", "250")))
    assert tally(shop, member["id"]) == 1000
    assert shop.tier(member) == "silver"


def test_what_is_bought_while_nothing_is_earned_counts_when_the_member_is_back(
    shop: Shop,
) -> None:
    member = shop.member()
    shop.deliver(member, "600")
    path = f"{MEMBERS}/{member['id']}"
    good(shop.app.post(f"{path}/suspend", {"reason": "A doubt"}))
    shop.deliver(member, "300")
    good(shop.app.post(f"{path}/reinstate"))
    shop.deliver(member, "200")
    assert tally(shop, member["id"]) == 1100
    assert shop.tier(member) == "silver"


def test_what_somebody_bought_who_turns_out_to_be_the_member_counts_and_goes_back(
    shop: Shop,
) -> None:
    kept, gone, merge = uuid4(), uuid4(), str(uuid4())
    member = shop.member(kept)
    shop.deliver(member, "600")
    befall(shop.loyalty, shop.app, purchase(gone, shop.clock.now(), "700"))
    about = {"person_id": str(kept), "merge_id": merge}
    hear(shop, on_person_merged, PersonMerged(merged_person_id=str(gone), **about))
    assert tally(shop, member["id"]) == 1300
    assert shop.tier(member) == "silver"
    hear(shop, on_person_unmerged, PersonUnmerged(unmerged_person_id=str(gone), **about))
    assert tally(shop, member["id"]) == 600
    shop.deliver(member, "100")
    assert tally(shop, member["id"]) == 700
