"""What names a person follows them: memberships are merged, come apart again, and are forgotten (LO-1)."""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid4

import psycopg

from chassis.context import service_caller
from chassis.testing.bus import Bus
from chassis.testing.client import ApiClient
from chassis.testing.harness import TestDatabase
from chassis.testing.waiting import eventually
from loyalty.ledger.domain import Cause
from loyalty.ledger.operations import earn, spend
from loyalty.people.following import FOLLOWING, FOLLOWING_MEMBERS, NOT_FOLLOWING_MEMBERS
from rapport.contacts.events.v1.person_events_pb2 import (
    PersonErased,
    PersonMerged,
    PersonUnmerged,
)
from rapport.loyalty.events.v1 import member_events_pb2 as events
from services.loyalty.tests.builders import (
    MEMBERS,
    Loyalty,
    create_program,
    delivered,
    enrol,
    facts,
    good,
    refused,
)

# Who was merged with whom, and who was erased: about people by their nature, and nothing but ids.
NOT_FOLLOWED = {"person_merges", "erased_people"}


def merged(bus: Bus, app: ApiClient, kept: UUID, gone: UUID) -> UUID:
    """Let contacts say that two were one; gives the merge."""
    merge_id = uuid4()
    tell(bus, app, merge_fact(kept, gone, merge_id))
    return merge_id


def merge_fact(kept: UUID, gone: UUID, merge_id: UUID) -> PersonMerged:
    """What contacts says of it."""
    return PersonMerged(person_id=str(kept), merged_person_id=str(gone), merge_id=str(merge_id))


def unmerged(bus: Bus, app: ApiClient, kept: UUID, back: UUID, merge_id: UUID) -> None:
    """Let contacts say that they were two after all."""
    tell(
        bus,
        app,
        PersonUnmerged(person_id=str(kept), unmerged_person_id=str(back), merge_id=str(merge_id)),
    )


def tell(bus: Bus, app: ApiClient, fact: Any) -> None:
    """Let contacts tell something, and wait until it is settled."""
    assert app.tenant_id is not None
    bus.say(fact, app.tenant_id, uuid4())
    eventually(bus.is_settled)


def get(app: ApiClient, member: dict[str, Any]) -> dict[str, Any]:
    """A member as it is now."""
    return good(app.get(f"{MEMBERS}/{member['id']}"))


def columns(database: TestDatabase, like: str) -> set[tuple[str, str]]:
    """The columns of our tables with such a name."""
    with psycopg.connect(database.admin_url) as connection:
        rows = connection.execute(
            "SELECT c.table_name, c.column_name FROM information_schema.columns c"
            " JOIN information_schema.tables t USING (table_schema, table_name)"
            " WHERE c.table_schema = 'public' AND t.table_type = 'BASE TABLE'"
            " AND c.column_name LIKE %s",
            [like],
        ).fetchall()
    return {(table, column) for table, column in rows}


def test_every_table_that_names_a_person_is_followed(database: TestDatabase) -> None:
    naming = {one for one in columns(database, "%person_id") if one[0] not in NOT_FOLLOWED}
    assert naming == {(one.name, one.column) for one in FOLLOWING}


def test_of_every_table_that_names_a_member_it_is_said_whether_it_goes_along(
    database: TestDatabase,
) -> None:
    follows = {(one.name, one.column) for one in FOLLOWING_MEMBERS}
    assert not follows & NOT_FOLLOWING_MEMBERS.keys()
    assert columns(database, "%member_id") == follows | NOT_FOLLOWING_MEMBERS.keys()


def test_a_membership_goes_along_and_comes_back(bus: Bus, app: ApiClient) -> None:
    kept, gone = uuid4(), uuid4()
    member = enrol(app, create_program(app), gone)
    merge_id = merged(bus, app, kept, gone)
    assert (get(app, member)["person_id"], get(app, member)["status"]) == (str(kept), "active")
    # Whoever still holds the old id means the one who is left.
    assert enrol(app, {"id": member["program_id"]}, gone)["id"] == member["id"]
    unmerged(bus, app, kept, gone, merge_id)
    assert get(app, member)["person_id"] == str(gone)


