"""The harness finds what it is there to find: services with one deliberate bug turn a run red."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from tests.reliability.checks.all import CHECKS
from tests.reliability.estate import Start
from tests.reliability.faults import facts, moments, processes
from tests.reliability.faults.fault import Fault
from tests.reliability.run import Plan, Run

CONTACTS = frozenset({"contacts"})
KILLED = [processes.killed("contacts", CONTACTS, CONTACTS)] * 3


@pytest.mark.slow
@pytest.mark.parametrize(
    ("service", "bug", "faults", "found"),
    [
        ("contacts", "answers_before_commit", KILLED, "is lost"),
        (
            "contacts",
            "marks_before_published",
            [moments.killed_between_sending_and_publishing("contacts")],
            "is marked as published and is not on the bus",
        ),
        (
            "witness",
            "settles_before_effect",
            [moments.killed_in_the_middle_of_a_batch("witness")],
            "has had its effect 0 times",
        ),
        (
            "witness",
            "has_no_inbox",
            [facts.doubled("contacts", 30)],
            "has had its effect 3 times",
        ),
    ],
)
def test_a_deliberate_bug_turns_the_run_red(
    start: Start, service: str, bug: str, faults: Sequence[Fault], found: str
) -> None:
    estate = start(**{service: f"tests.reliability.saboteurs.{bug}"})
    result = Run(estate, Plan(1, writing_pause=0.1)).through(faults, CHECKS)
    complaints = [complaint for finding in result.findings for complaint in finding.violations]
    assert any(found in complaint for complaint in complaints), complaints
