"""Renders that are kept as text, so that a change of a template is seen as what it changes: `python -m tests.charts.renders` renews them.

What selects the pods of a deployment can never be changed in a cluster, so that is kept apart, and not renewed: only what is new is added.
"""

from __future__ import annotations

import json
import sys
import tempfile
from pathlib import Path

from deploy.tools.charts.building import built
from tests.architecture.sources import ROOT
from tests.charts.cases import CASES
from tests.charts.rendering import Charts

FOLDER = Path(__file__).with_name("golden")
SELECTORS = FOLDER / "selectors.json"
KEPT = (
    ("contacts", "defaults"),
    ("notifications", "everything on"),
    ("portal", "defaults"),
)
"""A service like any other, one with all that there is, and one that is none."""


def path_of(chart: str, case: str) -> Path:
    """Where the render of a chart in a case is kept."""
    return FOLDER / f"{chart}-{case.replace(' ', '-')}.yaml"


def selectors(charts: Charts) -> dict[str, dict[str, str]]:
    """What each deployment and stateful set of every chart selects its pods by."""
    return {
        f"{chart} {one['kind']}/{one['metadata']['name']}": one["spec"]["selector"]["matchLabels"]
        for chart in charts.names()
        for one in charts.render(chart).of("Deployment", "StatefulSet")
    }


def released_selectors() -> dict[str, dict[str, str]]:
    """What selected them when they came to be."""
    kept: dict[str, dict[str, str]] = json.loads(SELECTORS.read_text(encoding="utf-8"))
    return kept


def renew(charts: Charts) -> None:
    """Write all renders anew, and add new selectors."""
    for chart, case in KEPT:
        text = charts.render(chart, CASES[case]).text
        path_of(chart, case).write_text(text, encoding="utf-8")
    known = released_selectors() if SELECTORS.exists() else {}
    lines = [
        f"{json.dumps(name)}: {json.dumps(labels)}"
        for name, labels in sorted((selectors(charts) | known).items())
    ]
    SELECTORS.write_text("{\n" + ",\n".join(lines) + "\n}\n", encoding="utf-8")


def main() -> int:
    """Renew what is kept of the charts as they are."""
    FOLDER.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as work:
        renew(Charts(built(ROOT, Path(work))))
    return 0


if __name__ == "__main__":
    sys.exit(main())