def test_of_two_memberships_of_a_program_the_older_number_stays_and_both_come_back(
    loyalty: Loyalty, bus: Bus, app: ApiClient
) -> None:
    kept, gone, program = uuid4(), uuid4(), create_program(app)
    older = enrol(app, program, gone, enrolled_at="2020-01-01T00:00:00Z")
    newer = enrol(app, program, kept, external_ids=[{"system": "pos", "id": "7"}])
    merge_id = merged(bus, app, kept, gone)
    stays, goes = get(app, older), get(app, newer)
    assert (stays["status"], stays["person_id"]) == ("active", str(kept))
    assert (goes["status"], goes["merged_into_id"]) == ("merged", older["id"])
    for read in (f"by-number/{newer['number']}", "by-external-id/pos/7"):
        assert app.get(f"{MEMBERS}/{read}").json["id"] == older["id"]
    assert app.post(f"{MEMBERS}/{newer['id']}/leave", {}).status_code == 409
    unmerged(bus, app, kept, gone, merge_id)
    back, other = get(app, older), get(app, newer)
    assert (back["status"], back["person_id"]) == ("active", str(gone))
    assert (other["status"], other["person_id"]) == ("active", str(kept))
    (told,) = facts(loyalty, app, events.MemberMerged)
    assert (told.member_id, told.into_member_id) == (newer["id"], older["id"])
    (undone,) = facts(loyalty, app, events.MemberUnmerged)
    assert (undone.member_id, undone.from_member_id) == (newer["id"], older["id"])


def test_points_are_the_older_ones_and_what_is_left_of_them_comes_back(
    loyalty: Loyalty, bus: Bus, app: ApiClient
) -> None:
    kept, gone, program = uuid4(), uuid4(), create_program(app)
    older = enrol(app, program, kept, enrolled_at="2020-01-01T00:00:00Z")
    newer = enrol(app, program, gone)
    assert app.tenant_id is not None
    run, caller = loyalty.service.operations.run, service_caller("loyalty", app.tenant_id)
    run(caller, earn, UUID(older["id"]), 30, Cause("earning", "1"))
    run(caller, earn, UUID(newer["id"]), 100, Cause("earning", "1"))

    def points(member: dict[str, Any]) -> int:
        return int(get(app, member)["points"]["available"])

    merge_id = merged(bus, app, kept, gone)
    assert (points(older), points(newer)) == (130, 0)
    run(caller, spend, UUID(older["id"]), 90, Cause("redemption", "1"))
    unmerged(bus, app, kept, gone, merge_id)
    assert points(older) + points(newer) == 40
    assert min(points(older), points(newer)) >= 0


def test_the_member_who_is_left_is_suspended_if_either_was(bus: Bus, app: ApiClient) -> None:
    kept, gone, program = uuid4(), uuid4(), create_program(app)
    older = enrol(app, program, kept, enrolled_at="2020-01-01T00:00:00Z")
    newer = enrol(app, program, gone)
    good(app.post(f"{MEMBERS}/{newer['id']}/suspend", {"reason": "Chargebacks"}))
    merged(bus, app, kept, gone)
    after = get(app, older)
    assert (after["status"], after["reason"]) == ("suspended", "Chargebacks")


def test_a_suspension_goes_over_to_an_older_membership_that_was_left(
    bus: Bus, app: ApiClient
) -> None:
    kept, gone, program = uuid4(), uuid4(), create_program(app)
    older = enrol(app, program, kept, enrolled_at="2020-01-01T00:00:00Z")
    good(app.post(f"{MEMBERS}/{older['id']}/leave", {}))
    newer = enrol(app, program, gone)
    good(app.post(f"{MEMBERS}/{newer['id']}/suspend", {"reason": "Chargebacks"}))
    merged(bus, app, kept, gone)
    after = get(app, older)
    assert (after["status"], after["reason"]) == ("suspended", "Chargebacks")


