"""The environments that the checkout has values for, as whoever installs the umbrella lays them over each other."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from deploy.tools.charts.layout import overlaid, read_yaml
from tests.architecture.sources import ROOT

FOLDER = ROOT / "deploy" / "environments"
LAYERS = {
    "evaluation": ("evaluation",),
    "staging": ("staging",),
    "production": ("production",),
    "production behind an Ingress": ("production", "ingress"),
    "production by the Gateway API": ("production", "gateway-api"),
}


def values_of(environment: str) -> dict[str, Any]:
    """The values of an environment."""
    values: dict[str, Any] = {}
    for layer in LAYERS[environment]:
        values = overlaid(values, read_yaml(values_file(layer)))
    return values


def values_file(layer: str) -> Path:
    """The file of one layer."""
    return FOLDER / f"{layer}.yaml"
