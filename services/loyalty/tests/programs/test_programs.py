"""What a program may be, without any input or output."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest

from chassis.domain import Conflict, Invalid
from loyalty.programs.domain import (
    ExpiryKind,
    ExpiryPolicy,
    Policies,
    Program,
    ProgramChanged,
    ProgramClosed,
    ProgramCreated,
    ProgramOpened,
    ProgramStatus,
    ProgramTerms,
    may_redeem,
)

NOW = datetime(2026, 1, 2, 15, tzinfo=UTC)
TERMS = ProgramTerms("Club", "TWD", time_zone="Asia/Taipei")


def some_program(terms: ProgramTerms = TERMS) -> Program:
    """A program that has not begun."""
    return Program(id=UUID(int=1), key="club", terms=terms, created_at=NOW, updated_at=NOW)


def told(program: Program) -> list[type]:
    """What a program says of itself."""
    return [type(one.fact) for one in program.recorded]


def test_a_program_is_opened_changed_closed_and_opened_again() -> None:
    program = some_program()
    program.create()
    program.open(NOW)
    program.open(NOW)
    program.change(replace(TERMS, name="Circle"), NOW)
    program.change(program.terms, NOW)
    program.close(date(2026, 1, 31), NOW)
    program.close(date(2026, 1, 31), NOW)
    program.open(NOW + timedelta(days=1))
    assert told(program) == [
        ProgramCreated,
        ProgramOpened,
        ProgramChanged,
        ProgramClosed,
        ProgramOpened,
    ]
    assert (program.opened_at, program.closed_at, program.redeem_until) == (NOW, None, None)


@pytest.mark.parametrize(
    ("terms", "wrong"),
    [
        (replace(TERMS, name="  "), "/name"),
        (replace(TERMS, currency="XXX"), "/currency"),
        (replace(TERMS, time_zone="Asia/Atlantis"), "/time_zone"),
        (
            replace(TERMS, policies=Policies(expiry=ExpiryPolicy(ExpiryKind.AFTER_MONTHS))),
            "/policies/expiry/months",
        ),
        (
            replace(
                TERMS, policies=Policies(expiry=ExpiryPolicy(ExpiryKind.ON_DAY, month=2, day=30))
            ),
            "/policies/expiry/day",
        ),
        (
            replace(TERMS, policies=Policies(expiry=ExpiryPolicy(notice_days=(7, 7)))),
            "/policies/expiry/notice_days",
        ),
    ],
)
def test_terms_that_cannot_be_are_refused_and_nothing_is_said(
    terms: ProgramTerms, wrong: str
) -> None:
    program = some_program(terms)
    with pytest.raises(Invalid) as refused:
        program.create()
    assert [violation.pointer for violation in refused.value.violations] == [wrong]
    assert program.recorded == []


def test_the_currency_of_a_program_that_was_opened_stays() -> None:
    program = some_program()
    program.change(replace(TERMS, currency="EUR"), NOW)
    program.open(NOW)
    with pytest.raises(Conflict):
        program.change(TERMS, NOW)


def test_a_draft_is_not_closed_and_nothing_closes_in_the_past() -> None:
    program = some_program()
    with pytest.raises(Conflict):
        program.close(None, NOW)
    program.open(NOW)
    # In Taipei it is past 11 in the evening; by New York's clock the day would still be young.
    with pytest.raises(Invalid):
        program.close(date(2026, 1, 1), NOW)
    program.close(date(2026, 1, 2), NOW)
    assert program.status is ProgramStatus.CLOSED


def test_points_of_a_closed_program_are_spent_until_the_last_day_is_over_in_its_zone() -> None:
    zone, last = ZoneInfo("Asia/Taipei"), date(2026, 3, 31)
    closed = ProgramStatus.CLOSED
    end = datetime(2026, 4, 1, tzinfo=zone)
    assert may_redeem(closed, last, end - timedelta(seconds=1), zone)
    assert not may_redeem(closed, last, end, zone)
    assert not may_redeem(closed, None, NOW, zone)
    assert may_redeem(ProgramStatus.ACTIVE, None, end, zone)
    assert not may_redeem(ProgramStatus.DRAFT, None, NOW, zone)