def test_who_had_left_is_a_member_again_by_the_membership_of_the_other(
    bus: Bus, app: ApiClient
) -> None:
    kept, gone, program = uuid4(), uuid4(), create_program(app)
    older = enrol(app, program, kept, enrolled_at="2020-01-01T00:00:00Z")
    good(app.post(f"{MEMBERS}/{older['id']}/leave", {}))
    enrol(app, program, gone)
    merged(bus, app, kept, gone)
    assert get(app, older)["status"] == "active"


def test_an_undoing_that_arrives_first_leaves_everything_where_it_is(
    bus: Bus, app: ApiClient
) -> None:
    kept, gone, merge_id, program = uuid4(), uuid4(), uuid4(), create_program(app)
    one, other = enrol(app, program, kept), enrol(app, program, gone)
    unmerged(bus, app, kept, gone, merge_id)
    tell(bus, app, merge_fact(kept, gone, merge_id))
    assert [get(app, each)["status"] for each in (one, other)] == ["active", "active"]


def test_a_chain_of_merges_leaves_one_member_and_comes_apart_from_its_end(
    bus: Bus, app: ApiClient
) -> None:
    people, program = [uuid4() for _ in range(3)], create_program(app)
    first, second, third = (
        enrol(app, program, person, enrolled_at=f"202{year}-01-01T00:00:00Z")
        for year, person in enumerate(people)
    )
    merged(bus, app, people[1], people[2])
    last = merged(bus, app, people[0], people[1])
    assert app.get(f"{MEMBERS}/by-number/{third['number']}").json["id"] == first["id"]
    unmerged(bus, app, people[0], people[1], last)
    assert app.get(f"{MEMBERS}/by-number/{third['number']}").json["id"] == second["id"]
    assert (get(app, first)["person_id"], get(app, second)["person_id"]) == (
        str(people[0]),
        str(people[1]),
    )


def test_what_befalls_somebody_who_is_gone_befalls_who_is_left(bus: Bus, app: ApiClient) -> None:
    kept, gone = uuid4(), uuid4()
    create_program(app, enrolment={"first_purchase": "delivered"})
    merged(bus, app, kept, gone)
    tell(bus, app, delivered(gone, "100"))
    (member,) = app.get(MEMBERS).json["items"]
    assert member["person_id"] == str(kept)


def test_who_is_erased_is_found_by_nothing_and_the_membership_stays_for_its_sums(
    bus: Bus, app: ApiClient
) -> None:
    person, program = uuid4(), create_program(app)
    body = {"program_id": program["id"], "person_id": str(person)}
    body |= {"external_ids": [{"system": "pos", "id": "7"}]}
    key = {"Idempotency-Key": "once"}
    member = good(app.post(MEMBERS, body, headers=key))
    good(app.post(f"{MEMBERS}/{member['id']}/suspend", {"reason": "Ada quarrelled"}))
    tell(bus, app, PersonErased(person_id=str(person)))
    after = get(app, member)
    assert (after["person_id"], after["status"], after["reason"]) == (None, "left", "")
    assert after["external_ids"] == []
    assert member["number"] not in after["number"]
    for read in (f"by-number/{member['number']}", "by-external-id/pos/7"):
        assert app.get(f"{MEMBERS}/{read}").status_code == 404
    assert app.post(MEMBERS, body, headers=key).status_code == 404


def test_nothing_that_arrives_late_brings_somebody_back_who_was_erased(
    bus: Bus, app: ApiClient
) -> None:
    kept, gone = uuid4(), uuid4()
    program = create_program(app, enrolment={"first_purchase": "delivered", "by_api": True})
    erased = PersonErased(person_id=str(kept), merged_person_ids=[str(gone)])
    tell(bus, app, erased)
    for person in (kept, gone):
        tell(bus, app, delivered(person, "100"))
        body = {"program_id": program["id"], "person_id": str(person)}
        assert refused(app.post(MEMBERS, body)) == (409, "person_erased")
    assert app.get(MEMBERS).json["items"] == []
    tell(bus, app, delivered(uuid4(), "100"))
    assert len(app.get(MEMBERS).json["items"]) == 1
