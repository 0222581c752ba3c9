"""Engagement over REST: scores from what befalls people, fading, recounted, and whose they are."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from chassis.clock import MovableClock
from chassis.testing.bus import Bus
from chassis.testing.client import ApiClient
from chassis.testing.waiting import eventually
from rapport.loyalty.events.v1 import engagement_events_pb2 as events
from services.loyalty.tests.befalling import befall, interaction, purchase
from services.loyalty.tests.builders import (
    Loyalty,
    create_program,
    delivered,
    enrol,
    facts,
    fire,
    good,
    lasting_app,
    places,
    refused,
)

SCHEME = "/v1/loyalty/engagement-scheme"
SCORES = "/v1/loyalty/engagement-scores"
SIMPLE = {
    "half_life_days": 30,
    "weights": [
        {"kind": "order_delivered", "points": "10"},
        {"kind": "interaction", "interaction_kind": "click", "points": "0.5", "most": "5"},
        {"kind": "interaction", "interaction_kind": "review", "points": "8", "most": "32"},
        {
            "kind": "interaction",
            "interaction_kind": "message_sent",
            "points": "0",
            "sign_of_life": False,
        },
    ],
}


@pytest.fixture
def anna() -> UUID:
    return uuid4()


@pytest.fixture
def owner(timed: Loyalty, clock: MovableClock) -> ApiClient:
    """An app of a tenant that reckons by the simple scheme."""
    client = lasting_app(timed, clock)
    good(client.put(SCHEME, SIMPLE))
    fire(timed)
    return client


def score(client: ApiClient, person_id: UUID) -> dict[str, Any]:
    return good(client.get(f"{SCORES}/{person_id}"))


def bands_told(loyalty: Loyalty, client: ApiClient) -> list[tuple[str, str, bool]]:
    told = facts(loyalty, client, events.EngagementBandChanged)
    return [(fact.from_band, fact.to_band, fact.rising) for fact in told]


@pytest.mark.parametrize("path", [SCHEME, SCORES])
def test_reading_needs_a_token(timed: Loyalty, path: str) -> None:
    assert refused(timed.anonymous().get(path)) == (401, "token_missing")


def test_who_may_read_may_not_change_the_scheme(timed: Loyalty) -> None:
    reader = timed.app_client(timed.new_tenant(), "loyalty.engagement_scheme.read")
    assert reader.get(SCHEME).json["weights_version"] == 0
    assert reader.put(SCHEME, {}).status_code == 403


def test_nobody_has_a_score_until_the_tenant_says_what_counts(
    timed: Loyalty, clock: MovableClock, anna: UUID
) -> None:
    client = lasting_app(timed, clock)
    befall(timed, client, purchase(anna, clock.now()))
    assert client.get(f"{SCORES}/{anna}").status_code == 404
    assert good(client.put(SCHEME, {}))["weights_version"] == 1
    fire(timed)
    assert good(client.get(SCHEME))["is_recounted"] is True
    assert score(client, anna)["score"] == "10.00"


def test_somebody_is_attached_without_ever_buying_and_it_is_explained(
    timed: Loyalty, owner: ApiClient, clock: MovableClock, anna: UUID
) -> None:
    now = clock.now()
    clicks = [interaction(anna, "click", now, channel="email") for _ in range(12)]
    befall(timed, owner, interaction(anna, "review", now), *clicks)
    shown = score(owner, anna)
    assert (shown["score"], shown["band"], shown["acts"]) == ("13.00", "casual", 13)
    assert [
        (part["interaction_kind"], part["acts"], part["worth"], part["counted"])
        for part in shown["parts"]
    ] == [("review", 1, "8.00", "8.00"), ("click", 12, "6.00", "5.00")]
    assert shown["next_band"] == {"key": "attached", "missing": "7.00"}
    assert "0.5^" in shown["definitions"]["score"]


def test_a_score_fades_and_its_band_with_it_though_nothing_happens(
    timed: Loyalty, owner: ApiClient, clock: MovableClock, anna: UUID
) -> None:
    befall(timed, owner, *(purchase(anna, clock.now()) for _ in range(3)))
    assert score(owner, anna)["band"] == "attached"
    clock.move(timedelta(days=30))
    assert score(owner, anna)["score"] == "15.00"
    fire(timed)
    assert score(owner, anna)["band"] == "casual"
    clock.move(timedelta(days=365))
    fire(timed)
    assert bands_told(timed, owner) == [
        ("", "casual", True),
        ("casual", "attached", True),
        ("attached", "casual", False),
        ("casual", "distant", False),
    ]
    clock.move(timedelta(days=365))
    fire(timed)
    assert len(bands_told(timed, owner)) == 4


def test_what_is_no_sign_of_life_counts_without_being_one(
    timed: Loyalty, owner: ApiClient, clock: MovableClock, anna: UUID
) -> None:
    visited = clock.now() - timedelta(days=2)
    befall(timed, owner, interaction(anna, "review", visited))
    befall(timed, owner, interaction(anna, "message_sent", clock.now()))
    shown = score(owner, anna)
    assert shown["last_sign_at"] == visited.isoformat().replace("+00:00", "Z")
    assert shown["last_act_at"] == clock.now().isoformat().replace("+00:00", "Z")


def test_the_list_is_ordered_as_of_now_and_pages_hold_still_while_time_goes_on(
    timed: Loyalty, owner: ApiClient, clock: MovableClock
) -> None:
    people = [uuid4() for _ in range(5)]
    for place, person in enumerate(people):
        at = clock.now() - timedelta(days=10 * place)
        befall(timed, owner, purchase(person, at))
    clickers = [uuid4() for _ in range(2)]
    for person in clickers:  # at their bound, which stays while purchases fade
        befall(timed, owner, *(interaction(person, "click", clock.now()) for _ in range(60)))
    clock.move(timedelta(days=60))
    first = good(owner.get(f"{SCORES}?page_size=3"))
    assert [item["person_id"] for item in first["items"][:2]] == sorted(
        map(str, clickers), reverse=True
    )
    clock.move(timedelta(days=1))
    rest = good(owner.get(f"{SCORES}?page_size=50&page_token={first['next_page_token']}"))
    shown = [item["person_id"] for item in first["items"] + rest["items"]]
    assert shown[2:] == [str(person) for person in people]
    assert {item["as_of"] for item in rest["items"]} == {first["items"][0]["as_of"]}
    rising = good(owner.get(f"{SCORES}?sort=score&band=distant"))["items"]
    assert rising[0]["person_id"] == str(people[-1])


def test_the_list_can_be_of_the_members_of_a_program(
    timed: Loyalty, owner: ApiClient, clock: MovableClock, anna: UUID
) -> None:
    program = create_program(owner)
    enrol(owner, program, anna)
    befall(timed, owner, *(purchase(person, clock.now()) for person in (anna, uuid4())))
    assert len(good(owner.get(SCORES))["items"]) == 2
    (item,) = good(owner.get(f"{SCORES}?program_id={program['id']}&count=true"))["items"]
    assert item["person_id"] == str(anna)
    assert good(owner.get(f"{SCORES}?program_id={uuid4()}"))["items"] == []


def test_other_weights_count_for_the_past_too_once_all_is_recounted(
    timed: Loyalty, owner: ApiClient, clock: MovableClock, anna: UUID
) -> None:
    befall(timed, owner, interaction(anna, "review", clock.now()), purchase(anna, clock.now()))
    others = [uuid4() for _ in range(120)]
    befall(timed, owner, *(purchase(person, clock.now()) for person in others))
    heavier = [{"kind": "order_delivered", "points": "40"}]
    changed = good(owner.put(SCHEME, {**SIMPLE, "weights": heavier}))
    assert (changed["weights_version"], changed["is_recounted"]) == (2, False)
    fire(timed)
    fire(timed)
    assert good(owner.get(SCHEME))["is_recounted"] is True
    shown = score(owner, anna)
    assert (shown["score"], shown["weights_version"]) == ("40.00", 2)
    assert {score(owner, person)["score"] for person in others} == {"40.00"}
    assert good(owner.put(SCHEME, {**SIMPLE, "weights": heavier}))["weights_version"] == 2


def test_acts_at_the_same_time_and_a_change_of_weights_among_them_lose_nothing(
    timed: Loyalty, owner: ApiClient, clock: MovableClock, anna: UUID
) -> None:
    done = [purchase(anna, clock.now()) for _ in range(12)]
    heavier = {**SIMPLE, "weights": [{"kind": "order_delivered", "points": "20"}]}
    with ThreadPoolExecutor(7) as pool:
        works = [pool.submit(befall, timed, owner, *done[n::6]) for n in range(6)]
        changed = pool.submit(owner.put, SCHEME, heavier)
        for work in works:
            work.result()
        assert changed.result().status_code == 200
    fire(timed)
    assert score(owner, anna)["score"] == "240.00"
    assert score(owner, anna)["acts"] == 12


def test_an_impossible_scheme_is_refused_and_an_outdated_version_too(owner: ApiClient) -> None:
    twice = {**SIMPLE, "weights": [SIMPLE["weights"][0]] * 2}  # type: ignore[index]
    assert places(owner.put(SCHEME, twice)) == [("/weights/1", "act_repeated")]
    assert owner.put(SCHEME, {**SIMPLE, "half_life_days": 1}).status_code == 422
    outdated = owner.put(SCHEME, {}, headers={"If-Match": '"0"'})
    assert refused(outdated) == (412, "version_mismatch")


def test_another_tenants_scores_are_invisible(
    timed: Loyalty, owner: ApiClient, clock: MovableClock, anna: UUID
) -> None:
    befall(timed, owner, purchase(anna, clock.now()))
    stranger = lasting_app(timed, clock)
    assert stranger.get(SCORES).json["items"] == []
    assert stranger.get(f"{SCORES}/{anna}").status_code == 404


def test_a_delivery_told_three_times_counts_once(bus: Bus, app: ApiClient) -> None:
    good(app.put(SCHEME, {}))
    person = uuid4()
    fact = delivered(person, "100")
    assert app.tenant_id is not None
    for _ in range(3):
        bus.say(fact, app.tenant_id, UUID(fact.order_id))
    eventually(lambda: app.get(f"{SCORES}/{person}").status_code == 200)
    eventually(bus.is_settled)
    assert score(app, person)["acts"] == 1
