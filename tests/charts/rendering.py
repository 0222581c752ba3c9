"""Renders charts with Helm itself, and looks at the objects that come out."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import helm_python
import yaml

Object = dict[str, Any]
RELEASE = "rapport"
NAMESPACE = "crm"


@dataclass(frozen=True)
class Rendered:
    """What a release of a chart consists of, hooks included."""

    text: str

    @cached_property
    def objects(self) -> list[Object]:
        """All objects, in the order in which they stand there."""
        return [one for one in yaml.safe_load_all(self.text) if one]

    def of(self, *kinds: str) -> list[Object]:
        """The objects of these kinds."""
        return [one for one in self.objects if one["kind"] in kinds]

    def named(self, kind: str, name: str) -> Object:
        """The one object of this kind and name."""
        (found,) = (one for one in self.of(kind) if one["metadata"]["name"] == name)
        return found

    def pods(self) -> Iterator[tuple[str, Object]]:
        """The template of each pod, with the name of what makes it."""
        for one in self.of("Deployment", "StatefulSet", "Job", "DaemonSet"):
            yield f"{one['kind']}/{one['metadata']['name']}", one["spec"]["template"]

    def containers(self) -> Iterator[tuple[str, Object]]:
        """Each container, those that come before others included, with where it is."""
        for where, pod in self.pods():
            for kind in ("initContainers", "containers"):
                for container in pod["spec"].get(kind, ()):
                    yield f"{where}/{container['name']}", container


@dataclass(frozen=True)
class Charts:
    """A copy of the checkout's charts, in which each has what it stands on."""

    folder: Path
    known: dict[str, Rendered] = field(default_factory=dict)
    """What was rendered already, by what was asked for."""

    def names(self) -> list[str]:
        """All charts that can be installed."""
        found = sorted(path.parent.name for path in self.folder.glob("*/Chart.yaml"))
        return [name for name in found if name != "common"]

    def render(
        self,
        chart: str,
        values: Mapping[str, Any] | None = None,
        *,
        release: str = RELEASE,
        namespace: str = NAMESPACE,
    ) -> Rendered:
        """Render a chart offline; raises `helm_python.HelmError` with what is wrong."""
        asked = json.dumps([chart, values, release, namespace], sort_keys=True)
        if asked not in self.known:
            self.known[asked] = self._render(chart, dict(values or {}), release, namespace)
        return self.known[asked]

    def _render(self, chart: str, values: dict[str, Any], release: str, namespace: str) -> Rendered:
        with helm_python.Chart.load(self.folder / chart) as loaded:
            files = loaded.render(values, name=release, namespace=namespace)
        documents = [
            text.strip("\n")
            for name, text in sorted(files.items())
            if name.endswith((".yaml", ".yml")) and text.strip()
        ]
        return Rendered("\n---\n".join(documents) + "\n")

    def refusal(self, chart: str, values: Mapping[str, Any]) -> str:
        """What Helm says of values that it does not take; fails when it takes them."""
        try:
            self.render(chart, values)
        except helm_python.HelmError as error:
            return str(error)
        raise AssertionError(f"{chart} takes {dict(values)}")


def labels_match(selector: Mapping[str, Any], labels: Mapping[str, str]) -> bool:
    """Whether a selector of labels, as Kubernetes has it, chooses an object with these labels."""
    wanted = selector.get("matchLabels") or {}
    if any(labels.get(key) != value for key, value in wanted.items()):
        return False
    return all(
        _meets(expression, labels.get(expression["key"]))
        for expression in selector.get("matchExpressions") or ()
    )


def _meets(expression: Mapping[str, Any], value: str | None) -> bool:
    operator, values = expression["operator"], expression.get("values") or []
    if operator == "In":
        return value in values
    if operator == "NotIn":
        return value not in values
    if operator == "Exists":
        return value is not None
    return value is None
