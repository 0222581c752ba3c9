"""What `make charts` makes: an archive of each chart that needs nothing beside it, put together by Helm itself."""

from __future__ import annotations

from pathlib import Path

import helm_python
import pytest

from deploy.tools.charts.building import in_order, packaged
from tests.architecture.sources import ROOT

from .rendering import NAMESPACE, RELEASE, Charts


@pytest.fixture(scope="module")
def archives(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """The archive of each chart, by the chart's name."""
    folder = tmp_path_factory.mktemp("archives")
    made = packaged(ROOT, folder / "work", folder / "dist")
    return {path.name.rpartition("-")[0]: path for path in made}


def test_every_chart_but_the_library_has_an_archive(
    charts: Charts, archives: dict[str, Path]
) -> None:
    assert sorted(archives) == charts.names()


@pytest.mark.parametrize("name", ["contacts", "portal", "rapport"])
def test_an_archive_installs_what_its_chart_does(
    charts: Charts, archives: dict[str, Path], name: str
) -> None:
    with helm_python.Chart.load(archives[name]) as chart:
        files = chart.render({}, name=RELEASE, namespace=NAMESPACE)
    text = "\n---\n".join(
        text.strip("\n")
        for path, text in sorted(files.items())
        if path.endswith(".yaml") and text.strip()
    )
    kept = charts.render(name).objects
    assert text.count("\nkind: ") >= len(kept)
    if name != "rapport":  # whose secrets are made up anew each time
        assert f"{text}\n" == charts.render(name).text


def test_an_archive_explains_itself(archives: dict[str, Path]) -> None:
    with helm_python.Chart.load(archives["contacts"]) as chart:
        assert chart.schema is not None
        assert any(file["name"] == "README.md" for file in chart.files)


def test_charts_come_after_those_that_they_stand_on(tmp_path: Path) -> None:
    for name, needs in (("a", "b"), ("b", "c"), ("c", "")):
        (tmp_path / name).mkdir()
        text = f"name: {name}\ndependencies: [{f'{{name: {needs}}}' if needs else ''}]\n"
        (tmp_path / name / "Chart.yaml").write_text(text, encoding="utf-8")
    assert in_order(tmp_path) == ["c", "b", "a"]
    (tmp_path / "c/Chart.yaml").write_text("name: c\ndependencies: [{name: a}]\n", encoding="utf-8")
    with pytest.raises(ValueError, match="in a circle: a, b, c"):
        in_order(tmp_path)
