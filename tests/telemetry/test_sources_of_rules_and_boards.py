"""What is wrong in alerts.yaml or in the file of a dashboard is refused, and named."""

from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import ValidationError

from deploy.observability.alerts import plain_alerts
from deploy.observability.board_files import all_dashboards
from deploy.observability.objectives import load_objectives

ALERT = """
work:
- {name: JobsWait, severity: ticket, expr: "up > ${job_queued_seconds}", for: 5m, summary: s, description: d.}
"""
BOARD = """
title: One
about: One.
sections:
- title: Now
  panels:
  - {title: Pools, unit: short, bad_above: bounds.pool_share, queries: [{expr: up}]}
"""


def written(tmp_path: Path, text: str) -> Path:
    """A file with this text."""
    path = tmp_path / "one.yaml"
    path.write_text(text)
    return path


def test_bounds_of_objectives_stand_in_for_their_names(tmp_path: Path) -> None:
    ((group, alert),) = plain_alerts(load_objectives(), written(tmp_path, ALERT))
    assert (group, alert.runbook, alert.expr) == ("work", "jobs-wait", "up > 900")


@pytest.mark.parametrize(
    ("right", "wrong", "complaint"),
    [
        ("ticket", "sometimes", "severity"),
        ("JobsWait", "jobs_wait", "name"),
        ("summary: s", "sumary: s", "sumary"),
    ],
)
def test_a_wrong_alert_is_refused_and_named(
    tmp_path: Path, right: str, wrong: str, complaint: str
) -> None:
    path = written(tmp_path, ALERT.replace(right, wrong))
    with pytest.raises(ValidationError, match=complaint):
        list(plain_alerts(load_objectives(), path))


def test_a_bound_that_there_is_not_is_refused_and_named(tmp_path: Path) -> None:
    path = written(tmp_path, ALERT.replace("job_queued_seconds", "no_such_bound"))
    with pytest.raises(KeyError, match="no_such_bound"):
        list(plain_alerts(load_objectives(), path))


def test_a_panel_turns_red_where_the_objectives_say(tmp_path: Path) -> None:
    written(tmp_path, BOARD)
    (panel,) = all_dashboards(load_objectives(), tmp_path)["one"]["panels"][1:]
    steps = panel["fieldConfig"]["defaults"]["thresholds"]["steps"]
    assert [step["value"] for step in steps] == [None, load_objectives().bounds["pool_share"]]


@pytest.mark.parametrize(
    ("right", "wrong", "complaint"),
    [
        ("bounds.pool_share", "pool_share", "pool_share is no figure"),
        ("bounds.pool_share", "bounds.nothing", "nothing"),
        ("unit: short", "units: short", "units"),
        ("queries: [{expr: up}]", "queries: []", "queries"),
    ],
)
def test_a_wrong_panel_is_refused_and_named(
    tmp_path: Path, right: str, wrong: str, complaint: str
) -> None:
    written(tmp_path, BOARD.replace(right, wrong))
    with pytest.raises((ValueError, KeyError), match=complaint):
        all_dashboards(load_objectives(), tmp_path)
