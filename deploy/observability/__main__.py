"""Writes the Prometheus rules and the Grafana dashboards that deployments install: `make observability`.

`--manifests` prints them as objects of a cluster instead: `… --manifests | kubectl apply -n rapport -f -`.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from deploy.observability.board_files import all_dashboards
from deploy.observability.manifests import manifests
from deploy.observability.objectives import load_objectives
from deploy.observability.rule_groups import RUNBOOKS, alert_groups, objective_groups

HERE = Path(__file__).resolve().parent
_MADE = "# Made by `make observability` of objectives.yaml and alerts.yaml; do not edit.\n"


class _Folded(yaml.SafeDumper):
    """Writes texts of several lines as such."""


def _text(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    style = "|" if "\n" in text else None
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=style)


_Folded.add_representer(str, _text)


def made(runbooks: str = RUNBOOKS) -> dict[Path, str]:
    """All files that are made, with what is in them; `runbooks` is where alerts lead to."""
    objectives = load_objectives()
    files = {
        HERE / "rules" / "objectives.yaml": _rules(objective_groups(objectives, runbooks)),
        HERE / "rules" / "alerts.yaml": _rules(alert_groups(objectives, runbooks)),
    }
    for name, dashboard in all_dashboards(objectives).items():
        text = json.dumps(dashboard, indent=1, sort_keys=True, ensure_ascii=False)
        files[HERE / "dashboards" / f"{name}.json"] = f"{text}\n"
    return files


def _rules(groups: list[Mapping[str, Any]]) -> str:
    body = yaml.dump({"groups": groups}, Dumper=_Folded, sort_keys=False, width=10_000)
    return _MADE + body


def main() -> None:
    """Write what is not as it should be, or print objects."""
    given = _arguments()
    files = made(given.runbooks)
    if given.manifests:
        labels = dict(label.split("=", 1) for label in given.rule_label)
        print(yaml.dump_all(manifests(files, labels), Dumper=_Folded, sort_keys=False), end="")
        return
    for path, text in files.items():
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            path.write_text(text, encoding="utf-8")
            print(f"wrote {path.relative_to(HERE)}")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="deploy.observability", description=__doc__)
    parser.add_argument(
        "--runbooks", default=RUNBOOKS, help="the address below which your runbooks are"
    )
    parser.add_argument("--manifests", action="store_true", help="print objects of a cluster")
    parser.add_argument(
        "--rule-label",
        action="append",
        default=[],
        metavar="NAME=VALUE",
        help="what your Prometheus selects rules by",
    )
    return parser.parse_args()


if __name__ == "__main__":
    main()
