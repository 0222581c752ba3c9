"""Merges and their undoing in any order: everybody is somewhere, with all that was theirs."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import combinations
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from chassis.testing.harness import ServiceHarness
from contacts.transaction import ContactsTx
from services.contacts.tests.builders import PEOPLE, company
from services.contacts.tests.merges.conftest import MERGES, Merging

NAMES = "ABCD"
SINCE = {"version", "updated_at", "last_seen_at", "duplicates"}
Step = tuple[str, int, int]


@dataclass
class Model:
    """What has to come of it, as plainly as it can be said: people stand in trees."""

    into: dict[int, int] = field(default_factory=dict)
    """Who is gone, and into whom."""
    merges: list[tuple[int, int] | None] = field(default_factory=list)
    """Survivor and merged of each merge; None once it is undone."""
    visits: list[tuple[int, str]] = field(default_factory=list)
    """Whose each interaction was when it was recorded."""

    def now(self, one: int) -> int:
        """Who answers for somebody."""
        while one in self.into:
            one = self.into[one]
        return one

    def merge(self, survivor: int, merged: int) -> bool:
        """Whether it can be."""
        if survivor == merged or survivor in self.into or merged in self.into:
            return False
        self.into[merged] = survivor
        self.merges.append((survivor, merged))
        return True

    def undo(self, place: int) -> bool:
        """Whether it can be."""
        merge = self.merges[place]
        if merge is None or merge[0] in self.into:
            return False
        del self.into[merge[1]]
        self.merges[place] = None
        return True

    def tree(self, top: int) -> set[int]:
        """Those for whom somebody answers, themselves included."""
        return {one for one in range(len(NAMES)) if self.now(one) == top}


class Run:
    """The same steps through the API and in the model."""

    def __init__(self, merging: Merging) -> None:
        self.merging, self.model = merging, Model()
        shared = {"address": "all@example.com"}
        self.people = [
            merging.enter(
                f"{name}son",
                given_name=name,
                language=language,
                tags=[name, "all"],
                emails=[{"address": f"{name}@example.com"}, shared],
                external_ids=[{"system": "erp", "id": name}],
            )
            for name, language in zip(NAMES, ("de", "en", "", "fr"), strict=True)
        ]
        self.merges: list[str] = []
        employer = company(merging.client)
        for person_id in self.people:
            body = {"company_id": employer, "title": "Clerk"}
            answer = merging.client.post(f"{PEOPLE}/{person_id}/employments", body)
            assert answer.status_code == 201, answer.text
        for one, other in combinations(range(len(NAMES)), 2):
            relation = {"person_id": self.people[other], "kind": "friend"}
            answer = merging.client.post(f"{PEOPLE}/{self.people[one]}/relations", relation)
            assert answer.status_code == 201, answer.text
        self.before = [self.shown(one) for one in range(len(NAMES))]

    def shown(self, one: int) -> dict[str, Any]:
        person = self.merging.person(self.people[one])
        return {name: value for name, value in person.items() if name not in SINCE}

    def take(self, steps: Iterable[Step]) -> None:
        for what, one, other in steps:
            if what == "merge":
                answer = self.merging.try_merge(self.people[one], self.people[other])
                assert (answer.status_code == 201) is self.model.merge(one, other), answer.text
                if answer.status_code == 201:
                    self.merges.append(answer.json["id"])
            elif what == "undo" and self.merges:
                self.undo((one * len(NAMES) + other) % len(self.merges))
            elif what == "visit":
                report = {"kind": "visit", "channel": "web", "person": {"id": self.people[one]}}
                answer = self.merging.client.post("/v1/contacts/interactions", report)
                assert answer.status_code == 201, answer.text
                self.model.visits.append((self.model.now(one), answer.json["id"]))

    def undo(self, place: int) -> None:
        answer = self.merging.client.post(f"{MERGES}/{self.merges[place]}/undo")
        assert (answer.status_code == 200) is self.model.undo(place), answer.text

    def undo_all(self) -> None:
        while any(self.model.merges):
            for place, merge in enumerate(self.model.merges):
                if merge is not None:
                    self.undo(place)

    def check(self) -> None:
        """Whoever is there is as the model says, and nobody else is there."""
        there = {one for one in range(len(NAMES)) if one not in self.model.into}
        listed = self.merging.client.get(PEOPLE).json["items"]
        assert {person["id"] for person in listed} == {self.people[one] for one in there}
        for one in range(len(NAMES)):
            assert self.shown(one)["id"] == self.people[self.model.now(one)]
        for one in there:
            self.check_person(one, there)

    def check_person(self, one: int, there: set[int]) -> None:
        person, tree = self.shown(one), self.model.tree(one)
        names = {NAMES[member] for member in tree}
        assert set(person["tags"]) == names | {"all"}
        assert {e["id"] for e in person["external_ids"]} == names
        addresses = [point["address"] for point in person["emails"]]
        assert sorted(addresses) == sorted(
            [*(f"{name}@example.com" for name in names), "all@example.com"]
        )
        assert [point["primary"] for point in person["emails"]].count(True) == 1
        path = f"{PEOPLE}/{person['id']}"
        visits = {v for whose, v in self.model.visits if self.model.now(whose) == one}
        assert {v["id"] for v in self.items(f"{path}/interactions")} == visits
        friends = sorted(relation["person"]["id"] for relation in self.items(f"{path}/relations"))
        assert friends == sorted(self.people[other] for other in there - {one})
        assert len(self.items(f"{path}/employments")) == 1

    def items(self, path: str) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.merging.client.get(path).json["items"]
        return found


_PLACES = st.integers(0, len(NAMES) - 1)
_STEPS = st.lists(
    st.tuples(st.sampled_from(["merge", "merge", "undo", "visit"]), _PLACES, _PLACES),
    min_size=6,
    max_size=14,
)


@settings(
    max_examples=5, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(steps=_STEPS)
def test_everybody_is_somewhere_and_comes_back_as_they_were(
    contacts: ServiceHarness[ContactsTx], steps: list[Step]
) -> None:
    run = Run(Merging(contacts, contacts.app_client(contacts.new_tenant())))
    run.take(steps)
    run.check()
    run.undo_all()
    run.check()
    assert [run.shown(one) for one in range(len(NAMES))] == run.before
