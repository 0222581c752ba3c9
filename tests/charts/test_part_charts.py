"""What holds for the charts that are no service's: gateway, broker, database server and the umbrella."""

from __future__ import annotations

from typing import Any

import helm_python
import pytest
import yaml

from deploy.image.build import Origin, Wish, command, images
from tests.architecture.sources import ROOT

from .cases import SERVICE_CHARTS
from .rendering import Charts
from .test_umbrella import LONG
from .validation import OLDEST

PARTS = ["gateway", "nats", "postgres", "rapport"]
AT_ONCE = {"resources", "parameters"}
"""Values that are given at once."""


def leaves(values: dict[str, Any], above: str = "") -> list[str]:
    """The path of every value."""
    found: list[str] = []
    for key, value in values.items():
        path = f"{above}{key}"
        if isinstance(value, dict) and value and key not in AT_ONCE:
            found += leaves(value, f"{path}.")
        else:
            found.append(path)
    return found


def test_every_chart_is_a_services_or_known_here(charts: Charts) -> None:
    assert sorted(charts.names()) == sorted([*SERVICE_CHARTS, *PARTS])


@pytest.mark.parametrize("name", PARTS)
def test_the_readme_names_every_value(charts: Charts, name: str) -> None:
    values = yaml.safe_load((charts.folder / name / "values.yaml").read_text())
    readme = (charts.folder / name / "README.md").read_text()
    assert [path for path in leaves(values) if f"`{path}`" not in readme] == []


@pytest.mark.parametrize("name", PARTS)
def test_helm_finds_nothing_wrong(charts: Charts, name: str) -> None:
    report = helm_python.lint(charts.folder / name, {}, strict=True, kube_version=f"v{OLDEST}")
    assert [one for one in report["messages"] if one["severity"] > 1] == []


@pytest.mark.parametrize("name", PARTS)
def test_the_oldest_kubernetes_is_the_one_that_is_checked(charts: Charts, name: str) -> None:
    about = yaml.safe_load((charts.folder / name / "Chart.yaml").read_text())
    assert about["kubeVersion"] == f">={OLDEST.removesuffix('.0')}.0-0"


@pytest.mark.parametrize("name", PARTS)
def test_a_long_name_of_a_release_fits(charts: Charts, name: str) -> None:
    release = LONG
    for one in charts.render(name, release=release).objects:
        assert len(one["metadata"]["name"]) <= 63, one["metadata"]["name"]


def test_charts_look_for_the_images_that_are_built(charts: Charts) -> None:
    wish = Wish.read({"BASE": f"python@sha256:{'0' * 64}", "REGISTRY": "registry.example"}, "1.2.3")
    origin = Origin("abc", "2026-11-28T00:00:00Z", "")
    made = {
        word.removeprefix("--tag=")
        for image in images(ROOT).values()
        for word in command("docker", image, wish, origin, "1.2.3")
        if word.startswith("--tag=")
    }
    everywhere = {"image": {"registry": "registry.example", "tag": "1.2.3"}}
    rendered = charts.render("rapport", {"global": {"rapport": everywhere}})
    named = {one["image"] for _, one in rendered.containers() if "/rapport/" in one["image"]}
    assert named == made - {"registry.example/rapport/operator:1.2.3"}
