"""What names a person follows them: through merges, back again, and into being forgotten."""

from __future__ import annotations

from uuid import UUID, uuid4

import psycopg

from chassis.testing.bus import Bus
from chassis.testing.client import ApiAnswer, ApiClient
from chassis.testing.harness import TestDatabase
from chassis.testing.waiting import eventually
from rapport.contacts.events.v1.person_events_pb2 import (
    PersonErased,
    PersonMerged,
    PersonUnmerged,
)
from sales.people.following import FOLLOWING
from services.sales.tests.builders import (
    LEADS,
    OPPORTUNITIES,
    ORDERS,
    capture,
    define_pipeline,
    define_reason,
    good,
    open_one,
    place,
)

# Who was merged with whom is about people by its nature, and holds nothing but ids.
NOT_FOLLOWED = {"person_merges"}


def merged(bus: Bus, app: ApiClient, kept: UUID, gone: UUID) -> UUID:
    """Let contacts say that two were one; gives the merge."""
    merge_id = uuid4()
    fact = PersonMerged(person_id=str(kept), merged_person_id=str(gone), merge_id=str(merge_id))
    assert app.tenant_id is not None
    bus.say(fact, app.tenant_id, kept)
    return merge_id


def unmerged(bus: Bus, app: ApiClient, kept: UUID, back: UUID, merge_id: UUID) -> None:
    """Let contacts say that they were two after all."""
    fact = PersonUnmerged(person_id=str(kept), unmerged_person_id=str(back), merge_id=str(merge_id))
    assert app.tenant_id is not None
    bus.say(fact, app.tenant_id, kept)


def erased(bus: Bus, app: ApiClient, person: UUID) -> None:
    """Let contacts say that somebody is to be forgotten."""
    assert app.tenant_id is not None
    bus.say(PersonErased(person_id=str(person)), app.tenant_id, person)


def orders_of(app: ApiClient, person: UUID) -> set[str]:
    """The orders that name a person."""
    return {one["id"] for one in app.get(f"{ORDERS}?person_id={person}").json["items"]}


def test_every_table_that_names_a_person_is_followed(database: TestDatabase) -> None:
    with psycopg.connect(database.admin_url) as connection:
        rows = connection.execute(
            "SELECT table_name, column_name FROM information_schema.columns"
            " WHERE table_schema = 'public' AND column_name LIKE '%person_id'"
        ).fetchall()
    naming = {(table, column) for table, column in rows if table not in NOT_FOLLOWED}
    assert naming == {(one.name, one.column) for one in FOLLOWING}


def test_orders_go_along_and_come_back(bus: Bus, app: ApiClient) -> None:
    kept, gone = uuid4(), uuid4()
    before = place(app, person_id=str(gone))["id"]
    merge_id = merged(bus, app, kept, gone)
    eventually(lambda: orders_of(app, kept) == {before})
    # Whoever still holds the old id means the one who is left.
    after = place(app, person_id=str(gone))["id"]
    assert orders_of(app, kept) == {before, after}
    unmerged(bus, app, kept, gone, merge_id)
    eventually(lambda: orders_of(app, gone) == {before})
    assert orders_of(app, kept) == {after}


def test_an_undoing_that_arrives_first_leaves_everything_where_it_is(
    bus: Bus, app: ApiClient
) -> None:
    kept, gone, merge_id = uuid4(), uuid4(), uuid4()
    order = place(app, person_id=str(gone))["id"]
    unmerged(bus, app, kept, gone, merge_id)
    eventually(bus.is_settled)
    fact = PersonMerged(person_id=str(kept), merged_person_id=str(gone), merge_id=str(merge_id))
    assert app.tenant_id is not None
    bus.say(fact, app.tenant_id, kept)
    eventually(bus.is_settled)
    assert orders_of(app, gone) == {order}


def test_a_chain_of_merges_ends_at_who_is_left_and_comes_apart_in_its_middle(
    bus: Bus, app: ApiClient
) -> None:
    one, two, three = uuid4(), uuid4(), uuid4()
    order = place(app, person_id=str(one))["id"]
    first = merged(bus, app, two, one)
    merged(bus, app, three, two)
    eventually(lambda: orders_of(app, three) == {order})
    unmerged(bus, app, three, one, first)
    eventually(lambda: orders_of(app, one) == {order})


