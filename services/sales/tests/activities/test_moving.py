"""Activities that are moved to another opportunity or lead: within reach, and with its customer (SA-8)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from chassis.clock import MovableClock
from chassis.testing.client import ApiClient
from rapport.sales.events.v1 import activity_events_pb2 as events
from services.sales.tests.builders import (
    ACTIVITIES,
    LEADS,
    Sales,
    at_once,
    capture,
    define_pipeline,
    facts,
    fire,
    good,
    lasting_app,
    open_one,
    places,
    refused,
)


class Book:
    """Two opportunities and a lead, each of another customer, and a call about the first one."""

    def __init__(self, app: ApiClient) -> None:
        self.app = app
        pipeline = define_pipeline(app)
        self.people = [str(uuid4()) for _ in range(3)]
        self.companies = [str(uuid4()) for _ in range(3)]
        pairs = list(zip(self.people, self.companies, strict=True))
        about = [{"person_id": person, "company_id": company} for person, company in pairs]
        self.one, self.other = (open_one(app, pipeline, **each)["id"] for each in about[:2])
        self.lead = capture(app, **about[2])["id"]
        body = {"kind": "call", "subject": "Ring", "opportunity_id": self.one}
        self.call = good(app.post(ACTIVITIES, body))
        self.path = f"{ACTIVITIES}/{self.call['id']}"

    def move(self, **changes: Any) -> dict[str, Any]:
        """The call after a change."""
        return good(self.app.patch(self.path, changes))


def where(one: dict[str, Any]) -> tuple[Any, ...]:
    """What an activity is about."""
    names = ("opportunity_id", "lead_id", "person_id", "company_id")
    return tuple(one[name] for name in names)


@pytest.fixture
def book(app: ApiClient) -> Book:
    """A book in a tenant of its own."""
    return Book(app)


def test_the_customer_is_that_of_what_it_is_moved_to(book: Book, sales: Sales) -> None:
    moved = book.move(opportunity_id=book.other)
    assert where(moved) == (book.other, None, book.people[1], book.companies[1])
    moved = book.move(lead_id=book.lead)
    assert where(moved) == (None, book.lead, book.people[2], book.companies[2])
    moved = book.move(opportunity_id=book.one)
    assert where(moved) == (book.one, None, book.people[0], book.companies[0])
    told = facts(sales, book.app, events.ActivityChanged)
    assert list(told[0].changed_fields) == ["company_id", "opportunity_id", "person_id"]
    (listed,) = book.app.get(f"{ACTIVITIES}?opportunity_id={book.one}").json["items"]
    assert listed["id"] == book.call["id"]


def test_whom_the_change_names_is_named_and_the_rest_follows(book: Book) -> None:
    guest = str(uuid4())
    moved = book.move(opportunity_id=book.other, person_id=guest)
    assert where(moved) == (book.other, None, guest, book.companies[1])
    # Said again, the person of before stays.
    moved = book.move(opportunity_id=book.one, person_id=guest, company_id=None)
    assert where(moved) == (book.one, None, guest, None)


def test_a_change_that_moves_nothing_leaves_the_customer_alone(book: Book) -> None:
    guest = str(uuid4())
    assert where(book.move(person_id=guest))[2:] == (guest, book.companies[0])
    assert where(book.move(subject="Ring twice", opportunity_id=book.one))[2] == guest
    assert where(book.move(opportunity_id=None)) == (None, None, guest, book.companies[0])


def test_it_is_about_one_thing_and_about_what_there_is(book: Book) -> None:
    both = {"opportunity_id": book.other, "lead_id": book.lead}
    assert places(book.app.patch(book.path, both)) == [("/lead_id", "lead_and_opportunity")]
    for kind in ("opportunity", "lead"):
        answer = book.app.patch(book.path, {f"{kind}_id": str(uuid4())})
        assert places(answer) == [(f"/{kind}_id", f"{kind}_unknown")]
    assert good(book.app.get(book.path)) == book.call
    assert refused(book.app.patch("/v1/sales/activities/" + str(uuid4()), {})) == (404, "not_found")


@pytest.mark.parametrize(
    "reach",
    [
        {"sales.activities.*": "own", "sales.opportunities.read": "all", "sales.leads.read": "all"},
        {"sales.activities.*": "all", "sales.opportunities.read": "own", "sales.leads.read": "own"},
    ],
    ids=["activities reach less", "records reach less"],
)
def test_nothing_is_moved_to_or_entered_for_what_is_out_of_reach(
    sales: Sales, app: ApiClient, reach: dict[str, str]
) -> None:
    assert app.tenant_id is not None
    me, pipeline = uuid4(), define_pipeline(app)
    user = sales.user_client(app.tenant_id, reach, user_id=me)
    mine = open_one(app, pipeline, owner_id=str(me))["id"]
    theirs = open_one(app, pipeline, owner_id=str(uuid4()), person_id=str(uuid4()))["id"]
    lead = capture(app, owner_id=str(uuid4()))["id"]
    call = good(user.post(ACTIVITIES, {"subject": "Ring", "opportunity_id": mine}))
    path = f"{ACTIVITIES}/{call['id']}"
    for target in ({"opportunity_id": theirs}, {"lead_id": lead}):
        (name,) = target
        wrong = [(f"/{name}", name.replace("_id", "_unknown"))]
        assert places(user.patch(path, target)) == wrong
        assert places(user.post(ACTIVITIES, {"subject": "Ring", **target})) == wrong
    assert where(good(user.get(path))) == where(call)
    # What is only renamed asks for no reach over what it is about.
    good(app.patch(f"/v1/sales/opportunities/{mine}", {"owner_id": str(UUID(int=5))}))
    assert good(user.patch(path, {"subject": "Ring twice"}))["subject"] == "Ring twice"


def test_two_who_move_it_at_once_leave_it_with_one_of_both_and_that_ones_customer(
    book: Book,
) -> None:
    moves = [
        (lambda to=to: book.app.patch(book.path, to))
        for to in ({"opportunity_id": book.other}, {"lead_id": book.lead})
    ]
    assert at_once(*moves, *moves) == [200] * 4
    assert where(good(book.app.get(book.path))) in (
        (book.other, None, book.people[1], book.companies[1]),
        (None, book.lead, book.people[2], book.companies[2]),
    )


def test_a_reminder_of_what_was_moved_tells_the_new_customer(
    timed: Sales, clock: MovableClock
) -> None:
    book = Book(lasting_app(timed, clock))
    at = clock.now() + timedelta(days=2)
    book.move(remind_at=at.isoformat())
    book.move(lead_id=book.lead)
    clock.move(timedelta(days=3))
    fire(timed)
    (told,) = facts(timed, book.app, events.ActivityReminderReached)
    assert told.activity.person_id == book.people[2]
    done = good(book.app.post(f"{book.path}/complete", {}))
    assert done["lead_id"] == book.lead
    assert good(book.app.get(f"{LEADS}/{book.lead}"))["first_contact_at"] is not None
