"""Merges of three people are undone in any order: each has their own then, and nobody another's (LO-1, LO-2)."""

from __future__ import annotations

from itertools import permutations, product
from typing import Any
from uuid import UUID, uuid4

import pytest

from chassis.testing.bus import Bus
from chassis.testing.client import ApiClient
from loyalty.ledger.recount import recount
from services.loyalty.tests.builders import MEMBERS, Loyalty, enrol, good
from services.loyalty.tests.ledgering import Points
from services.loyalty.tests.people.test_following import merged, unmerged

OWN = (1, 20, 300)


def active(app: ApiClient, person: UUID) -> list[tuple[str, int]]:
    """The memberships of a person that are not merged, and the points of each."""
    found = app.get(f"{MEMBERS}?person_id={person}").json["items"]
    ids = [one["id"] for one in found if one["status"] != "merged"]
    detail: list[dict[str, Any]] = [good(app.get(f"{MEMBERS}/{one}")) for one in ids]
    return [(one["id"], one["points"]["available"]) for one in detail]


@pytest.mark.parametrize(
    ("ages", "first_undone"), [*product(permutations((0, 1, 2)), ("first", "last"))]
)
def test_whoever_is_oldest_and_whichever_merge_is_undone_first(
    loyalty: Loyalty, bus: Bus, app: ApiClient, ages: tuple[int, ...], first_undone: str
) -> None:
    points, people = Points(loyalty, app), [uuid4() for _ in range(3)]
    members = [
        enrol(app, points.program, person, enrolled_at=f"202{age}-01-01T00:00:00Z")["id"]
        for person, age in zip(people, ages, strict=True)
    ]
    for member, own in zip(members, OWN, strict=True):
        points.earn(UUID(member), own)
    one, two, three = people
    first = merged(bus, app, two, three)
    last = merged(bus, app, one, two)
    assert sum(has for _, has in active(app, one)) == sum(OWN)
    if first_undone == "first":
        unmerged(bus, app, two, three, first)
        older = members[0] if ages[0] < ages[1] else members[1]
        assert active(app, one) == [(older, OWN[0] + OWN[1])]
        assert active(app, three) == [(members[2], OWN[2])]
        unmerged(bus, app, one, two, last)
    else:
        unmerged(bus, app, one, two, last)
        older = members[1] if ages[1] < ages[2] else members[2]
        assert active(app, two) == [(older, OWN[1] + OWN[2])]
        assert active(app, one) == [(members[0], OWN[0])]
        unmerged(bus, app, two, three, first)
    for person, member, own in zip(people, members, OWN, strict=True):
        assert active(app, person) == [(member, own)]
    assert points.read(recount)["is_right"]


def test_what_was_noted_of_a_member_before_a_merge_is_theirs_again(
    loyalty: Loyalty, bus: Bus, app: ApiClient
) -> None:
    points, people = Points(loyalty, app, adjustments={"limit": 100}), [uuid4() for _ in range(3)]
    members = [points.member(person) for person in people]
    path, one, two, three = "/v1/loyalty/adjustments", *people
    made = [
        good(app.post(path, {"member_id": str(member), "points": 5, "reason": "a mishap"}))["id"]
        for member in members
    ]

    def whose() -> list[str]:
        return [good(app.get(f"{path}/{one}"))["member_id"] for one in made]

    first = merged(bus, app, two, three)
    last = merged(bus, app, one, two)
    assert whose() == [str(members[0])] * 3
    unmerged(bus, app, two, three, first)
    assert whose() == [str(members[0]), str(members[0]), str(members[2])]
    unmerged(bus, app, one, two, last)
    assert whose() == [str(one) for one in members]
