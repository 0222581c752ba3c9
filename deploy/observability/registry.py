"""Reads registry.yaml, and answers whether a metric or a span is declared."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, model_validator

HERE = Path(__file__).resolve().parent

TARGET_LABELS = frozenset(("job", "instance", "namespace", "pod"))
"""What every series has of its target, whoever emits it."""
_PARTS = {"histogram": ("_bucket", "_count", "_sum")}


class Metric(BaseModel):
    """One metric; `seen` says under which circumstances, if not always."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)

    name: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    type: Literal["counter", "gauge", "histogram"]
    unit: str
    emitters: Sequence[str] = Field(alias="from", min_length=1)
    labels: Sequence[str]
    means: str = Field(pattern=r"\.$")
    seen: str = "always"

    @property
    def series(self) -> Sequence[str]:
        """The names of its series, as expressions use them."""
        return [self.name + part for part in _PARTS.get(self.type, ("",))]

    def labels_of(self, series: str) -> frozenset[str]:
        """The labels of one of its series."""
        own = frozenset(self.labels) | TARGET_LABELS
        return own | {"le"} if series.endswith("_bucket") else own


class SpanPattern(BaseModel):
    """Spans of one kind; `name` is a regular expression for the whole name."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)

    name: str
    kind: Literal["server", "client", "producer", "consumer", "internal"]
    emitters: Sequence[str] = Field(alias="from", min_length=1)
    attributes: Sequence[str]
    means: str = Field(pattern=r"\.$")

    def covers(self, emitter: str, kind: str, name: str) -> bool:
        """Whether it is about such a span; what every service emits, each may."""
        known = emitter in self.emitters or ("service" in self.emitters and emitter != "gateway")
        return known and kind == self.kind and re.fullmatch(self.name, name) is not None


class Registry(BaseModel):
    """The whole file."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    metrics: Sequence[Metric]
    spans: Sequence[SpanPattern]

    @model_validator(mode="after")
    def _declares_each_once(self) -> Registry:
        names = [metric.name for metric in self.metrics]
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            raise ValueError(f"declared twice: {', '.join(twice)}")
        return self

    def of(self, *emitters: str) -> dict[str, Metric]:
        """What any of these emits, by name."""
        return {m.name: m for m in self.metrics if not set(emitters).isdisjoint(m.emitters)}

    def by_series(self) -> dict[str, Metric]:
        """Which metric a series belongs to."""
        return {series: metric for metric in self.metrics for series in metric.series}

    def pattern_of(self, emitter: str, kind: str, name: str) -> SpanPattern | None:
        """The first declaration that covers a span."""
        return next((one for one in self.spans if one.covers(emitter, kind, name)), None)


@cache
def load_registry(path: Path = HERE / "registry.yaml") -> Registry:
    """Raises pydantic's ValidationError, which names the place."""
    return Registry.model_validate(yaml.safe_load(path.read_text(encoding="utf-8")))
