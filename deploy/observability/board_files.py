"""Reads what dashboards show from boards/*.yaml. Services are found by their metrics, so a new one is there without an edit."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import yaml
from pydantic import BaseModel, ConfigDict, Field

from deploy.observability.objectives import Objective, Objectives
from deploy.observability.panels import Board, Panel, Query, Section, Variable
from deploy.observability.rule_groups import ratio

FOLDER = Path(__file__).resolve().parent / "boards"


class _Told(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class _PanelTold(_Told):
    title: str
    unit: str
    about: str = ""
    number: bool = False
    bad_above: float | str | None = None
    bad_below: float | str | None = None
    queries: Sequence[Query] = Field(min_length=1)


class _SectionTold(_Told):
    """Panels, or the budgets of all objectives."""

    title: str
    budgets: bool = False
    panels: Sequence[_PanelTold] = ()


class _BoardTold(_Told):
    title: str
    about: str
    variables: Sequence[Variable] = ()
    sections: Sequence[_SectionTold] = Field(min_length=1)


def all_dashboards(objectives: Objectives, folder: Path = FOLDER) -> dict[str, dict[str, Any]]:
    """The JSON of each by its name; raises pydantic's ValidationError, which names the place."""
    return {
        path.stem: _board(path, objectives).rendered() for path in sorted(folder.glob("*.yaml"))
    }


def _board(path: Path, objectives: Objectives) -> Board:
    told = _BoardTold.model_validate(yaml.safe_load(path.read_text(encoding="utf-8")))
    sections = [_section(section, objectives) for section in told.sections]
    return Board(path.stem, told.title, told.about, sections, told.variables)


def _section(told: _SectionTold, objectives: Objectives) -> Section:
    panels = [_budget(one) for one in objectives.objectives] if told.budgets else []
    return Section(told.title, panels + [_panel(one, objectives) for one in told.panels])


def _panel(told: _PanelTold, objectives: Objectives) -> Panel:
    return Panel(
        title=told.title,
        unit=told.unit,
        queries=told.queries,
        about=told.about,
        bad_above=_figure(told.bad_above, objectives),
        bad_below=_figure(told.bad_below, objectives),
        number=told.number,
    )


def _figure(told: float | str | None, objectives: Objectives) -> float | None:
    """A number as it is; `bounds.<name>` and `objectives.<name>.<budget or within>` are looked up."""
    if not isinstance(told, str):
        return told
    match told.split("."):
        case ["bounds", name]:
            return objectives.bounds[name]
        case ["objectives", name, "budget"]:
            return objectives.named(name).budget
        case ["objectives", name, "within"]:
            return objectives.named(name).within
        case _:
            raise ValueError(f"{told} is no figure of objectives.yaml")


def _budget(one: Objective) -> Panel:
    this = f'{{objective="{one.name}"}}'
    legend = " ".join(f"{{{{{label}}}}}" for label in one.by)
    return Panel(
        one.name,
        "percentunit",
        [Query(f"1 - {ratio('3d')}{this} / {one.budget:.10g}", legend)],
        f"{one.title} ({one.target:.1%}). What is left of the error budget at the pace of the last three days.",
        bad_below=0,
        number=True,
    )
