"""Makes Prometheus rules of the objectives: recorded shares of bad events, and alerts on how fast budgets burn."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from deploy.observability.alerts import Alert, plain_alerts
from deploy.observability.burn_rates import BURN_RATES, WINDOWS, BurnRate, hours
from deploy.observability.objectives import Objective, Objectives

Rule = Mapping[str, Any]
RUNBOOKS = "docs/runbooks"

_SEVERITIES = (("page", "Fast"), ("ticket", "Slowly"))
_LONG = tuple(rate.long for rate in BURN_RATES)


def ratio(window: str) -> str:
    """The recorded share of bad events within a window."""
    return f"objective:errors:ratio_rate{window}"


def events(window: str) -> str:
    """The recorded number of events a second within a window."""
    return f"objective:events:rate{window}"


def objective_groups(objectives: Objectives, runbooks: str) -> list[Rule]:
    """A group of recording rules and one of alerts for each objective."""
    groups: list[Rule] = []
    for one in objectives.objectives:
        groups.append({"name": f"{one.name}-records", "rules": list(_records(one))})
        alerts = [_burns(one, *severity, runbooks) for severity in _SEVERITIES]
        groups.append({"name": f"{one.name}-alerts", "rules": alerts})
    return groups


def alert_groups(objectives: Objectives, runbooks: str) -> list[Rule]:
    """The plain alerts, in groups by what they are about."""
    groups: dict[str, list[Rule]] = {}
    for group, alert in plain_alerts(objectives):
        groups.setdefault(group, []).append(_plain(alert, runbooks))
    return [{"name": name, "rules": rules} for name, rules in groups.items()]


def _records(one: Objective) -> Iterator[Rule]:
    labels = {"objective": one.name}
    for window in WINDOWS:
        yield {"record": ratio(window), "expr": one.errors(window), "labels": labels}
    for window in _LONG:
        yield {"record": events(window), "expr": one.events(window), "labels": labels}


def alert_name(one: Objective, speed: str) -> str:
    """What the alert on an objective's budget is called."""
    words = "".join(word.capitalize() for word in one.name.split("-"))
    return f"{words}BudgetBurns{speed}"


def _burns(one: Objective, severity: str, speed: str, runbooks: str) -> Rule:
    rates = [rate for rate in BURN_RATES if rate.severity == severity]
    subject = ", ".join(f"{{{{ $labels.{label} }}}}" for label in one.by)
    return {
        "alert": alert_name(one, speed),
        "expr": "\nor\n".join(_condition(one, rate) for rate in rates),
        "for": "2m" if severity == "page" else "15m",
        "labels": {"severity": severity},
        "annotations": {
            "summary": f"{subject}: the error budget of {one.name} burns {speed.lower()}",
            "description": f"Promised: {one.title.lower()}, {one.target:.3%} of the time."
            " {{ $value | humanizePercentage }} are bad.",
            "runbook_url": f"{runbooks}/{one.name}.md",
        },
    }


def _condition(one: Objective, rate: BurnRate) -> str:
    this = f'{{objective="{one.name}"}}'
    bound = f"{rate.threshold(one.target):.10g}"
    enough = f"{one.at_least / (hours(rate.long) * 3600):.6g}"
    return (
        f"({ratio(rate.long)}{this} > {bound}\n"
        f"and {ratio(rate.short)}{this} > {bound}\n"
        f"and {events(rate.long)}{this} >= {enough})"
    )


def _plain(alert: Alert, runbooks: str) -> Rule:
    return {
        "alert": alert.name,
        "expr": alert.expr,
        "for": alert.lasting,
        "labels": {"severity": alert.severity},
        "annotations": {
            "summary": alert.summary,
            "description": alert.description,
            "runbook_url": f"{runbooks}/{alert.runbook}.md",
        },
    }
