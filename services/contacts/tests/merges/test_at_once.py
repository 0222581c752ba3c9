"""Several merge the same people at the same moment: nobody is lost, and everybody hears why not."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

from chassis.testing.client import ApiAnswer
from services.contacts.tests.builders import PEOPLE
from services.contacts.tests.merges.conftest import MERGES, Merging

ROUNDS = 4


def at_once(calls: Sequence[Callable[[], ApiAnswer]]) -> list[ApiAnswer]:
    """The answers to calls that begin together."""
    barrier = Barrier(len(calls))

    def begin(call: Callable[[], ApiAnswer]) -> ApiAnswer:
        barrier.wait(10)
        return call()

    with ThreadPoolExecutor(len(calls)) as pool:
        return list(pool.map(begin, calls))


def there(merging: Merging) -> list[dict[str, Any]]:
    people: list[dict[str, Any]] = merging.client.get(PEOPLE).json["items"]
    return people


def test_each_into_the_other_leaves_one_with_all_that_both_had(merging: Merging) -> None:
    for place in range(ROUNDS):
        first, second = (merging.enter(tags=[f"{name}{place}"]) for name in "ab")
        answers = at_once(
            [
                lambda: merging.try_merge(first, second),  # noqa: B023 - called within the round
                lambda: merging.try_merge(second, first),  # noqa: B023
            ]
        )
        assert sorted(answer.status_code for answer in answers) in ([201, 404], [201, 409])
        refused = next(answer for answer in answers if answer.status_code != 201)
        assert refused.json["code"] in ("person_merged", "already_merged")
        left = merging.person(first)
        assert set(left["tags"]) == {f"a{place}", f"b{place}"}
        assert merging.person(second)["id"] == left["id"]


def test_one_person_goes_into_one_of_two(merging: Merging) -> None:
    for _ in range(ROUNDS):
        gone, *wanting = (merging.enter(tags=[name]) for name in "xab")
        answers = at_once([lambda one=one: merging.try_merge(one, gone) for one in wanting])  # type: ignore[misc]  # noqa: B023
        assert sorted(answer.status_code for answer in answers) == [201, 409]
        assert [merging.person(gone)["id"] == one for one in wanting] == [
            answer.status_code == 201 for answer in answers
        ]
        assert [("x" in merging.person(one)["tags"]) for one in wanting] == [
            answer.status_code == 201 for answer in answers
        ]


def test_a_ring_of_merges_leaves_somebody_and_everybody_comes_back(merging: Merging) -> None:
    people = [merging.enter(tags=[name]) for name in "abc"]
    pairs = list(zip(people, [*people[1:], people[0]], strict=True))
    answers = at_once([lambda pair=pair: merging.try_merge(*pair) for pair in pairs])  # type: ignore[misc]
    made = [answer.json["id"] for answer in answers if answer.status_code == 201]
    assert 1 <= len(made) <= 2
    assert len(there(merging)) == 3 - len(made)
    assert sorted(tag for one in there(merging) for tag in one["tags"]) == ["a", "b", "c"]
    for merge in merging.client.get(MERGES).json["items"]:  # the latest first
        merging.undo(merge["id"])
    assert [merging.person(one)["tags"] for one in people] == [["a"], ["b"], ["c"]]


def test_a_merge_is_undone_once(merging: Merging) -> None:
    kept, gone = merging.enter("A"), merging.enter("B")
    undo = f"{MERGES}/{merging.merge(kept, gone)}/undo"
    answers = at_once([lambda: merging.client.post(undo)] * 3)
    assert sorted(answer.status_code for answer in answers) == [200, 409, 409]
    assert len(merging.facts("PersonUnmerged")) == 1


def test_what_is_reported_meanwhile_is_the_survivors_in_the_end(merging: Merging) -> None:
    kept, gone = merging.enter("A"), merging.enter("B")
    report = {"kind": "visit", "channel": "web", "person": {"id": gone}}

    def visit() -> ApiAnswer:
        return merging.client.post("/v1/contacts/interactions", report)

    answers = at_once([lambda: merging.try_merge(kept, gone), *[visit] * 5])
    assert [answer.status_code for answer in answers] == [201] * 6, [a.text for a in answers]
    reported = {answer.json["id"] for answer in answers[1:]}
    found = merging.client.get(f"{PEOPLE}/{kept}/interactions").json["items"]
    assert {item["id"] for item in found} == reported


def test_whoever_is_erased_and_merged_at_once_is_one_of_both(merging: Merging) -> None:
    for _ in range(ROUNDS):
        kept, gone = merging.enter("A"), merging.enter("B")
        erased, merged = at_once(
            [
                lambda: merging.client.post(f"{PEOPLE}/{gone}/erase", {"reason": "asked"}),  # noqa: B023
                lambda: merging.try_merge(kept, gone),  # noqa: B023
            ]
        )
        assert (erased.status_code, merged.status_code) in ((200, 422), (404, 201))
        asked = merging.client.get(f"{PEOPLE}/{gone}")
        if erased.status_code == 200:
            assert asked.status_code == 404
        else:
            assert asked.json["id"] == kept
