"""Reads objectives.yaml, and refuses what is wrong in it by name."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path

import yaml
from pydantic import BaseModel, ConfigDict, Field, model_validator

HERE = Path(__file__).resolve().parent


class Objective(BaseModel):
    """A share of events that is to be good; `total` and `bad_rate` of it are PromQL."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str = Field(pattern=r"^[a-z]+(-[a-z]+)*$")
    title: str
    target: float = Field(gt=0, lt=1)
    by: Sequence[str] = Field(min_length=1)
    histogram: str | None = None
    counter: str | None = None
    of: str
    bad: str | None = None
    within: float | None = None
    at_least: int = Field(ge=1)

    @model_validator(mode="after")
    def _is_whole(self) -> Objective:
        if (self.histogram is None) == (self.counter is None):
            raise ValueError(f"{self.name}: give either a histogram or a counter")
        if (self.bad is None) == (self.within is None):
            raise ValueError(f"{self.name}: give either what is bad or within what time is good")
        if self.within is not None and self.histogram is None:
            raise ValueError(f"{self.name}: only a histogram knows what took how long")
        return self

    @property
    def budget(self) -> float:
        """The share of events that may be bad."""
        return 1 - self.target

    @property
    def counted(self) -> str:
        """The series that counts all events."""
        return self.counter or f"{self.histogram}_count"

    def events(self, window: str) -> str:
        """Events a second."""
        return self._rate(self.counted, self.of, window)

    def errors(self, window: str) -> str:
        """The share of bad events."""
        if self.within is not None:
            good = self._rate(f"{self.histogram}_bucket", self._with(bucket(self.within)), window)
            return f"1 - {good} / {self.events(window)}"
        # Without `or` there would be no value as long as nothing bad has ever happened.
        bad = self._rate(self.counted, self._with(self.bad or ""), window)
        total = self.events(window)
        return f"({bad} or 0 * {total}) / {total}"

    def _with(self, matcher: str) -> str:
        return f"{self.of}, {matcher}" if self.of else matcher

    def _rate(self, series: str, matchers: str, window: str) -> str:
        selected = f"{series}{{{matchers}}}" if matchers else series
        return f"sum by ({', '.join(self.by)}) (rate({selected}[{window}]))"


def bucket(seconds: float) -> str:
    """The matcher of a bucket; whole numbers are written as 1 or 1.0, depending on who writes them."""
    if seconds == int(seconds):
        return f'le=~"{int(seconds)}([.]0)?"'
    return f'le="{seconds}"'


class Objectives(BaseModel):
    """The whole file."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    period_days: int = Field(ge=7, le=90)
    objectives: Sequence[Objective] = Field(min_length=1)
    bounds: Mapping[str, float]

    @model_validator(mode="after")
    def _are_different(self) -> Objectives:
        names = [one.name for one in self.objectives]
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            raise ValueError(f"more than one objective is called {', '.join(twice)}")
        return self

    def bound(self, name: str) -> str:
        """A bound as it is written in an expression; raises KeyError for one that is not there."""
        return f"{self.bounds[name]:.10g}"

    def named(self, name: str) -> Objective:
        """The objective of this name."""
        return next(one for one in self.objectives if one.name == name)


@cache
def load_objectives(path: Path = HERE / "objectives.yaml") -> Objectives:
    """Raises pydantic's ValidationError, which names the place."""
    return Objectives.model_validate(yaml.safe_load(path.read_text(encoding="utf-8")))
