"""What names a person follows them: through merges, back again, and into being forgotten."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import psycopg

from chassis.context import service_caller
from chassis.testing.bus import Bus
from chassis.testing.client import ApiClient
from chassis.testing.harness import TestDatabase
from chassis.testing.waiting import eventually
from desk.people.following import FOLLOWING
from desk.people.reactions import on_person_erased
from rapport.contacts.events.v1.person_events_pb2 import (
    PersonErased,
    PersonMerged,
    PersonUnmerged,
)
from services.desk.tests.builders import TICKETS, Desk, good, open_ticket
from services.desk.tests.conversing import act, conversation, current, hear, note, reply
from services.desk.tests.mail_reading.mails import mail
from services.desk.tests.mailing import INBOUND, OUTBOUND, landed, new_mailbox
from services.desk.tests.routing_builders import envelope

# Who was merged with whom is about people by its nature, and holds nothing but ids.
NOT_FOLLOWED = {"person_merges"}
FORM = {"key": "contact", "name": "Contact", "allowed_origins": ["https://a.example"]}


def tickets_of(app: ApiClient, person: UUID) -> set[str]:
    """The tickets that name a person."""
    return {one["id"] for one in good(app.get(f"{TICKETS}?person_id={person}"))["items"]}


def test_every_table_that_names_a_person_is_followed(database: TestDatabase) -> None:
    with psycopg.connect(database.admin_url) as connection:
        rows = connection.execute(
            "SELECT table_name, column_name FROM information_schema.columns"
            " WHERE table_schema = 'public' AND column_name LIKE '%person_id'"
        ).fetchall()
    naming = {(table, column) for table, column in rows if table not in NOT_FOLLOWED}
    assert naming == {(one.name, one.column) for one in FOLLOWING}


def test_tickets_go_along_and_come_back(bus: Bus, app: ApiClient) -> None:
    kept, gone, merge_id = uuid4(), uuid4(), uuid4()
    before = open_ticket(app, person_id=str(gone))["id"]
    merged = PersonMerged(person_id=str(kept), merged_person_id=str(gone), merge_id=str(merge_id))
    assert app.tenant_id is not None
    bus.say(merged, app.tenant_id, kept)
    eventually(lambda: tickets_of(app, kept) == {before})
    # Whoever still holds the old id means the one who is left.
    after = open_ticket(app, person_id=str(gone))["id"]
    assert tickets_of(app, kept) == {before, after}
    undone = PersonUnmerged(
        person_id=str(kept), unmerged_person_id=str(gone), merge_id=str(merge_id)
    )
    bus.say(undone, app.tenant_id, kept)
    eventually(lambda: tickets_of(app, gone) == {before})
    assert tickets_of(app, kept) == {after}


def test_of_who_is_erased_no_word_stays_and_the_ticket_does(bus: Bus, app: ApiClient) -> None:
    person, other = uuid4(), uuid4()
    ticket = open_ticket(
        app,
        subject="Ada's machine leaks",
        person_id=str(person),
        external_ids=[{"system": "shop", "id": "ada"}],
        message={"text": "I am Ada."},
    )
    good(app.patch(f"{TICKETS}/{ticket['id']}", {"subject": "Ada's machine"}))
    good(note(app, ticket, text="Ada is nice."))
    foreign = open_ticket(app, subject="Other", person_id=str(other))
    good(hear(app, foreign, text="Ada again.", sender={"person_id": str(person), "name": "Ada"}))
    good(hear(app, foreign, text="Bob here."))
    assert app.tenant_id is not None
    bus.say(PersonErased(person_id=str(person)), app.tenant_id, person)
    eventually(lambda: tickets_of(app, person) == set())
    left = current(app, ticket)
    assert (left["subject"], left["number"]) == ("Erased", ticket["number"])
    assert left["external_ids"] == []
    assert {one["text"] for one in conversation(app, ticket)} == {""}
    assert [one["text"] for one in conversation(app, foreign)] == ["", "Bob here."]
    history = app.get(f"{TICKETS}/{ticket['id']}/history")
    assert "Ada" not in history.text
    assert good(app.get(f"{TICKETS}?q=ada"))["items"] == []
    assert app.get(f"{TICKETS}/by-external-id/shop/ada").status_code == 404


def test_of_who_is_erased_no_word_stays_in_the_ticket_that_theirs_went_into(
    bus: Bus, app: ApiClient
) -> None:
    person, other = uuid4(), uuid4()
    theirs = open_ticket(app, person_id=str(person), message={"text": "I am Ada."})
    # What was said by mail names an address alone.
    good(hear(app, theirs, text="Ada again.", sender={"address": "ada@example.com"}))
    into = open_ticket(app, person_id=str(other), message={"text": "Bob here."})
    good(act(app, theirs, "merge", into_id=into["id"]))
    good(hear(app, theirs, text="Ada still.", sender={"address": "ada@example.com"}))
    assert app.tenant_id is not None
    bus.say(PersonErased(person_id=str(person)), app.tenant_id, person)
    eventually(lambda: tickets_of(app, person) == set())
    said = [(one["text"], one["sender"]["address"]) for one in conversation(app, into)]
    assert said == [("", ""), ("", ""), ("Bob here.", ""), ("", "")]


def test_of_who_is_erased_no_word_stays_in_a_promise_that_went_along_with_a_merge(
    desk: Desk, app: ApiClient
) -> None:
    person, other = uuid4(), uuid4()
    theirs, into, last = (open_ticket(app, person_id=str(one)) for one in (person, other, other))
    due = (datetime.now(UTC) + timedelta(days=1)).isoformat()
    for ticket, words in ((theirs, "Ada is at home"), (into, "Bob is at work")):
        promised = {"due_at": due, "note": words}
        good(app.post(f"{TICKETS}/{ticket['id']}/promises", promised))
    good(act(app, theirs, "merge", into_id=into["id"]))
    good(act(app, into, "merge", into_id=last["id"]))
    assert app.tenant_id is not None
    caller, erased = service_caller("desk", app.tenant_id), PersonErased(person_id=str(person))
    about = envelope(app.tenant_id, person, PersonErased.DESCRIPTOR.full_name)
    desk.service.operations.run(caller, lambda tx: on_person_erased(tx, erased, about))
    left = good(app.get(f"{TICKETS}/{last['id']}/promises"))["items"]
    assert sorted(one["note"] for one in left) == ["", "Bob is at work"]


def followers(app: ApiClient, ticket: dict[str, Any]) -> list[str]:
    """The addresses that follow a ticket."""
    found = good(app.get(f"{TICKETS}/{ticket['id']}/followers"))["items"]
    return [one["address"] for one in found]


def test_who_is_erased_follows_no_ticket_by_an_address_that_they_wrote_from(
    desk: Desk, app: ApiClient
) -> None:
    person = uuid4()
    theirs = open_ticket(app, person_id=str(person), requester_address="ada@example.com")
    own_again = {"person_id": str(person), "name": "Ada", "address": "ada@home.example"}
    good(hear(app, theirs, text="From home.", sender=own_again))
    # Somebody else has written to it as well: that says nothing of whose the address is.
    good(hear(app, theirs, text="Bob here.", sender={"name": "Bob", "address": "bob@example.com"}))
    foreign = open_ticket(app, person_id=str(uuid4()))
    addresses = ("Ada@Example.com", "ada@home.example", "ada@example.org", "bob@example.com")
    path = f"{TICKETS}/{foreign['id']}/followers"

    def key(number: int) -> dict[str, str]:
        return {"Idempotency-Key": f"follower-{number}-of-{foreign['id']}"}

    for number, address in enumerate(addresses):
        good(app.post(path, {"address": address}, headers=key(number)))
    assert app.tenant_id is not None
    caller, erased = service_caller("desk", app.tenant_id), PersonErased(person_id=str(person))
    about = envelope(app.tenant_id, person, PersonErased.DESCRIPTOR.full_name)
    for _ in range(2):
        desk.service.operations.run(caller, lambda tx: on_person_erased(tx, erased, about))
        assert followers(app, foreign) == ["ada@example.org", "bob@example.com"]
    assert "ada@home.example" not in app.post(path, {"address": addresses[1]}, headers=key(1)).text


def test_of_who_is_erased_no_address_stays_where_mail_came_from_it_or_went_to_it(
    desk: Desk, app: ApiClient
) -> None:
    person, ada, bob = uuid4(), "ada@example.com", "bob@example.com"
    open_ticket(app, person_id=str(person), requester_address=ada)
    mailbox = new_mailbox(app, acknowledges=False)
    foreign = open_ticket(app, channel="email", requester_address=bob)
    for address in ("Ada@Example.com", "eve@example.com"):
        good(app.post(f"{TICKETS}/{foreign['id']}/followers", {"address": address}))
    good(reply(app, foreign, text="Here is how."))
    mailed = f"{OUTBOUND}?ticket_id={foreign['id']}"
    eventually(lambda: len(good(app.get(mailed))["items"]) == 3)
    # She has answered what was not for her, and nobody knew that it was she.
    good(hear(app, foreign, text="Ada at work.", sender={"name": "Ada", "address": ada.upper()}))
    lost = landed(desk, app, mailbox, mail("I am away", sender=ada, Auto_Submitted="auto-replied"))
    assert app.tenant_id is not None
    caller, erased = service_caller("desk", app.tenant_id), PersonErased(person_id=str(person))
    about = envelope(app.tenant_id, person, PersonErased.DESCRIPTOR.full_name)
    desk.service.operations.run(caller, lambda tx: on_person_erased(tx, erased, about))
    with desk.service.database.tenant_transaction(app.tenant_id) as connection:
        query = "SELECT address FROM outbound_mails WHERE ticket_id = %s ORDER BY address"
        found = connection.exec_driver_sql(query, (foreign["id"],))
        sent_to = [row.address for row in found]
    assert sent_to == ["", bob, "eve@example.com"]
    _, hers = conversation(app, foreign)
    assert (hers["text"], hers["sender"]["name"], hers["sender"]["address"]) == ("", "", "")
    shown = good(app.get(f"{INBOUND}/{lost['id']}"))
    assert (shown["sender"], shown["sender_name"], shown["subject"]) == ("", "", "")


def test_of_who_is_erased_no_word_stays_that_came_from_their_address_and_named_nobody(
    desk: Desk, app: ApiClient
) -> None:
    person, ada = uuid4(), "ada@example.com"
    open_ticket(app, person_id=str(person), requester_address=ada)
    # Contacts has not said yet, or cannot say, whose these are.
    unnamed = open_ticket(
        app, subject="Ada's grinder", requester_address="Ada@Example.com", message={"text": "Hm."}
    )
    foreign = open_ticket(app, subject="Bob's grinder", requester_address="bob@example.com")
    form = good(app.post("/v1/desk/ticket-forms", FORM))
    for address in (ada.title(), "bob@example.com"):
        sent = {"email": address, "subject": "Hm", "text": "It leaks.", "website": "trap"}
        headers = {"Origin": "https://a.example"}
        assert desk.anonymous().post(form["path"], sent, headers=headers).status_code == 202
    assert app.tenant_id is not None
    caller, erased = service_caller("desk", app.tenant_id), PersonErased(person_id=str(person))
    about = envelope(app.tenant_id, person, PersonErased.DESCRIPTOR.full_name)
    desk.service.operations.run(caller, lambda tx: on_person_erased(tx, erased, about))
    now = current(app, unnamed)
    assert (now["subject"], now["requester_address"], now["person_id"]) == ("Erased", "", None)
    assert [one["text"] for one in conversation(app, unnamed)] == [""]
    assert good(app.get(f"{TICKETS}?q=grinder"))["items"] == [current(app, foreign)]
    held = good(app.get("/v1/desk/ticket-submissions"))["items"]
    assert sorted((one["state"], one["answers"].get("email", "")) for one in held) == [
        ("discarded", ""),
        ("quarantined", "bob@example.com"),
    ]
