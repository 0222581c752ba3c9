"""In which tiers members are, over REST: by what they bought and earned, and as time passes (LO-5)."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from uuid import UUID, uuid4

import pytest

from chassis.clock import MovableClock
from chassis.context import service_caller
from chassis.testing.bus import Bus
from chassis.testing.client import ApiClient
from chassis.testing.waiting import eventually
from loyalty.ledger import operations as ledger
from loyalty.ledger.domain import Cause
from loyalty.membership import profile_refresher
from rapport.contacts.events.v1.person_events_pb2 import PersonErased, PersonMerged, PersonUnmerged
from rapport.loyalty.events.v1 import tier_standing_events_pb2 as events
from services.loyalty.tests.builders import (
    MEMBERS,
    PROGRAMS,
    Loyalty,
    at_once,
    create_program,
    delivered,
    enrol,
    facts,
    good,
    places,
    refused,
)
from services.loyalty.tests.fakes import FakePeople
from services.loyalty.tests.tiering import Shop, tiers_of

START = datetime(2031, 1, 15, 4, tzinfo=UTC)
"""Noon in Taipei, by whose clock the program's members live."""


@pytest.fixture
def shop(timed: Loyalty, clock: MovableClock) -> Shop:
    """A program whose tiers begin at 100 and 200, in a rolling year."""
    opened = Shop(timed, clock, START)
    opened.tiers(tiers_of("100", "200"))
    return opened


def test_reading_needs_a_token_and_shows_no_other_tenants(loyalty: Loyalty, app: ApiClient) -> None:
    program = create_program(app)
    member = enrol(app, program, uuid4())
    path = f"{MEMBERS}/{member['id']}/tier"
    assert app.get(path).status_code == 404
    grant = {"tier": "gold", "until": "2999-01-01T00:00:00Z", "reason": "A friend"}
    assert refused(app.put(f"{path}/grant", grant)) == (409, "tiers_missing")
    good(app.put(f"{PROGRAMS}/{program['id']}/tiers", tiers_of("100", "200")))
    assert refused(loyalty.anonymous().get(path)) == (401, "token_missing")
    stranger = loyalty.app_client(loyalty.new_tenant())
    for read in (path, f"{path}/history"):
        assert app.get(read).status_code == 200
        assert stranger.get(read).status_code == 404, read
    assert stranger.put(f"{path}/grant", grant).status_code == 404
    assert stranger.delete(f"{path}/grant").status_code == 404
    assert app.tenant_id is not None
    reader = loyalty.app_client(app.tenant_id, "loyalty.tier_standings.read")
    assert reader.put(f"{path}/grant", grant).status_code == 403


def test_a_member_goes_up_at_once_and_sees_what_is_missing(shop: Shop) -> None:
    member = shop.member()
    assert shop.tier(member) is None
    shop.deliver(member, "60")
    first = shop.standing(member)
    assert (first["tier"], first["value"], first["currency"]) == (None, "60", "TWD")
    assert first["next"] == {
        "key": "silver",
        "name": {"en": "Silver"},
        "threshold": "100",
        "missing": "40",
    }
    shop.deliver(member, "150.50")
    now = shop.standing(member)
    assert (now["tier"]["key"], now["tier"]["rank"], now["next"]) == ("gold", 1, None)
    assert (now["window_from"], now["window_until"]) == ("2030-01-16", "2031-01-16")
    assert now["keeping"] == {
        "key": "gold",
        "threshold": "200",
        "missing": "200",
        "until": "2032-01-14T16:00:00Z",
        "falls_to": None,
    }
    assert shop.history(member) == [("reached", None, "gold")]
    (told,) = facts(shop.loyalty, shop.app, events.TierReached)
    assert (told.member_id, told.tier, told.previous_tier) == (member["id"], "gold", "")
    assert (told.person_id, told.cause) == (member["person_id"], "counted")


def test_every_step_is_explained_by_what_counted(shop: Shop) -> None:
    member = shop.member()
    first = shop.deliver(member, "60")
    shop.deliver(member, "50")
    (step,) = good(shop.app.get(f"{MEMBERS}/{member['id']}/tier/history"))["items"]
    explanation = step["explanation"]
    assert (explanation["value"], explanation["by"]) == ("110", "spend")
    assert [one["amount"] for one in explanation["counted"]] == ["50", "60"]
    assert {one["reference"] for one in explanation["counted"]} == {first.order.number}
    assert (step["revision"], step["actor"]) == (1, "service:loyalty")


