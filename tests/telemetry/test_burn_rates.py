"""The arithmetic of burn rates, and what is refused in the file of objectives."""

from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import ValidationError

from deploy.observability.burn_rates import BURN_RATES, WINDOWS, hours
from deploy.observability.objectives import Objectives, load_objectives


def test_windows_have_the_lengths_that_their_names_say() -> None:
    assert [hours(window) for window in ("5m", "30m", "1h", "6h", "3d")] == [1 / 12, 0.5, 1, 6, 72]
    assert list(WINDOWS) == ["5m", "30m", "1h", "2h", "6h", "1d", "3d"]


def test_every_short_window_is_a_twelfth_of_its_long_one() -> None:
    assert all(hours(rate.short) * 12 == pytest.approx(hours(rate.long)) for rate in BURN_RATES)


def test_the_budget_that_is_gone_when_somebody_is_told_is_that_of_the_workbook() -> None:
    spent = [rate.spent(30) for rate in BURN_RATES]
    assert spent == pytest.approx([0.02, 0.05, 0.1, 0.1])


def test_a_fast_burn_of_three_nines_is_one_bad_request_in_seventy() -> None:
    assert BURN_RATES[0].threshold(0.999) == pytest.approx(0.0144)


def test_every_threshold_can_be_reached() -> None:
    """A share of bad events is at most 1: at too low a target the alert could never be."""
    unreachable = [
        (one.name, rate.factor)
        for one in load_objectives().objectives
        for rate in BURN_RATES
        if rate.threshold(one.target) >= 1
    ]
    assert not unreachable


@pytest.mark.parametrize(
    ("line", "complaint"),
    [
        ("target: 1.5", "less than 1"),
        ("within: 0.5", "either what is bad or within what time"),
        ("counter: b_total", "either a histogram or a counter"),
        ("sometimes: true", "sometimes"),
    ],
)
def test_a_wrong_objective_is_refused_and_named(tmp_path: Path, line: str, complaint: str) -> None:
    lines = {"name": "one", "title": "One", "target": "0.9", "by": "[job]", "histogram": "a"}
    lines |= {"of": '""', "bad": 'code="5"', "at_least": "1"}
    key, value = line.split(": ")
    lines[key] = value
    body = "\n    ".join(f"{name}: {text}" for name, text in lines.items())
    path = tmp_path / "objectives.yaml"
    path.write_text(f"period_days: 30\nbounds: {{}}\nobjectives:\n  - \n    {body}\n")
    with pytest.raises(ValidationError, match=complaint):
        load_objectives(path)


def test_two_objectives_of_one_name_are_refused() -> None:
    known = load_objectives()
    twice = [one.model_dump() for one in (*known.objectives, known.objectives[0])]
    with pytest.raises(ValidationError, match="more than one objective is called api-availability"):
        Objectives.model_validate({"period_days": 30, "bounds": {}, "objectives": twice})
