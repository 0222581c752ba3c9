"""The unit tests of alerts: one for each, in declared terms; run by promtool where it is installed."""

from __future__ import annotations

import re
import shutil
import subprocess
from typing import Any

import pytest
import yaml

from deploy.observability.registry import load_registry
from tests.telemetry.expressions import OBSERVABILITY, alerts, recorded, undeclared

FILES = sorted((OBSERVABILITY / "rule_tests").glob("*.yaml"))
_FIRING = re.compile(r'alertname="(\w+)", alertstate="firing"')


def cases() -> list[dict[str, Any]]:
    """All cases of all files."""
    return [
        case for path in FILES for case in yaml.safe_load(path.read_text(encoding="utf-8"))["tests"]
    ]


def expected(case: dict[str, Any], *, firing: bool) -> set[str]:
    """The alerts that a case expects to fire at some time, or not to."""
    return {
        found[1]
        for test in case["promql_expr_test"]
        if bool(test["exp_samples"]) is firing and (found := _FIRING.search(test["expr"]))
    }


def test_every_alert_is_seen_to_fire_and_to_be_quiet() -> None:
    fires = {name for case in cases() for name in expected(case, firing=True)}
    quiet = {name for case in cases() for name in expected(case, firing=False)}
    plain = {a["alert"] for a in alerts() if "objective:errors" not in a["expr"]}
    fast = {a["alert"] for a in alerts() if a["alert"].endswith("BudgetBurnsFast")}
    assert fires == plain | fast | {"ApiAvailabilityBudgetBurnsSlowly"}
    assert quiet >= plain


def test_what_the_cases_begin_with_is_declared() -> None:
    registry = load_registry()
    wrong = {
        series["series"]: found
        for case in cases()
        for series in case["input_series"]
        if (found := undeclared(series["series"], registry, recorded()))
    }
    assert not wrong


def test_the_cases_are_about_the_rules_that_are_installed() -> None:
    for path in FILES:
        named = yaml.safe_load(path.read_text(encoding="utf-8"))["rule_files"]
        there = {rules.resolve() for rules in (OBSERVABILITY / "rules").glob("*.yaml")}
        assert {(path.parent / name).resolve() for name in named} == there


@pytest.mark.skipif(shutil.which("promtool") is None, reason="promtool is not installed")
def test_prometheus_itself_finds_the_rules_to_do_what_the_cases_say() -> None:
    command = ["promtool", "test", "rules", *map(str, FILES)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