def test_a_tier_is_lost_when_what_counted_has_left_the_window(shop: Shop) -> None:
    member = shop.member()
    shop.deliver(member, "150")
    shop.go_to(datetime(2031, 7, 1, 4, tzinfo=UTC))
    shop.deliver(member, "100")
    assert shop.tier(member) == "gold"
    keeping = shop.standing(member)["keeping"]
    assert (keeping["missing"], keeping["falls_to"]) == ("100", "silver")
    # The day of the first purchase ends, by the member's clock, at 4 in the afternoon of UTC.
    shop.go_to(datetime(2032, 1, 14, 15, 59, tzinfo=UTC))
    assert shop.tier(member) == "gold"
    shop.go_to(datetime(2032, 1, 14, 16, tzinfo=UTC))
    assert shop.tier(member) == "silver"
    shop.go_to(datetime(2032, 6, 30, 16, tzinfo=UTC))
    assert shop.tier(member) is None
    assert [one.cause for one in facts(shop.loyalty, shop.app, events.TierLost)] == ["time"] * 2
    assert shop.history(member) == [
        ("reached", None, "silver"),
        ("reached", "silver", "gold"),
        ("lost", "gold", "silver"),
        ("lost", "silver", None),
    ]


def test_grace_leaves_time_to_catch_up(shop: Shop) -> None:
    shop.tiers(tiers_of("100", "200", grace_days=30))
    member, other = shop.member(), shop.member()
    for one in (member, other):
        shop.deliver(one, "200")
    shop.go_to(datetime(2032, 1, 14, 16, tzinfo=UTC))
    standing = shop.standing(member)
    assert (standing["tier"]["key"], standing["value"]) == ("gold", "0")
    assert standing["at_risk_since"] == "2032-01-14T16:00:00Z"
    assert standing["loses_at"] == "2032-02-13T16:00:00Z"
    assert standing["keeping"]["until"] == standing["loses_at"]
    (told, _) = facts(shop.loyalty, shop.app, events.TierEndangered)
    assert told.tier == "gold"
    shop.deliver(member, "200")
    shop.go_to(datetime(2032, 2, 13, 16, tzinfo=UTC))
    assert (shop.tier(member), shop.tier(other)) == ("gold", None)
    assert [kind for kind, _, _ in shop.history(member)] == ["reached", "at_risk", "safe"]
    assert [kind for kind, _, _ in shop.history(other)] == ["reached", "at_risk", "lost"]


def test_one_step_at_a_time_where_the_program_says_so(shop: Shop) -> None:
    shop.tiers(tiers_of("100", "200", "400", one_step=True))
    member = shop.member()
    shop.deliver(member, "400")
    assert shop.tier(member) == "platinum"
    for year, tier in ((2032, "gold"), (2033, "silver"), (2034, None)):
        shop.go_to(datetime(year, 1, 14, 15, 59, tzinfo=UTC))
        assert shop.tier(member) != tier
        shop.go_to(datetime(year, 1, 14, 16, tzinfo=UTC))
        assert shop.tier(member) == tier


def test_a_tier_is_held_for_months_after_it_was_reached(shop: Shop) -> None:
    shop.tiers(tiers_of("100", "200", months=3, hold_months=6))
    member = shop.member()
    order = shop.deliver(member, "200")
    shop.refund(order, "200")
    standing = shop.standing(member)
    assert (standing["tier"]["key"], standing["loses_at"]) == ("gold", "2031-07-14T16:00:00Z")
    shop.go_to(datetime(2031, 7, 14, 16, tzinfo=UTC))
    assert shop.tier(member) is None


def test_a_calendar_year_is_kept_through_the_next(shop: Shop) -> None:
    shop.tiers(tiers_of("100", "200", window="calendar_year"))
    member = shop.member()
    shop.deliver(member, "200")
    assert shop.standing(member)["window_until"] == "2032-01-01"
    shop.go_to(datetime(2032, 12, 31, 15, 59, tzinfo=UTC))
    standing = shop.standing(member)
    assert (standing["tier"]["key"], standing["value"]) == ("gold", "0")
    assert standing["keeping"]["missing"] == "200"
    shop.deliver(member, "120")
    shop.go_to(datetime(2032, 12, 31, 16, tzinfo=UTC))
    assert shop.tier(member) == "silver"
    shop.go_to(datetime(2033, 12, 31, 16, tzinfo=UTC))
    assert shop.tier(member) is None


def test_money_that_is_paid_back_counts_no_more(
    shop: Shop,
) -> None:
    member = shop.member()
    order = shop.deliver(member, "150")
    shop.deliver(member, "100")
    shop.refund(order, "100")
    assert (shop.tier(member), shop.standing(member)["value"]) == ("silver", "150")
    shop.refund(order, "50")
    assert shop.standing(member)["value"] == "100"


