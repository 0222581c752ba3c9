"""Rules and dashboards: made of the objectives, in terms that are declared, each alert with its runbook."""

from __future__ import annotations

import re
from typing import Any

import pytest

from deploy.observability.__main__ import made
from deploy.observability.objectives import load_objectives
from deploy.observability.registry import load_registry
from rapport_local.services import SERVICES
from tests.telemetry.expressions import (
    ROOT,
    alerts,
    dashboards,
    expressions_of,
    recorded,
    rules,
    undeclared,
)

RUNBOOKS = ROOT / "docs" / "runbooks"
HEADINGS = ("## What it means", "## What users feel", "## Look at", "## Do", "## Afterwards")
ALERTS = {alert["alert"]: alert for alert in alerts()}


def test_what_is_committed_is_what_the_code_makes() -> None:
    stale = [path.name for path, text in made().items() if path.read_text("utf-8") != text]
    assert not stale, "run `make observability`"


def test_nothing_is_committed_that_the_code_does_not_make() -> None:
    folders = {path.parent for path in made()}
    there = {path for folder in folders for path in folder.iterdir()}
    assert there == set(made())


def test_rules_use_only_what_is_declared() -> None:
    names = recorded()
    wrong = {
        rule.get("alert", rule.get("record")): found
        for rule in rules()
        if (found := undeclared(rule["expr"], load_registry(), names))
    }
    assert not wrong


@pytest.mark.parametrize("name", dashboards())
def test_a_dashboard_uses_only_what_is_declared(name: str) -> None:
    wrong = {
        title: found
        for title, expr in expressions_of(dashboards()[name])
        if (found := undeclared(expr, load_registry(), recorded()))
    }
    assert not wrong


def test_an_undeclared_series_label_or_grouping_is_found() -> None:
    registry, names = load_registry(), recorded()
    assert undeclared("rate(no_such_total[5m])", registry, names) == ["the series no_such_total"]
    assert undeclared('up{tenant="a"}', registry, names) == ["the label tenant of up"]
    assert undeclared("sum by (route) (up)", registry, names) == ["the label route"]
    assert undeclared("a + on (method) up", registry, names) == [
        "the label method",
        "the series a",
    ]
    with pytest.raises(ValueError, match="unclosed left parenthesis"):
        undeclared("sum by (", registry, names)


def test_every_metric_of_ours_is_on_a_dashboard_or_in_an_alert() -> None:
    used = " ".join(
        [expr for board in dashboards().values() for _, expr in expressions_of(board)]
        + [rule["expr"] for rule in rules()]
    )
    ours = load_registry().of("service", *(service.name for service in SERVICES)).values()
    # What Python's library adds by itself is declared, and not all of it is worth a picture.
    unused = [
        m.name
        for m in ours
        if m.name not in used and not m.name.startswith(("python_", "process_"))
    ]
    assert not unused


def test_dashboards_have_titles_and_ids_of_their_own() -> None:
    boards = dashboards()
    assert {"platform", "service", "events", "gateway", "database"} == set(boards)
    assert len({board["uid"] for board in boards.values()}) == len(boards)
    for name, board in boards.items():
        panels = [panel for panel in board["panels"] if panel["type"] != "row"]
        places = {(p["gridPos"]["x"], p["gridPos"]["y"]) for p in panels}
        assert len(places) == len(panels), f"panels of {name} lie on each other"
        assert all(panel["gridPos"]["x"] + panel["gridPos"]["w"] <= 24 for panel in panels)


def test_no_rule_or_dashboard_names_a_service_so_that_a_new_one_is_there_by_itself() -> None:
    texts = [expr for board in dashboards().values() for _, expr in expressions_of(board)]
    texts += [rule["expr"] for rule in rules()]
    named = re.compile(rf'"({"|".join(service.name for service in SERVICES)})"')
    assert [text for text in texts if named.search(text)] == []


@pytest.mark.parametrize("name", ALERTS)
def test_an_alert_says_how_urgent_it_is_and_leads_to_its_runbook(name: str) -> None:
    alert = ALERTS[name]
    assert alert["labels"]["severity"] in {"page", "ticket"}
    assert alert["annotations"]["summary"]
    assert alert["annotations"]["description"].endswith(".")
    runbook = ROOT / alert["annotations"]["runbook_url"]
    assert runbook.is_file(), f"there is no {runbook}"
    text = runbook.read_text("utf-8")
    assert f"`{name}`" in text
    assert [heading for heading in HEADINGS if heading not in text] == []


def test_every_runbook_belongs_to_an_alert() -> None:
    wanted = {ROOT / alert["annotations"]["runbook_url"] for alert in alerts()}
    assert set(RUNBOOKS.glob("*.md")) - wanted == {RUNBOOKS / "README.md"}


def test_labels_in_the_words_of_an_alert_are_in_its_expression() -> None:
    for name, alert in ALERTS.items():
        words = " ".join(alert["annotations"].values())
        for label in re.findall(r"\$labels\.(\w+)", words):
            assert re.search(rf"\b{label}\b", _with_records(alert)), f"{name} speaks of {label}"


def _with_records(alert: dict[str, Any]) -> str:
    """The expression, and how what it takes of others is grouped."""
    objective = re.search(r'objective="([a-z-]+)"', alert["expr"])
    if objective is None:
        return str(alert["expr"])
    return f"{alert['expr']} {' '.join(load_objectives().named(objective[1]).by)}"
