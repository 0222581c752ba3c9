"""What a PromQL expression speaks of: series with their labels, and labels that it groups by."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import promql_parser as promql
import yaml

from deploy.observability.registry import TARGET_LABELS, Registry

ROOT = Path(__file__).resolve().parents[2]
OBSERVABILITY = ROOT / "deploy" / "observability"
_OF_GRAFANA = {"$__rate_interval": "5m", "$__range": "1h"}


@dataclass
class Spoken:
    """All that an expression names."""

    series: dict[str, set[str]] = field(default_factory=dict)
    grouped: set[str] = field(default_factory=set)

    @classmethod
    def of(cls, expression: str) -> Spoken:
        """Raises ValueError for what is no PromQL."""
        for variable, value in _OF_GRAFANA.items():
            expression = expression.replace(variable, value)
        spoken = cls()
        promql.walk(promql.parse(expression), spoken._visit)
        return spoken

    def _visit(self, expr: promql.Expr) -> None:
        match expr:
            case promql.MatrixSelector():
                self._select(expr.vector_selector)
            case promql.VectorSelector():
                self._select(expr)
            case promql.AggregateExpr() if expr.modifier is not None:
                self.grouped |= set(expr.modifier.labels)
            case promql.BinaryExpr() if expr.modifier is not None and expr.modifier.matching:
                self.grouped |= set(expr.modifier.matching.labels)
            case _:
                pass

    def _select(self, selector: promql.VectorSelector) -> None:
        labels = {matcher.name for matcher in selector.matchers.matchers}
        self.series.setdefault(str(selector.name), set()).update(labels)


def undeclared(expression: str, registry: Registry, recorded: frozenset[str]) -> list[str]:
    """What an expression names that is neither declared nor recorded by a rule; sorted."""
    spoken, known = Spoken.of(expression), registry.by_series()
    wrong: list[str] = []
    may_group = set(TARGET_LABELS) | {"objective"}
    for series, labels in spoken.series.items():
        metric = known.get(series)
        if metric is None and series not in recorded:
            wrong.append(f"the series {series}")
            continue
        # What rules record has the labels that their objective is kept by.
        own = (
            TARGET_LABELS | {"objective", "channel"} if metric is None else metric.labels_of(series)
        )
        may_group |= own
        wrong += [f"the label {label} of {series}" for label in labels - own]
    return sorted(wrong + [f"the label {label}" for label in spoken.grouped - may_group])


def rules() -> Iterator[dict[str, Any]]:
    """Every rule of the files that Prometheus is given."""
    for path in sorted((OBSERVABILITY / "rules").glob("*.yaml")):
        for group in yaml.safe_load(path.read_text(encoding="utf-8"))["groups"]:
            yield from group["rules"]


def alerts() -> list[dict[str, Any]]:
    """Those that alert."""
    return [rule for rule in rules() if "alert" in rule]


def recorded() -> frozenset[str]:
    """The names of series that rules record."""
    return frozenset(rule["record"] for rule in rules() if "record" in rule)


def dashboards() -> dict[str, dict[str, Any]]:
    """The dashboards by the names of their files."""
    paths = sorted((OBSERVABILITY / "dashboards").glob("*.json"))
    return {path.stem: json.loads(path.read_text(encoding="utf-8")) for path in paths}


def expressions_of(dashboard: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """The title of each panel with each of its expressions."""
    for panel in dashboard["panels"]:
        for one in (panel, *panel.get("panels", ())):
            for target in one.get("targets", ()):
                yield one["title"], target["expr"]
