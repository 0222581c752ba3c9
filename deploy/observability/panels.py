"""Turns what a dashboard shows into Grafana's JSON, so that all dashboards look and behave alike."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from grafana_foundation_sdk.builders import dashboard, prometheus, stat, timeseries
from grafana_foundation_sdk.cog.encoder import JSONEncoder
from grafana_foundation_sdk.models.dashboard import (
    DataSourceRef,
    Threshold,
    ThresholdsMode,
    VariableRefresh,
)

_SOURCE = DataSourceRef("prometheus", "${source}")
_WIDTH, _HEIGHT = 8, 8
_NUMBER_WIDTH, _NUMBER_HEIGHT = 6, 4
TAGS = ["rapport"]


@dataclass(frozen=True, slots=True)
class Query:
    """One expression, and how its series are called."""

    expr: str
    legend: str = "{{job}}"


@dataclass(frozen=True, slots=True)
class Panel:
    """One picture: lines over time, or a `number` of now.

    `bad_above` and `bad_below` draw where it is too much or too little.
    """

    title: str
    unit: str
    queries: Sequence[Query]
    about: str = ""
    bad_above: float | None = None
    bad_below: float | None = None
    number: bool = False


@dataclass(frozen=True, slots=True)
class Section:
    """Panels below one heading."""

    title: str
    panels: Sequence[Panel]


@dataclass(frozen=True, slots=True)
class Variable:
    """A choice at the top: the values of a label that a series has."""

    name: str
    label: str
    series: str


@dataclass(frozen=True, slots=True)
class Board:
    """A dashboard."""

    name: str
    title: str
    about: str
    sections: Sequence[Section]
    variables: Sequence[Variable] = field(default=())

    def rendered(self) -> dict[str, Any]:
        """Its JSON as Grafana imports it."""
        built = (
            dashboard.Dashboard(self.title)
            .uid(f"rapport-{self.name}")
            .description(self.about)
            .tags(TAGS)
            .refresh("30s")
            .time("now-3h", "now")
            .timezone("browser")
            .with_variable(
                dashboard.DatasourceVariable("source").label("Source").type("prometheus")
            )
        )
        for variable in self.variables:
            built.with_variable(_choice(variable))
        for section in self.sections:
            built.with_row(dashboard.Row(section.title))
            for panel in section.panels:
                built.with_panel(_number(panel) if panel.number else _lines(panel))
        rendered: dict[str, Any] = json.loads(JSONEncoder().encode(built.build()))
        return rendered


def _choice(variable: Variable) -> dashboard.QueryVariable:
    return (
        dashboard.QueryVariable(variable.name)
        .label(variable.label)
        .datasource(_SOURCE)
        .query(f"label_values({variable.series}, {variable.label})")
        .refresh(VariableRefresh.ON_TIME_RANGE_CHANGED)
    )


def _lines(panel: Panel) -> timeseries.Panel:
    built = (
        timeseries.Panel()
        .title(panel.title)
        .description(panel.about)
        .unit(panel.unit)
        .datasource(_SOURCE)
        .span(_WIDTH)
        .height(_HEIGHT)
        .fill_opacity(8)
        .thresholds(_thresholds(panel))
    )
    for query in panel.queries:
        built.with_target(_target(query))
    return built


def _number(panel: Panel) -> stat.Panel:
    built = (
        stat.Panel()
        .title(panel.title)
        .description(panel.about)
        .unit(panel.unit)
        .datasource(_SOURCE)
        .span(_NUMBER_WIDTH)
        .height(_NUMBER_HEIGHT)
        .thresholds(_thresholds(panel))
    )
    for query in panel.queries:
        built.with_target(_target(query).instant())
    return built


def _target(query: Query) -> prometheus.Dataquery:
    return prometheus.Dataquery().expr(query.expr).legend_format(query.legend)


def _thresholds(panel: Panel) -> dashboard.ThresholdsConfig:
    steps = [Threshold(value=None, color="green")]
    if panel.bad_above is not None:
        steps.append(Threshold(value=panel.bad_above, color="red"))
    if panel.bad_below is not None:
        steps = [
            Threshold(value=None, color="red"),
            Threshold(value=panel.bad_below, color="green"),
        ]
    return dashboard.ThresholdsConfig().mode(ThresholdsMode.ABSOLUTE).steps(steps)