def test_who_is_erased_is_named_nowhere_and_what_was_sold_stays(bus: Bus, app: ApiClient) -> None:
    person, other = uuid4(), uuid4()
    order = place(app, person_id=str(person))
    kept = place(app, person_id=str(other))
    fact = PersonErased(person_id=str(person))
    assert app.tenant_id is not None
    bus.say(fact, app.tenant_id, person)
    eventually(lambda: orders_of(app, person) == set())
    path = f"{ORDERS}/{order['id']}"
    assert app.get(path).json["person_id"] is None
    assert app.get(path).json["total"] == order["total"]
    assert orders_of(app, other) == {kept["id"]}


def test_of_an_opportunity_all_free_texts_go_and_the_reason_of_its_loss_stays(
    bus: Bus, app: ApiClient
) -> None:
    person, pipeline = uuid4(), define_pipeline(app)
    define_reason(app, "loss", "price")
    rival = {"name": "Ada's cousin", "note": "Lives with Ada"}
    lost, still_open = (
        open_one(app, pipeline, person_id=str(person), competitors=[rival]) for _ in range(2)
    )
    why = {"reason": "price", "note": "Ada is broke", "lost_to": "Ada's cousin"}
    good(app.post(f"{OPPORTUNITIES}/{lost['id']}/lose", why))
    erased(bus, app, person)
    path = f"{OPPORTUNITIES}/{lost['id']}"
    eventually(lambda: app.get(path).json["person_id"] is None)
    after = good(app.get(path))
    assert after["competitors"] == []
    assert [after[name] for name in ("loss_reason", "loss_note", "lost_to")] == ["price", "", ""]
    other = good(app.get(f"{OPPORTUNITIES}/{still_open['id']}"))
    assert other["competitors"] == []
    assert [other[name] for name in ("loss_reason", "loss_note", "lost_to")] == [None] * 3


def test_nothing_is_left_to_do_about_the_lead_of_somebody_who_was_erased(
    bus: Bus, app: ApiClient
) -> None:
    person = uuid4()
    lead = capture(app, person_id=str(person), company_name="Ada Lovelace & Daughters")
    erased(bus, app, person)
    path = f"{LEADS}/{lead['id']}"
    eventually(lambda: app.get(path).json["person_id"] is None)
    after = good(app.get(path))
    assert (after["state"], after["company_name"]) == ("archived", "")
    assert after["erased_at"] == after["archived_at"] == after["updated_at"] > lead["updated_at"]
    body = {"pipeline_id": define_pipeline(app)["id"]}
    assert app.post(f"{path}/convert", body).status_code == 409
    assert app.post(f"{path}/restore").status_code == 409


def test_a_request_that_is_repeated_after_the_erasure_tells_nothing_of_the_person(
    bus: Bus, app: ApiClient
) -> None:
    person, other, pipeline = uuid4(), uuid4(), define_pipeline(app)
    # A lead that became a person afterwards: its own answer names no person.
    lead = {"given_name": "Ada", "family_name": "Lovelace", "email": "ada@cafe.example"}
    bodies = {
        "lead": (LEADS, lead),
        "named": (OPPORTUNITIES, {"pipeline_id": pipeline["id"], "name": "Ada's café"}),
        "other": (OPPORTUNITIES, {"pipeline_id": pipeline["id"], "name": "Bob's bar"}),
    }

    def send(name: str) -> ApiAnswer:
        path, body = bodies[name]
        return app.post(path, body, headers={"Idempotency-Key": name})

    firsts = {name: good(send(name)) for name in bodies}
    for name, who in (("lead", person), ("named", person), ("other", other)):
        path = f"{bodies[name][0]}/{firsts[name]['id']}"
        good(app.patch(path, {"person_id": str(who)}))
    erased(bus, app, person)
    path = f"{LEADS}/{firsts['lead']['id']}"
    eventually(lambda: app.get(path).json["person_id"] is None)
    assert [send(name).status_code for name in bodies] == [404, 404, 201]
    assert good(send("other")) == firsts["other"]
