"""Reads alerts.yaml, and puts the bounds of the objectives in."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from string import Template
from typing import Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

from deploy.observability.objectives import Objectives

HERE = Path(__file__).resolve().parent


class Alert(BaseModel):
    """One alert of the file; its bounds are still names."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)

    name: str = Field(pattern=r"^([A-Z][a-z]+)+$")
    severity: Literal["page", "ticket"]
    expr: str
    lasting: str = Field(alias="for")
    summary: str
    description: str

    @property
    def runbook(self) -> str:
        """The name of its runbook: its own in lower case with hyphens."""
        return re.sub(r"(?<!^)(?=[A-Z])", "-", self.name).lower()

    def within(self, objectives: Objectives) -> Alert:
        """The same with figures; raises KeyError that names a bound that there is not."""
        bounds = {name: objectives.bound(name) for name in objectives.bounds}
        filled = {
            "expr": Template(self.expr).substitute(bounds),
            "lasting": Template(self.lasting).substitute(bounds),
        }
        return self.model_copy(update=filled)


def plain_alerts(
    objectives: Objectives, path: Path = HERE / "alerts.yaml"
) -> Iterator[tuple[str, Alert]]:
    """Each with the group that it is in; raises pydantic's ValidationError, which names the place."""
    groups = TypeAdapter(dict[str, list[Alert]]).validate_python(
        yaml.safe_load(path.read_text(encoding="utf-8"))
    )
    for group, alerts in groups.items():
        for alert in alerts:
            yield group, alert.within(objectives)
