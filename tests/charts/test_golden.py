"""Renders are as they were when somebody last looked at them, and no upgrade ever has to change what selects pods."""

from __future__ import annotations

import pytest

from .cases import CASES
from .rendering import Charts
from .renders import KEPT, path_of, released_selectors, selectors


@pytest.mark.parametrize(("chart", "case"), KEPT)
def test_a_render_is_as_it_is_kept(charts: Charts, chart: str, case: str) -> None:
    kept = path_of(chart, case).read_text(encoding="utf-8")
    assert charts.render(chart, CASES[case]).text == kept, (
        "python -m tests.charts.renders renews it"
    )


def test_every_deployment_selects_its_pods_as_it_always_did(charts: Charts) -> None:
    now, then = selectors(charts), released_selectors()
    assert {name: now.get(name) for name in then} == then
    assert now.keys() == then.keys(), "python -m tests.charts.renders adds new ones"


def test_what_selects_pods_does_not_depend_on_values(charts: Charts) -> None:
    for values in CASES.values():
        if "global" in values:
            continue  # where it sets another platform: other objects
        for one in charts.render("notifications", values).of("Deployment"):
            name = f"notifications Deployment/{one['metadata']['name']}"
            assert one["spec"]["selector"]["matchLabels"] == released_selectors()[name]