def test_purchases_count_by_order_while_anything_of_them_was_kept(shop: Shop) -> None:
    shop.tiers(tiers_of("2", "3", by="purchases", window="lifetime"))
    member, split = shop.member(), uuid4()
    shop.deliver(member, "10", split)
    second = shop.deliver(member, "20", split)
    assert (shop.tier(member), shop.standing(member)["value"]) == (None, "1")
    other = shop.deliver(member, "5")
    assert shop.tier(member) == "silver"
    shop.refund(second, "20")
    assert shop.tier(member) == "silver"
    shop.refund(other, "5")
    assert (shop.tier(member), shop.standing(member)["window_until"]) == (None, None)


def test_money_of_another_currency_and_from_before_the_membership_counts_nothing(
    shop: Shop,
) -> None:
    member = shop.member()
    abroad = delivered(UUID(member["person_id"]), "900", at=shop.clock.now())
    for total in (abroad.total, abroad.net, abroad.order.order_total):
        total.currency = "USD"
    shop.tell(abroad)
    shop.tell(delivered(UUID(member["person_id"]), "900", at=datetime(2031, 1, 1, tzinfo=UTC)))
    assert shop.standing(member)["value"] == "0"


def test_points_count_where_the_program_says_so(loyalty: Loyalty, bus: Bus, app: ApiClient) -> None:
    program = create_program(app)
    good(app.put(f"{PROGRAMS}/{program['id']}/tiers", tiers_of("100", "200", by="points")))
    member = enrol(app, program, uuid4())
    path = f"{MEMBERS}/{member['id']}/tier"

    def tier() -> str | None:
        found = good(app.get(path))["tier"]
        return None if found is None else str(found["key"])

    assert app.tenant_id is not None
    run, caller = loyalty.service.operations.run, service_caller("loyalty", app.tenant_id)
    run(caller, lambda tx: ledger.earn(tx, UUID(member["id"]), 250, Cause("earning", "1", "O-1")))
    eventually(lambda: tier() == "gold")
    run(
        caller,
        lambda tx: ledger.reverse(
            tx, UUID(member["id"]), Cause("earning", "1"), 100, Cause("refund", "1")
        ),
    )
    eventually(lambda: tier() == "silver")
    assert good(app.get(path))["value"] == "150"
    eventually(bus.is_settled)


@pytest.mark.parametrize(("away", "back"), [("suspend", "reinstate"), ("leave", "rejoin")])
def test_what_was_bought_while_away_counts_once_they_are_back(
    bus: Bus, app: ApiClient, away: str, back: str
) -> None:
    program = create_program(app)
    member = enrol(app, program, uuid4())
    path = f"{MEMBERS}/{member['id']}"

    def tier() -> str | None:
        found = good(app.get(f"{path}/tier"))["tier"]
        return None if found is None else str(found["key"])

    eventually(bus.is_settled)
    good(app.put(f"{PROGRAMS}/{program['id']}/tiers", tiers_of("0", "200")))
    eventually(lambda: tier() == "silver")  # members have been looked at
    good(app.post(f"{path}/{away}", {"reason": "Looked at"}))
    assert app.tenant_id is not None
    fact = delivered(UUID(member["person_id"]), "250")
    bus.say(fact, app.tenant_id, UUID(fact.order_id))
    eventually(bus.is_settled)
    good(app.post(f"{path}/{back}"))
    eventually(lambda: tier() == "gold")


def test_whoever_becomes_a_member_is_in_the_tier_that_takes_nothing(
    bus: Bus, app: ApiClient
) -> None:
    program = create_program(app)
    good(app.put(f"{PROGRAMS}/{program['id']}/tiers", tiers_of("0", "200")))
    member = enrol(app, program, uuid4())
    path = f"{MEMBERS}/{member['id']}/tier"
    eventually(lambda: good(app.get(path))["tier"] is not None)
    assert good(app.get(path))["tier"]["key"] == "silver"
    eventually(bus.is_settled)


def test_of_deliveries_at_once_each_is_counted(shop: Shop) -> None:
    member = shop.member()
    facts_ = [delivered(UUID(member["person_id"]), "50", at=shop.clock.now()) for _ in range(4)]
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(shop.tell, facts_))
    assert (shop.tier(member), shop.standing(member)["value"]) == ("gold", "200")
    reached = [step for step in shop.history(member) if step[0] == "reached"]
    assert reached == [("reached", None, "silver"), ("reached", "silver", "gold")]


def test_a_delivery_that_is_told_twice_counts_once(shop: Shop) -> None:
    member = shop.member()
    fact = delivered(UUID(member["person_id"]), "100", at=shop.clock.now())
    for _ in range(3):
        shop.tell(fact)
    assert shop.standing(member)["value"] == "100"


