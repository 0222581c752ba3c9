"""Each check complains of just what it is there for."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from tests.reliability.bus import Published
from tests.reliability.checks.check import Finding
from tests.reliability.checks.dead_letters import good_ones
from tests.reliability.checks.effects import wrong_effects
from tests.reliability.checks.facts import Told, differences, unpublished
from tests.reliability.checks.followers import not_once
from tests.reliability.checks.mail import wrong_mails
from tests.reliability.checks.orders import wrong_orders
from tests.reliability.checks.points import wrong_points
from tests.reliability.checks.reminders import wrong_reminders
from tests.reliability.checks.webhooks import wrong_deliveries
from tests.reliability.checks.writes import Stored, by_mark, judge
from tests.reliability.faults.facts import BROKEN_BY
from tests.reliability.ledger import Attempt, Kind, Outcome, Write
from tests.reliability.rewarding import PEOPLE

ANSWERED = Attempt(1.0, 2.0, 201)
TOLD = Told("f1", "PersonCreated", "t", "p", 1, marked=True)


def write(kind: Kind = Kind.CREATE_PERSON, mark: str = "w0-1", **changes: Any) -> Write:
    """A write that was accepted, unless something else is said."""
    made = Write(kind, mark, mark, attempts=[ANSWERED], outcome=Outcome.ACCEPTED, id=f"id-{mark}")
    return replace(made, **changes)


def person(mark: str = "w0-1", **changes: Any) -> dict[str, Any]:
    """How a person is told who was just entered."""
    fields = {"full_name": mark, "id": f"id-{mark}", "version": 1, "source": "begun"}
    return {**fields, "archived_at": None, **changes}


def complaints(writes: list[Write], *people: dict[str, Any]) -> tuple[str, ...]:
    """What is wrong when these people are there after these writes."""
    stored = Stored(by_mark((one["full_name"], one) for one in people), {}, {}, {})
    return judge(writes, stored).violations


def test_an_accepted_write_is_there_once() -> None:
    assert complaints([write()], person()) == ()
    assert complaints([write()]) == ("create person w0-1, accepted, is lost",)
    assert complaints([write()], person(), person()) == (
        "create person w0-1, accepted, is there 2 times",
    )
    [wrong] = complaints([write(id="other")], person())
    assert wrong.endswith("is there as id-w0-1, not as other")


def test_a_refused_write_has_left_nothing_behind() -> None:
    refused = write(outcome=Outcome.REFUSED, expected_refusal=True)
    assert complaints([refused]) == ()
    assert complaints([refused], person()) == (
        "create person w0-1, refused, has left something behind",
    )


def test_an_unknown_write_is_there_once_or_not_at_all() -> None:
    unknown = write(outcome=Outcome.UNKNOWN)
    assert complaints([unknown]) == ()
    assert complaints([unknown], person()) == ()
    assert complaints([unknown], person(), person()) != ()


def test_a_refusal_that_nobody_expected_is_told() -> None:
    surprise = write(outcome=Outcome.REFUSED, attempts=[Attempt(1, 2, 422, said="no")])
    assert complaints([surprise]) == ("create person w0-1 was refused with 422: no",)
    assert complaints([write(expected_refusal=True)], person()) == (
        "create person w0-1 should have been refused",
    )


def test_an_answer_that_is_a_bug_is_told_even_if_the_next_was_good() -> None:
    crashed = write(attempts=[Attempt(1, 2, 500, said="oh"), ANSWERED])
    assert complaints([crashed], person()) == ("create person w0-1 was answered with 500: oh",)


def test_an_answer_that_the_gateway_saw_break_off_is_no_bug() -> None:
    broken_off = write(attempts=[Attempt(1, 2, 500, said="Internal Server Error"), ANSWERED])
    assert complaints([broken_off], person()) == ()


def test_whom_nobody_has_entered_is_told() -> None:
    assert complaints([], person("stranger")) == ("person stranger was never written",)


@pytest.mark.parametrize(
    ("outcome", "seen", "good"),
    [
        (Outcome.ACCEPTED, {"version": 2, "source": "w0-2"}, True),
        (Outcome.ACCEPTED, {"version": 1, "source": "begun"}, False),
        (Outcome.ACCEPTED, {"version": 3, "source": "w0-2"}, False),
        (Outcome.UNKNOWN, {"version": 2, "source": "w0-2"}, True),
        (Outcome.UNKNOWN, {"version": 1, "source": "begun"}, True),
        (Outcome.UNKNOWN, {"version": 3, "source": "w0-2"}, False),
        (Outcome.REFUSED, {"version": 2, "source": "w0-2"}, False),
    ],
)
def test_a_change_has_happened_as_it_was_answered(
    outcome: Outcome, seen: dict[str, Any], *, good: bool
) -> None:
    change = write(
        Kind.CHANGE_PERSON, "w0-2", subject="w0-1", outcome=outcome, expected_refusal=True
    )
    change.expected_refusal = outcome == Outcome.REFUSED
    assert (complaints([write(), change], person(**seen)) == ()) is good


def test_who_was_archived_stays_so_and_nobody_else_is() -> None:
    archive = write(Kind.ARCHIVE_PERSON, "w0-2", subject="w0-1")
    put_away = person(version=2, archived_at="2026-01-01")
    assert complaints([write(), archive], put_away) == ()
    assert complaints([write(), archive], person(version=2)) != ()
    change = write(Kind.CHANGE_PERSON, "w0-2", subject="w0-1")
    assert complaints([write(), change], {**put_away, "source": "w0-2"}) != ()


def test_a_change_tells_one_fact() -> None:
    assert list(differences("Person", [("p", 1)], [("p", 1)])) == []
    assert list(differences("Person", [("p", 1)], [])) == ["version 1 of Person p has told no fact"]
    assert len(list(differences("Person", [("p", 1)], [("p", 1), ("p", 1)]))) == 1
    assert len(list(differences("Person", [], [("p", 1)]))) == 1


def test_a_fact_is_marked_and_on_the_bus() -> None:
    assert list(unpublished([TOLD], ["f1", "f1"])) == []
    assert "waits" in next(unpublished([replace(TOLD, marked=False)], []))
    assert "not on the bus" in next(unpublished([TOLD], []))
    assert "in no outbox" in next(unpublished([], ["f2"]))


@pytest.mark.parametrize(("times", "good"), [(0, False), (1, True), (2, False)])
def test_a_fact_has_its_effect_once(times: int, *, good: bool) -> None:
    assert (list(wrong_effects([TOLD], {"f1": times})) == []) is good


def test_a_fact_is_kept_once_by_whoever_keeps_facts() -> None:
    assert list(not_once(["f1", "f2"], ["f2", "f1", "another"])) == []
    assert list(not_once(["f1"], [])) == ["the fact f1 was kept 0 times"]
    assert list(not_once(["f1"], ["f1", "f1"])) == ["the fact f1 was kept 2 times"]


def test_webhooks_tell_each_fact_and_may_tell_it_twice() -> None:
    assert list(wrong_deliveries(["f1"], ["f1", "f1"])) == []
    assert list(wrong_deliveries(["f1"], [])) == ["the fact f1 was never delivered"]
    assert list(wrong_deliveries([], ["f1"])) == ["f1 was delivered and is no fact"]


def test_what_counts_as_sent_has_arrived_once_and_what_is_uncertain_at_most_once() -> None:
    states = {"a-1": "sent", "b-2": "uncertain", "c-3": "uncertain"}
    assert list(wrong_mails(states, {"a1": 1, "b2": 1, "of another tenant": 3})) == []
    assert list(wrong_mails({"a-1": "sent"}, {})) == [
        "message a-1 is sent, and 0 mails have arrived"
    ]
    assert len(list(wrong_mails({"a-1": "delivered", "b-2": "uncertain"}, {"a1": 2, "b2": 2}))) == 2
    assert list(wrong_mails({"a-1": "queued"}, {})) == ["message a-1 is queued in the end"]


def test_a_dead_letter_is_one_that_was_broken() -> None:
    assert list(good_ones([Published("s", {"actor": BROKEN_BY}, b"")])) == []
    assert len(list(good_ones([Published("s", {"actor": "user:1"}, b"")]))) == 1


def test_a_finding_names_the_first_complaints_and_counts_the_rest() -> None:
    finding = Finding.of("all is well", (f"{n}" for n in range(25)), seen=25)
    assert finding.violations[-1] == "and 15 more"
    assert not finding.holds
    assert Finding.of("all is well", ()).holds


def order(mark: str = "s0-1", *, deliveries: int = 0, **changes: Any) -> dict[str, Any]:
    """How an order is told of, delivered so many times."""
    status = "delivered" if deliveries else "confirmed"
    made = {"id": f"id-{mark}", "status": status, "deliveries": [{}] * deliveries}
    return {"branch": mark, **made, **changes}


def order_complaints(writes: list[Write], *orders: dict[str, Any]) -> list[str]:
    """What is wrong when these orders are there after these writes."""
    return list(wrong_orders(writes, by_mark((one["branch"], one) for one in orders)))


def test_an_order_is_there_once_and_delivered_as_often_as_somebody_did() -> None:
    placed = write(Kind.PLACE_ORDER, "s0-1")
    handed = write(Kind.DELIVER_ORDER, "s0-2", subject="s0-1")
    assert order_complaints([placed], order()) == []
    assert order_complaints([placed, handed], order(deliveries=1)) == []
    assert order_complaints([placed]) == ["place order s0-1, accepted, is lost"]
    assert order_complaints([placed, handed], order()) == ["the delivery of order s0-1 is lost"]
    assert order_complaints([placed, handed], order(deliveries=2)) == [
        "order s0-1 was delivered 2 times"
    ]
    assert order_complaints([placed], order(deliveries=1)) == [
        "order s0-1 is delivered, and nobody did"
    ]
    assert order_complaints([], order()) == ["order s0-1 was never placed"]
    [half] = order_complaints([placed, handed], order(deliveries=1, status="confirmed"))
    assert half == "order s0-1 is confirmed after 1 deliveries"


def test_a_delivery_of_which_nobody_knows_is_there_once_or_not_at_all() -> None:
    placed = write(Kind.PLACE_ORDER, "s0-1")
    unknown = write(Kind.DELIVER_ORDER, "s0-2", subject="s0-1", outcome=Outcome.UNKNOWN)
    assert order_complaints([placed, unknown], order()) == []
    assert order_complaints([placed, unknown], order(deliveries=1)) == []
    assert order_complaints([placed, unknown], order(deliveries=2)) != []


def reminder_complaints(times: int, **changes: Any) -> list[str]:
    """What is wrong with a reminder that was told so many times."""
    due, told = "2026-01-01T10:00:00Z", "2026-01-01T10:00:01Z"
    made = {"id": "a", "remind_at": due, "reminded_at": told, **changes}
    stored = by_mark([("s0-1", made)])
    return list(wrong_reminders([write(Kind.PLAN_REMINDER, "s0-1", id="a")], stored, {"a": times}))


def test_a_timer_has_fired_once_and_not_before_its_time() -> None:
    assert reminder_complaints(1) == []
    assert reminder_complaints(0) == ["the reminder of s0-1 was told 0 times"]
    assert reminder_complaints(2) == ["the reminder of s0-1 was told 2 times"]
    [unknown] = reminder_complaints(1, reminded_at=None)
    assert unknown == "s0-1 does not know that its reminder was told"
    [early] = reminder_complaints(1, reminded_at="2026-01-01T09:59:59Z")
    assert early.startswith("s0-1 was reminded of too early")


def point_complaints(kept: int, counted: int | None = None, *, deliveries: int = 2) -> list[str]:
    """What is wrong when a member has so many points after so many deliveries."""
    member, one = PEOPLE[0], order(deliveries=deliveries, person_id=PEOPLE[0])
    entered = kept if counted is None else counted
    return list(wrong_points([one], {member: kept}, {member: entered}))


def test_points_are_what_was_handed_over_earns() -> None:
    assert point_complaints(48) == []
    assert len(point_complaints(72)) == 2, "earned twice"
    assert len(point_complaints(24)) == 2, "earned too little"
    [drifted] = point_complaints(48, 47)
    assert "47 points" in drifted
    assert "were entered" in drifted
    assert list(wrong_points([], {"somebody": 24}, {})) == [
        "somebody has points and bought nothing"
    ]
