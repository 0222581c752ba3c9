"""Dead letters: seen with their reason, done again after a fix by whom they concern, or dropped."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

from chassis.domain import Invalid
from chassis.events.reactions import Envelope
from chassis.storage.unit_of_work import UnitOfWork
from services.chassis.tests.events.facts import SOLD, Sold, SoldMessage
from services.chassis.tests.events.world import TENANT, World, eventually, on_sold

from .answers import answer
from .conftest import Rapport


def refuse(_tx: UnitOfWork, _message: Any, _envelope: Envelope) -> None:
    raise Invalid("Nothing is sold here.", code="closed")


def buried(world: World, *numbers: int) -> None:
    """Have the office give up on sales of the shop."""
    world.relay()
    for number in numbers:
        world.shop.record(Sold(number))
    world.consumers(on_sold(refuse))
    eventually(lambda: world.count("RAPPORT_DEAD") == len(numbers))
    eventually(lambda: world.unsettled() == 0)
    world.close_running()


def test_a_fact_that_was_given_up_has_its_effect_once_after_the_fix(
    world: World, rapport: Rapport
) -> None:
    buried(world, 1, 2)
    world.consumers()
    first, second = (letter["id"] for letter in answer(rapport("dead-letters", "list", "--json")))

    assert answer(rapport("dead-letters", "replay", str(first), "--json")) == {"replayed": [first]}
    eventually(lambda: len(world.office.ledger()) == 1)
    rapport("dead-letters", "replay", str(first), exit_code=1)
    rapport("dead-letters", "replay", "--all", "--service", "office")
    eventually(lambda: sorted(world.office.ledger()) == [1, 2])

    assert world.count("RAPPORT_SHOP") == 2  # nobody else was told a second time
    assert second > first
    assert world.count("RAPPORT_DEAD") == 0
    eventually(lambda: world.count("RAPPORT_REPLAYS") == 0)
    assert "violation" not in world.broker.log_path.read_text(encoding="utf-8").lower()


def test_an_effect_that_has_happened_does_not_happen_again(world: World, rapport: Rapport) -> None:
    buried(world, 1)
    # Meanwhile another way was found: the fact had its effect by a delivery of its own.
    [message] = world.published()
    world.consumers()
    world.publish_raw(SOLD, message.data, {**message.headers, "Nats-Msg-Id": str(uuid4())})
    eventually(lambda: world.office.ledger() == [1])
    rapport("dead-letters", "replay", "--all")
    eventually(lambda: world.count("RAPPORT_REPLAYS") == 0)

    assert world.office.ledger() == [1]


def test_what_fails_again_is_a_dead_letter_again_and_still_says_where_it_came_from(
    world: World, rapport: Rapport
) -> None:
    buried(world, 1)
    [before] = answer(rapport("dead-letters", "list", "--json"))
    world.consumers(on_sold(refuse))
    rapport("dead-letters", "replay", str(before["id"]))
    [after] = eventually(lambda: answer(rapport("dead-letters", "list", "--json")))

    assert after["id"] > before["id"]
    assert after["from"] == before["from"] == "RAPPORT_SHOP:1"
    assert after["reason"] == "closed: Nothing is sold here."
    assert after["event_id"] == before["event_id"]


def test_a_fact_too_large_to_be_kept_twice_is_replayed_from_where_it_was(
    world: World, rapport: Rapport
) -> None:
    event_id = str(uuid4())
    headers = {
        "ce-id": event_id, "ce-type": SOLD, "ce-subject": event_id, "tenant-id": str(TENANT),
        "aggregate-version": "1", "actor": "service:shop", "ce-time": "2026-01-02T03:04:05Z",
    }  # fmt: skip
    payload = SoldMessage(number=13, note="x" * 1_047_900).SerializeToString()
    world.publish_raw(SOLD, payload, headers)
    world.consumers(on_sold(refuse))
    eventually(lambda: world.count("RAPPORT_DEAD") == 1)
    world.close_running()
    world.consumers()

    rapport("dead-letters", "replay", "--all")
    eventually(lambda: world.office.ledger() == [13])


def test_an_unknown_type_and_a_broken_payload_are_listed_and_shown_with_their_reason(
    world: World, rapport: Rapport
) -> None:
    event_id = str(uuid4())
    headers = {
        "ce-id": event_id, "ce-type": SOLD, "ce-subject": event_id, "tenant-id": str(TENANT),
        "aggregate-version": "1", "actor": "service:shop", "ce-time": "2026-01-02T03:04:05Z",
    }  # fmt: skip
    world.publish_raw(SOLD, b"\xff\xff\xff\xff", headers)
    world.publish(1, ce_type="rapport.shop.events.v1.Lent")
    world.consumers()
    eventually(lambda: world.count("RAPPORT_DEAD") == 2)

    found = answer(rapport("dead-letters", "list", "--json"))
    broken, unknown = sorted(found, key=lambda letter: "Lent" in letter["reason"])
    assert broken["reason"].startswith(f"Undecodable: no {SOLD}")
    assert "Lent" in unknown["reason"]
    shown = answer(rapport("dead-letters", "show", str(broken["id"]), "--json"))
    assert shown["content"] is None
    assert shown["headers"]["ce-id"] == event_id
    assert "ff ff ff ff" in rapport("dead-letters", "show", str(broken["id"])).stdout
    for words, expected in (
        (("--reason", "undecodable: no"), [broken["id"]]),
        (("--type", "Sold", "--service", "office"), [broken["id"], unknown["id"]]),
        (("--type", "Returned"), []),
        (("--since", "1h"), [broken["id"], unknown["id"]]),
        (("--since", "2100-01-01"), []),
    ):
        found = answer(rapport("dead-letters", "list", *words, "--json"))
        assert {letter["id"] for letter in found} == set(expected), words


def test_dropping_asks_first_removes_the_letter_and_says_so(world: World, rapport: Rapport) -> None:
    buried(world, 1, 2)
    first, second = (letter["id"] for letter in answer(rapport("dead-letters", "list", "--json")))

    rapport("dead-letters", "drop", str(first), answers="n\n", exit_code=1)
    assert world.count("RAPPORT_DEAD") == 2
    said = rapport("dead-letters", "drop", str(first), answers="y\n")
    assert f"Dropped 1: {first}." in said.stdout
    assert "closed: Nothing is sold here." in said.stderr
    assert answer(rapport("dead-letters", "drop", str(second), "--yes", "--json")) == {
        "dropped": [second]
    }
    assert "No dead letters." in rapport("dead-letters", "list").stdout
    gone = rapport("dead-letters", "show", str(first), exit_code=1)
    assert f"there is no dead letter {first}" in gone.stderr


def test_a_command_line_that_names_no_letters_or_too_many_ways_is_refused(rapport: Rapport) -> None:
    for words in (
        ("replay",),
        ("replay", "1", "--all"),
        ("replay", "1", "--service", "office"),
        ("drop",),
    ):
        rapport("dead-letters", *words, exit_code=2)
