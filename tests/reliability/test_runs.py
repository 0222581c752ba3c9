"""The platform survives: a short run in every test run, a long one in the full test run."""

from __future__ import annotations

from itertools import islice

import pytest

from tests.reliability.checks.all import CHECKS
from tests.reliability.estate import Start
from tests.reliability.faults.deck import all_faults, few_faults, shuffled_for_ever
from tests.reliability.report import as_text
from tests.reliability.run import Plan, Run

SEED = 20_261_122


def test_nothing_is_lost_or_done_twice_when_parts_are_killed_under_load(start: Start) -> None:
    """A sample of the faults; the long run has them all."""
    estate = start()
    run = Run(estate, Plan(SEED, writing_pause=0.15, quiet=0.3))
    result = run.through(few_faults(estate.services), CHECKS)
    assert result.is_green, as_text(result)


@pytest.mark.slow
def test_nothing_is_lost_or_done_twice_whatever_is_killed_cut_or_slowed(start: Start) -> None:
    estate = start()
    run = Run(estate, Plan(SEED))
    faults = all_faults(estate.services)
    result = run.through(islice(shuffled_for_ever(faults, run.rng), len(faults)), CHECKS)
    assert result.is_green, as_text(result)
