"""What a ticket may be, without any input or output."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from chassis.domain import Conflict, Invalid
from desk.ticket_facts.domain import (
    Priority,
    Status,
    TicketChanged,
    TicketClosed,
    TicketOpened,
    TicketReopened,
    TicketResolved,
    TicketStatusChanged,
)
from desk.tickets.domain import Ticket

ID, PERSON, AGENT = UUID(int=1), UUID(int=2), UUID(int=3)
NOW = datetime(2026, 1, 2, tzinfo=UTC)
LATER = NOW + timedelta(hours=1)


def some_ticket(subject: str = "It leaks", status: Status = Status.OPEN) -> Ticket:
    """A ticket that says nothing of how it came to be."""
    return Ticket(
        id=ID,
        number=7,
        prefix="T",
        subject=subject,
        person_id=PERSON,
        status=status,
        opened_at=NOW,
        updated_at=NOW,
    )


def told(ticket: Ticket) -> list[type]:
    """The kinds of facts that it has recorded."""
    return [type(one.fact) for one in ticket.recorded]


def test_a_new_one_says_that_it_is_there() -> None:
    ticket = some_ticket(status=Status.NEW)
    ticket.open(AGENT)
    (recorded,) = ticket.recorded
    assert recorded.fact == TicketOpened(ticket.header, AGENT, None)
    assert ticket.header.number == "T-7"


@pytest.mark.parametrize("subject", ["", "  "])
def test_one_without_a_subject_is_refused_and_says_nothing(subject: str) -> None:
    ticket = some_ticket(subject)
    with pytest.raises(Invalid) as refused:
        ticket.open(None)
    assert [violation.pointer for violation in refused.value.violations] == ["/subject"]
    assert ticket.recorded == []


def test_the_first_answer_of_a_person_opens_a_new_one_and_ends_the_wait() -> None:
    ticket = some_ticket(status=Status.NEW)
    ticket.waiting_since = NOW
    assert ticket.answered(LATER)
    assert not ticket.answered(LATER + timedelta(hours=1))
    assert (ticket.status, ticket.first_responded_at) == (Status.OPEN, LATER)
    assert ticket.waiting_since is None


def test_what_no_person_wrote_answers_nothing() -> None:
    ticket = some_ticket(status=Status.NEW)
    ticket.waiting_since = NOW
    assert not ticket.answered(LATER, automatic=True)
    assert (ticket.status, ticket.first_responded_at) == (Status.NEW, None)
    assert ticket.waiting_since == NOW


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (Status.NEW, Status.NEW),
        (Status.OPEN, Status.OPEN),
        (Status.WAITING_FOR_CUSTOMER, Status.OPEN),
        (Status.WAITING_FOR_THIRD_PARTY, Status.WAITING_FOR_THIRD_PARTY),
        (Status.ON_HOLD, Status.ON_HOLD),
        (Status.RESOLVED, Status.OPEN),
    ],
)
def test_a_customer_who_writes_has_the_word(before: Status, after: Status) -> None:
    ticket = some_ticket(status=before)
    ticket.customer_wrote(LATER)
    assert ticket.status is after
    assert ticket.waiting_since == LATER
    assert ticket.reopened == (before is Status.RESOLVED)


def test_who_waits_already_has_waited_since_the_first_message() -> None:
    ticket = some_ticket()
    ticket.customer_wrote(NOW)
    ticket.customer_wrote(LATER)
    assert (ticket.waiting_since, ticket.last_customer_message_at) == (NOW, LATER)


def test_what_was_resolved_is_reopened_and_tells_so_once() -> None:
    ticket = some_ticket()
    ticket.resolve("user:x", None, "manual", NOW)
    assert not ticket.resolve("user:x", None, "manual", LATER)
    ticket.reopen("manual", LATER)
    assert (ticket.status, ticket.reopened, ticket.resolved_at) == (Status.OPEN, 1, None)
    assert told(ticket) == [
        TicketStatusChanged,
        TicketResolved,
        TicketStatusChanged,
        TicketReopened,
    ]


def test_only_what_is_resolved_closes_and_only_once() -> None:
    ticket = some_ticket()
    with pytest.raises(Conflict) as refused:
        ticket.close("manual", NOW)
    assert refused.value.code == "ticket_not_resolved"
    ticket.resolve("user:x", None, "manual", NOW)
    assert ticket.close("timer", LATER)
    assert not ticket.close("timer", LATER)
    assert told(ticket)[-1] is TicketClosed


def test_what_is_closed_changes_no_more() -> None:
    ticket = some_ticket(status=Status.CLOSED)
    for step in (
        lambda: ticket.change({"priority": Priority.HIGH}, LATER),
        lambda: ticket.assign(None, None, AGENT, "manual", LATER),
        lambda: ticket.set_status(Status.OPEN, "manual", LATER),
        lambda: ticket.customer_wrote(LATER),
        lambda: ticket.answered(LATER),
        lambda: ticket.reopen("manual", LATER),
    ):
        with pytest.raises(Conflict) as refused:
            step()
        assert refused.value.code == "ticket_closed"
    assert ticket.recorded == []


def test_a_change_tells_what_differs_and_custom_fields_one_by_one() -> None:
    ticket = some_ticket()
    ticket.custom_fields = {"colour": "red", "size": "9"}
    changes = {
        "priority": Priority.URGENT,
        "subject": "It leaks",
        "custom_fields": {"colour": "blue", "size": None},
    }
    assert ticket.change(changes, LATER)
    (recorded,) = ticket.recorded
    assert isinstance(recorded.fact, TicketChanged)
    names = ("custom_fields.colour", "custom_fields.size", "priority")
    assert recorded.fact.changed_fields == names
    assert recorded.fact.previous_priority is Priority.NORMAL
    assert ticket.custom_fields == {"colour": "blue"}
    assert not ticket.change(changes, LATER)


def test_two_that_are_one_or_closed_do_not_merge() -> None:
    ticket = some_ticket()
    with pytest.raises(Conflict) as refused:
        ticket.merge_into(ticket, LATER)
    assert refused.value.code == "ticket_merged_into_itself"
    closed = some_ticket(status=Status.CLOSED)
    closed.id = AGENT
    for one, other in ((ticket, closed), (closed, ticket)):
        with pytest.raises(Conflict) as refused:
            one.merge_into(other, LATER)
        assert refused.value.code == "ticket_closed"
