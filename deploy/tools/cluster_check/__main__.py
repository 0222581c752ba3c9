"""`make cluster-check KUBECONFIG=…`: would this cluster take the platform, object by object; with INSTALL=1, does it run there."""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import httpx
from helm_python import HelmError

from deploy.demo.external_app import Refused
from deploy.tools.charts.building import built
from deploy.tools.charts.layout import overlaid, read_yaml, service_charts
from deploy.tools.cluster_check.dry_run import rendered, verdicts
from deploy.tools.cluster_check.installation import Installation
from deploy.tools.cluster_check.journey import JourneyFailed
from deploy.tools.cluster_check.kubectl import ClusterRefuses, Kubectl

ROOT = Path(__file__).resolve().parents[3]
EVALUATION = ROOT / "deploy" / "environments" / "evaluation.yaml"
RELEASE = "rapport"
OWN_NAMESPACE = "rapport-check"
"""Where the platform is installed for the check; must not be there yet."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Do what the arguments say: 0 if the cluster takes everything, 1 if not."""
    given = _arguments(arguments)
    values: dict[str, Any] = {}
    try:
        for path in given.values or [EVALUATION]:
            values = overlaid(values, read_yaml(path))
        with tempfile.TemporaryDirectory() as work:
            chart = built(ROOT, Path(work)) / RELEASE
            well = _dry_run(given, chart, values)
            if well and given.install:
                _install(given, chart, values)
    except (ClusterRefuses, JourneyFailed, HelmError, Refused, httpx.HTTPError, OSError) as error:
        sys.stderr.write(f"cluster-check: {error}\n")
        return 1
    return 0 if well else 1


def _arguments(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make cluster-check", description=__doc__)
    parser.add_argument("--kubeconfig", type=Path, required=True, help="how to reach the cluster")
    parser.add_argument(
        "--namespace", default="default", help="an existing one, for the dry run only"
    )
    parser.add_argument(
        "--values",
        type=Path,
        action="append",
        help="values of the chart rapport, later ones over earlier ones; an evaluation unless given",
    )
    parser.add_argument("--install", action="store_true", help="install it too, and use it")
    return parser.parse_args(arguments)


def _dry_run(given: argparse.Namespace, chart: Path, values: dict[str, Any]) -> bool:
    kubectl = Kubectl(given.kubeconfig, given.namespace)
    kubectl.run("version")  # one word if nobody answers, rather than one for each object
    objects = rendered(chart, values, RELEASE, given.namespace)
    refused = 0
    for verdict in verdicts(kubectl, objects):
        print(f"{'refused ' if verdict.refused else 'accepted'}  {verdict.name}", flush=True)
        if verdict.refused:
            refused += 1
            print(f"          {verdict.refused}", flush=True)
    print(f"{len(objects)} objects, {refused} of them refused")
    return not refused


def _install(given: argparse.Namespace, chart: Path, values: dict[str, Any]) -> None:
    Installation(
        chart,
        values,
        [one.name for one in service_charts(ROOT)],
        RELEASE,
        Kubectl(given.kubeconfig, OWN_NAMESPACE),
        print,
    ).check()


if __name__ == "__main__":
    sys.exit(main())
