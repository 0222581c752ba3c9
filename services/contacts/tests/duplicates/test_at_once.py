"""Several do the same at the same moment: nothing is found twice, nothing is decided twice."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

from services.contacts.tests.builders import PEOPLE
from services.contacts.tests.duplicates.conftest import MARY, MERGES, Duplicates, birthday
from services.contacts.tests.merges.test_at_once import at_once

PEOPLE_OF_ROUNDS = (
    {"given_name": "Mary", "family_name": "Wattson", "important_dates": birthday("1980-03-12")},
    {"given_name": "Joe", "family_name": "Longbottom", "important_dates": birthday("1971-07-30")},
    {"given_name": "Ida", "family_name": "Pinkerton", "important_dates": birthday("1992-11-05")},
)
"""Each is somebody of whom nothing agrees with the others."""


def test_two_who_enter_the_same_person_at_once_are_told_of_it_afterwards(
    duplicates: Duplicates,
) -> None:
    for body in PEOPLE_OF_ROUNDS:
        answers = at_once([lambda body=body: duplicates.client.post(PEOPLE, body)] * 2)  # type: ignore[misc]
        assert [answer.status_code for answer in answers] == [201, 201]
        ids = {answer.json["id"] for answer in answers}
        found = [
            pair
            for pair in duplicates.pairs()
            if {person["id"] for person in pair["people"]} == ids
        ]
        assert len(found) == 1


def test_workers_at_once_find_each_pair_once(duplicates: Duplicates) -> None:
    items = [
        {**MARY, "family_name": name, "emails": [{"address": f"{name}@a.example"}]}
        for name in ("Wattson", "Longbottom", "Pinkerton", "Smitherson")
        for _ in "ab"
    ]
    answer = duplicates.client.post(f"{PEOPLE}/batch", {"items": items})
    assert answer.json["failed"] == 0
    with ThreadPoolExecutor(3) as threads:
        list(threads.map(lambda _: duplicates.compare(), range(3)))
    pairs = duplicates.listed()
    people = [frozenset(person["id"] for person in pair["people"]) for pair in pairs]
    assert len(people) == len(set(people)) >= 4
    assert len(duplicates.facts("DuplicateDetected")) == len(pairs)


def test_of_two_who_decide_at_once_one_wins(duplicates: Duplicates) -> None:
    for somebody in PEOPLE_OF_ROUNDS:
        for _ in "ab":
            duplicates.enter(**somebody)
        address = duplicates.pair()
        answers = at_once(
            [
                lambda address=address: duplicates.act(address, "merge", {}),  # type: ignore[misc]
                lambda address=address: duplicates.act(address, "dismiss"),  # type: ignore[misc]
            ]
        )
        codes = sorted(answer.status_code for answer in answers)
        assert codes in ([200, 409], [201, 409]), [answer.text for answer in answers]
        refused = next(answer for answer in answers if answer.status_code == 409)
        assert refused.json["code"] == "pair_decided"
        state = duplicates.client.get(address).json["state"]
        assert state == ("merged" if answers[0].status_code == 201 else "dismissed")
        assert duplicates.listed() == []


def test_two_who_merge_the_same_pair_at_once_make_one_merge(duplicates: Duplicates) -> None:
    for place, somebody in enumerate(PEOPLE_OF_ROUNDS):
        one, other = (duplicates.enter(**somebody) for _ in "ab")
        address = duplicates.pair()
        answers = at_once(
            [
                lambda: duplicates.act(address, "merge", {}),  # noqa: B023 - called within the round
                lambda: duplicates.act(address, "merge", {"survivor_id": other}),  # noqa: B023
                lambda: duplicates.client.post(f"{PEOPLE}/{one}/merge", {"person_id": other}),  # noqa: B023
            ]
        )
        made = [answer for answer in answers if answer.status_code == 201]
        assert len(made) == 1, [answer.text for answer in answers]
        assert {answer.status_code for answer in answers} <= {201, 404, 409}
        merges = duplicates.client.get(MERGES).json["items"]
        assert len(merges) == place + 1
        assert duplicates.client.get(address).json["merge_id"] == made[0].json["id"]
