"""Each check of the desk complains of just what it is there for."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from tests.reliability.checks.clocks import Timed, wrong_clocks
from tests.reliability.checks.desk_mail import wrong_inbound, wrong_replies
from tests.reliability.checks.tickets import (
    wrong_messages,
    wrong_numbers,
    wrong_routes,
    wrong_tickets,
)
from tests.reliability.checks.writes import by_mark
from tests.reliability.helping import header_id
from tests.reliability.ledger import Attempt, Kind, Outcome, Write


def write(kind: Kind, mark: str = "h0-1", **changes: Any) -> Write:
    """A write that was accepted, unless something else is said."""
    answered = [Attempt(1.0, 2.0, 201)]
    made = Write(kind, mark, mark, attempts=answered, outcome=Outcome.ACCEPTED, id=f"id-{mark}")
    return replace(made, **changes)


def ticket(mark: str = "h0-1", **changes: Any) -> dict[str, Any]:
    """How a ticket is told of that was just opened and routed."""
    made = {"id": f"id-{mark}", "subject": mark, "status": "new", "queue_id": "q"}
    return {**made, "resolved_at": None, **changes}


def ticket_complaints(writes: list[Write], *tickets: dict[str, Any]) -> list[str]:
    """What is wrong when these tickets are there after these writes."""
    return list(wrong_tickets(writes, by_mark((one["subject"], one) for one in tickets)))


def test_a_ticket_is_there_once_and_resolved_if_somebody_did() -> None:
    opened = write(Kind.OPEN_TICKET)
    done = write(Kind.RESOLVE_TICKET, "h0-2", subject="h0-1")
    settled = ticket(status="resolved", resolved_at="2026-01-01T10:00:00Z")
    assert ticket_complaints([opened], ticket()) == []
    assert ticket_complaints([opened, done], settled) == []
    assert ticket_complaints([opened]) == ["open ticket h0-1, accepted, is lost"]
    assert ticket_complaints([opened], ticket(), ticket()) != []
    assert ticket_complaints([], ticket()) == ["ticket h0-1 was never opened"]
    assert ticket_complaints([opened, done], ticket()) == ["ticket h0-1 is new, and was resolved"]
    assert ticket_complaints([opened], settled) == ["ticket h0-1 is resolved, and nobody did"]
    unknown = replace(done, outcome=Outcome.UNKNOWN)
    assert ticket_complaints([opened, unknown], ticket()) == []
    assert ticket_complaints([opened, unknown], settled) == []


def test_a_message_is_there_once_and_of_its_kind() -> None:
    opened, said = write(Kind.OPEN_TICKET), write(Kind.REPLY, "h0-2", id="m")
    first, second = (
        ("h0-1", {"id": "f", "kind": "customer"}),
        ("h0-2", {"id": "m", "kind": "reply"}),
    )
    assert list(wrong_messages([opened, said], by_mark([first, second]))) == []
    assert list(wrong_messages([opened, said], by_mark([second]))) == [
        "ticket h0-1 has its first message 0 times"
    ]
    assert list(wrong_messages([said], by_mark([]))) == ["reply h0-2, accepted, is lost"]
    assert list(wrong_messages([said], by_mark([second, second]))) != []
    as_note = ("h0-2", {"id": "m", "kind": "note"})
    assert list(wrong_messages([said], by_mark([as_note]))) == ["reply h0-2 is there as note"]
    refused = replace(opened, outcome=Outcome.REFUSED)
    assert list(wrong_messages([refused], by_mark([first]))) == [
        "ticket h0-1 was refused, and its message is there"
    ]


def test_numbers_of_tickets_are_given_once_and_none_is_left_out() -> None:
    assert list(wrong_numbers(["T-2", "T-1", "T-3"])) == []
    assert list(wrong_numbers(["T-1", "T-1"])) == [
        "number 1 was given 2 times",
        "no ticket has number 2",
    ]
    assert list(wrong_numbers(["T-1", "T-3"])) == ["no ticket has number 2"]


@pytest.mark.parametrize(
    ("times", "changes", "good"),
    [
        (1, {}, True),
        (0, {}, False),
        (2, {}, False),
        (1, {"queue_id": None}, False),
        (0, {"resolved_at": "2026-01-01T10:00:00Z"}, True),
        (2, {"resolved_at": "2026-01-01T10:00:00Z"}, False),
    ],
)
def test_a_ticket_is_routed_once(times: int, changes: dict[str, Any], *, good: bool) -> None:
    one = ticket(**changes)
    assert (list(wrong_routes([one], {one["id"]: times} if times else {})) == []) is good


RESPONSE = Timed("t", "first_response", "running", warned=False, breached=False, met=False)
RESOLUTION = RESPONSE._replace(target="resolution")


def clock_complaints(*clocks: Timed, resolved: bool = False) -> list[str]:
    """What is wrong when a ticket has these clocks."""
    return list(wrong_clocks([("t", resolved)], clocks))


def test_a_ticket_has_one_clock_for_each_target() -> None:
    assert clock_complaints(RESPONSE, RESOLUTION) == []
    assert clock_complaints(RESPONSE) == ["ticket t has 0 clocks for its resolution"]
    assert clock_complaints(RESPONSE, RESOLUTION, RESOLUTION) == [
        "ticket t has 2 clocks for its resolution"
    ]
    met = RESOLUTION._replace(state="met", met=True, told_met=1)
    assert clock_complaints(RESPONSE, met, resolved=True) == []
    assert clock_complaints(RESPONSE, met) == ["the resolution of ticket t is met"]
    assert clock_complaints(RESPONSE, RESOLUTION, resolved=True) == [
        "the resolution of ticket t is running"
    ]


def test_what_a_clock_says_of_itself_was_told_once() -> None:
    late = RESPONSE._replace(breached=True, told_breached=1)
    assert clock_complaints(late, RESOLUTION) == []
    for wrong in (0, 2):
        assert clock_complaints(late._replace(told_breached=wrong), RESOLUTION) == [
            f"the first_response of ticket t was told {wrong} times to be broken"
        ]
    assert clock_complaints(RESPONSE._replace(told_warned=1), RESOLUTION) != []
    assert clock_complaints(RESPONSE._replace(met=True), RESOLUTION) != []


def mail_complaints(*writes: Write, mails: int = 1, tickets: int = 1, said: int = 1) -> list[str]:
    """What is wrong when so much is there of the mail h0-1 that opened a ticket, or should have."""
    taken = {"id": "id-h0-1", "outcome": "opened"}
    stored = by_mark([(header_id("h0-1"), taken)] * mails)
    opened = by_mark([("h0-1", {"id": "t"})] * tickets)
    messages = by_mark([("h0-1", {"ticket_id": "t"})] * said)
    return list(wrong_inbound(writes, stored, opened, messages))


def test_a_mail_opens_one_ticket_however_often_it_comes() -> None:
    came = write(Kind.HAND_OVER_MAIL)
    assert mail_complaints(came) == []
    assert mail_complaints(came, came) == []
    assert mail_complaints(came, replace(came, outcome=Outcome.UNKNOWN, id=None)) == []
    assert mail_complaints(came, came, tickets=2) == [
        "mail h0-1 is there 1 times, with 2 tickets, 1 messages"
    ]
    assert mail_complaints(came, mails=0, tickets=0, said=0) != []
    assert mail_complaints(came, said=0) != []
    assert mail_complaints(came, replace(came, id="other")) == [
        "mail h0-1 is there as id-h0-1, not as ['id-h0-1', 'other']"
    ]


def test_a_mail_that_was_refused_leaves_nothing_and_an_unknown_one_all_or_nothing() -> None:
    refused = write(Kind.HAND_OVER_MAIL, outcome=Outcome.REFUSED)
    unknown = replace(refused, outcome=Outcome.UNKNOWN)
    assert mail_complaints(refused, mails=0, tickets=0, said=0) == []
    assert mail_complaints(refused) == ["mail h0-1 was refused, and has left something behind"]
    assert mail_complaints(unknown) == []
    assert mail_complaints(unknown, mails=0, tickets=0, said=0) == []
    assert mail_complaints(unknown, mails=0) != []


@pytest.mark.parametrize(("where", "good"), [("t", True), ("another", False)])
def test_an_answer_by_mail_goes_to_the_ticket_of_what_it_answers(where: str, *, good: bool) -> None:
    answer = write(Kind.HAND_OVER_ANSWER, "h0-2", subject="h0-1")
    wrong = wrong_inbound(
        [answer],
        by_mark([(header_id("h0-2"), {"id": "id-h0-2", "outcome": "threaded"})]),
        by_mark([("h0-1", {"id": "t"})]),
        by_mark([("h0-2", {"ticket_id": where})]),
    )
    assert (list(wrong) == []) is good


def test_an_answer_that_opened_a_ticket_is_told() -> None:
    answer = write(Kind.HAND_OVER_ANSWER, "h0-1", subject="h0-0")
    assert mail_complaints(answer) == ["mail h0-1 is there 1 times, with 1 tickets, 1 messages"]
    assert mail_complaints(answer, tickets=0) == ["mail h0-1 was opened"]


def test_a_reply_is_mailed_once() -> None:
    assert list(wrong_replies([("m", "o", "sent")], {"o": 1})) == []
    assert list(wrong_replies([("m", None, None)], {})) == ["reply m was not mailed"]
    assert list(wrong_replies([("m", "o", "sent")], {})) == ["mail o was asked for 0 times"]
    assert list(wrong_replies([("m", "o", "queued")], {"o": 1})) == ["mail o is queued in the end"]
    twice = [("m", "o", "sent"), ("m", "p", "sent")]
    assert list(wrong_replies(twice, {"o": 1, "p": 1})) == ["reply m was mailed twice"]
