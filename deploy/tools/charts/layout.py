"""Where the charts are, and which of them are those of services: whatever is made of the library's one template."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

LIBRARY = "common"
INCLUDE = '{{ include "common.service" . }}'


@dataclass(frozen=True)
class ServiceChart:
    """The chart of a service, or of the portal, in a checkout."""

    root: Path
    name: str

    @property
    def folder(self) -> Path:
        """Where it is."""
        return self.root / "helm" / self.name

    @property
    def values(self) -> dict[str, Any]:
        """What it says of itself."""
        return read_yaml(self.folder / "values.yaml")

    @property
    def all_values(self) -> dict[str, Any]:
        """Its values over those of the library, as its templates see them."""
        return overlaid(read_yaml(self.root / "helm" / LIBRARY / "values.yaml"), self.values)


def service_charts(root: Path) -> list[ServiceChart]:
    """The charts below `root` that include all of a service."""
    return [
        ServiceChart(root, path.parents[1].name)
        for path in sorted(root.glob("helm/*/templates/service.yaml"))
        if INCLUDE in path.read_text(encoding="utf-8")
    ]


def dependencies(chart: Path) -> list[str]:
    """The names of the charts that a chart's `Chart.yaml` says it stands on."""
    return [entry["name"] for entry in read_yaml(chart).get("dependencies", ())]


def read_yaml(path: Path) -> dict[str, Any]:
    """A file that holds a mapping."""
    content: dict[str, Any] = yaml.safe_load(path.read_text(encoding="utf-8")) or {}
    return content


def overlaid(under: dict[str, Any], over: dict[str, Any]) -> dict[str, Any]:
    """One mapping over another, as the template `common.overlay` does it."""
    result = dict(under)
    for key, value in over.items():
        below = result.get(key)
        if isinstance(value, dict) and isinstance(below, dict):
            result[key] = overlaid(below, value)
        else:
            result[key] = value
    return result
