"""What two people have said becomes what one has said, and is told apart again."""

from __future__ import annotations

from typing import Any

import pytest

from services.contacts.tests.builders import PEOPLE

from .conftest import Merging

PURPOSES = "/v1/contacts/purposes"


@pytest.fixture
def say(merging: Merging) -> Any:
    """Has people say something about events, which need no confirmation."""
    body = {"key": "events", "name": {"en": "Events"}, "channels": ["email", "sms"]}
    assert merging.client.post(PURPOSES, body).status_code == 201

    def say(person: str, state: str, channel: str = "email", **more: Any) -> str:
        path = f"{PEOPLE}/{person}/consents/events/{channel}"
        answer = merging.client.put(path, {"state": state, "source": "web form", **more})
        assert answer.status_code == 200, answer.text
        return str(answer.json["id"])

    return say


def consent(merging: Merging, person: str, channel: str = "email") -> dict[str, Any]:
    found: dict[str, Any] = merging.client.get(f"{PEOPLE}/{person}/consents/events/{channel}").json
    return found


def words(merging: Merging, person: str, channel: str = "email") -> list[str]:
    path = f"{PEOPLE}/{person}/consents/events/{channel}/history?sort=recorded_at"
    return [said["word"] for said in merging.client.get(path).json["items"]]


def test_what_only_the_other_has_said_follows_and_goes_back(merging: Merging, say: Any) -> None:
    kept, gone = merging.enter("A"), merging.enter("B")
    named = say(gone, "granted")
    merge = merging.merge(kept, gone)
    for person in (kept, gone):
        found = consent(merging, person)
        assert (found["id"], found["person_id"], found["state"]) == (named, kept, "granted")
    assert words(merging, gone) == ["granted"]
    merging.undo(merge)
    assert consent(merging, kept)["state"] == "none"
    back = consent(merging, gone)
    assert (back["id"], back["person_id"], back["state"]) == (named, gone, "granted")
    assert (words(merging, kept), words(merging, gone)) == ([], ["granted"])


@pytest.mark.parametrize("order", [("granted", "withdrawn"), ("withdrawn", "granted")])
@pytest.mark.parametrize("first", [0, 1])
def test_no_wins_over_yes_whoever_said_it_and_whenever(
    merging: Merging, say: Any, order: tuple[str, str], first: int
) -> None:
    people = [merging.enter("A"), merging.enter("B")]
    said = dict(zip(people, order, strict=True))
    for person in (people[first], people[1 - first]):
        say(person, said[person])
    merge = merging.merge(*people)
    assert consent(merging, people[0])["state"] == "withdrawn"
    assert sorted(words(merging, people[0])) == ["granted", "withdrawn"]
    merging.undo(merge)
    assert [consent(merging, person)["state"] for person in people] == list(order)
    assert [words(merging, person) for person in people] == [[word] for word in order]


def test_of_two_who_agree_the_later_counts(merging: Merging, say: Any) -> None:
    kept, gone = merging.enter("A"), merging.enter("B")
    say(kept, "granted", source="fair", said_at="2026-03-01T00:00:00Z")
    say(gone, "granted", source="shop", said_at="2026-04-01T00:00:00Z")
    merging.merge(kept, gone)
    found = consent(merging, kept)
    assert (found["source"], found["said_at"]) == ("shop", "2026-04-01T00:00:00Z")
    late = {"state": "withdrawn", "source": "mail", "said_at": "2026-03-15T00:00:00Z"}
    path = f"{PEOPLE}/{kept}/consents/events/email"
    assert merging.client.put(path, late).json["state"] == "granted"


def test_a_no_said_while_they_were_one_holds_for_both(merging: Merging, say: Any) -> None:
    kept, gone = merging.enter("A"), merging.enter("B")
    for channel in ("email", "sms"):
        say(gone, "granted", channel)
    say(kept, "granted", "email")
    merge = merging.merge(kept, gone)
    for channel in ("email", "sms"):
        say(kept, "withdrawn", channel)
    merging.undo(merge)
    for person in (kept, gone):
        for channel in ("email", "sms"):
            assert consent(merging, person, channel)["state"] == "withdrawn"


def test_a_yes_said_while_they_were_one_stays_with_the_survivor(merging: Merging, say: Any) -> None:
    kept, gone = merging.enter("A"), merging.enter("B")
    say(gone, "withdrawn")
    merge = merging.merge(kept, gone)
    say(kept, "granted")
    merging.undo(merge)
    assert consent(merging, kept)["state"] == "granted"
    assert consent(merging, gone)["state"] == "withdrawn"
    assert consent(merging, kept)["id"] != consent(merging, gone)["id"]


def test_merges_of_several_are_undone_in_any_order(merging: Merging, say: Any) -> None:
    kept, second, third = (merging.enter(name) for name in "ABC")
    say(second, "granted")
    say(third, "withdrawn")
    first_merge, second_merge = merging.merge(kept, second), merging.merge(kept, third)
    assert consent(merging, kept)["state"] == "withdrawn"
    merging.undo(first_merge)
    assert consent(merging, second)["state"] == "granted"
    assert consent(merging, kept)["state"] == "withdrawn"
    merging.undo(second_merge)
    assert consent(merging, third)["state"] == "withdrawn"
    assert consent(merging, kept)["state"] == "none"


@pytest.mark.usefixtures("say")
def test_who_was_merged_says_nothing_over_rest_any_more(merging: Merging) -> None:
    kept, gone = merging.enter("A"), merging.enter("B")
    merging.merge(kept, gone)
    path = f"{PEOPLE}/{gone}/consents/events/email"
    answer = merging.client.put(path, {"state": "granted", "source": "x"})
    assert (answer.status_code, answer.json["code"]) == (404, "person_merged")
    assert merging.client.get(f"{PEOPLE}/{gone}/consents").status_code == 200