def test_somebody_may_be_given_a_tier_until_a_time_and_it_may_be_taken_back(shop: Shop) -> None:
    member, other = shop.member(), shop.member()
    path = f"{MEMBERS}/{member['id']}/tier/grant"
    body = {"tier": "gold", "until": "2031-03-01T00:00:00Z", "reason": "Opened our fair"}
    assert refused(shop.app.delete(path)) == (409, "tier_not_granted")
    assert places(shop.app.put(path, {**body, "tier": "lead"})) == [("/tier", "tier_unknown")]
    late = {**body, "until": "2031-01-01T00:00:00Z"}
    assert places(shop.app.put(path, late)) == [("/until", "time_past")]
    given = good(shop.app.put(path, body))
    assert (given["tier"]["key"], given["earned"]) == ("gold", None)
    assert given["grant"] == {**body, "by": "client:test-app"}
    assert at_once(*[lambda: shop.app.put(f"{MEMBERS}/{other['id']}/tier/grant", body)] * 2) == [
        200,
        200,
    ]
    taken = good(shop.app.delete(f"{MEMBERS}/{other['id']}/tier/grant"))
    assert (taken["tier"], taken["grant"]) == (None, None)
    shop.deliver(member, "100")
    shop.go_to(datetime(2031, 3, 1, tzinfo=UTC))
    standing = shop.standing(member)
    assert (standing["tier"]["key"], standing["grant"]) == ("silver", None)
    told = facts(shop.loyalty, shop.app, events.TierGranted)
    assert {one.reason for one in told} == {"Opened our fair"}
    assert len(facts(shop.loyalty, shop.app, events.TierGrantEnded)) == 2


def test_who_moves_to_another_zone_loses_the_tier_at_their_own_midnight(
    shop: Shop, people: FakePeople
) -> None:
    member = shop.member()
    shop.deliver(member, "200")
    people.know(UUID(member["person_id"]), time_zone="Europe/Berlin")
    while profile_refresher(shop.loyalty.service, people, "loyalty").ask_due() == 0:
        pass
    standing = shop.standing(member)
    assert standing["time_zone"] == "Europe/Berlin"
    assert standing["keeping"]["until"] == "2032-01-14T23:00:00Z"
    shop.go_to(datetime(2032, 1, 14, 22, 59, tzinfo=UTC))
    assert shop.tier(member) == "gold"
    shop.go_to(datetime(2032, 1, 14, 23, tzinfo=UTC))
    assert shop.tier(member) is None


def test_two_members_who_are_one_have_the_tier_of_both_and_part_with_their_own(
    bus: Bus, app: ApiClient, loyalty: Loyalty
) -> None:
    kept, gone, program = uuid4(), uuid4(), create_program(app)
    good(app.put(f"{PROGRAMS}/{program['id']}/tiers", tiers_of("100", "200")))
    older = enrol(app, program, kept, enrolled_at="2020-01-01T00:00:00Z")
    newer = enrol(app, program, gone)
    assert app.tenant_id is not None
    for person in (kept, gone):
        bus.say(delivered(person, "150"), app.tenant_id, uuid4())
    eventually(bus.is_settled)

    def tier(member: dict[str, str]) -> str | None:
        found = good(app.get(f"{MEMBERS}/{member['id']}/tier"))["tier"]
        return None if found is None else str(found["key"])

    assert (tier(older), tier(newer)) == ("silver", "silver")
    merge_id = str(uuid4())
    merge = PersonMerged(person_id=str(kept), merged_person_id=str(gone), merge_id=merge_id)
    bus.say(merge, app.tenant_id, kept)
    eventually(bus.is_settled)
    assert tier(older) == "gold"
    undo = PersonUnmerged(person_id=str(kept), unmerged_person_id=str(gone), merge_id=merge_id)
    bus.say(undo, app.tenant_id, kept)
    eventually(bus.is_settled)
    assert (tier(older), tier(newer)) == ("silver", "silver")
    lost = [(one.member_id, one.cause) for one in facts(loyalty, app, events.TierLost)]
    assert lost == [(older["id"], "merge")], facts(loyalty, app, events.TierLost)


def test_why_a_tier_was_given_is_forgotten_with_the_person(bus: Bus, app: ApiClient) -> None:
    person, program = uuid4(), create_program(app)
    good(app.put(f"{PROGRAMS}/{program['id']}/tiers", tiers_of("100")))
    member = enrol(app, program, person)
    path = f"{MEMBERS}/{member['id']}/tier"
    body = {"tier": "silver", "until": "2999-01-01T00:00:00Z", "reason": "Ada is a friend"}
    good(app.put(f"{path}/grant", body))
    assert app.tenant_id is not None
    bus.say(PersonErased(person_id=str(person)), app.tenant_id, person)
    eventually(lambda: app.get(path).json["grant"] is None)
