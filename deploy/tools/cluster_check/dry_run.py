"""Has a cluster say of every object of a release whether it would take it; nothing is changed there."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import helm_python
import yaml

from deploy.tools.cluster_check.kubectl import Kubectl

_AT_ONCE = 4


@dataclass(frozen=True)
class Verdict:
    """What the cluster says of one object."""

    name: str
    refused: str | None
    """Why it does not take it; None if it does."""


def rendered(
    chart: Path, values: Mapping[str, Any], release: str, namespace: str
) -> list[dict[str, Any]]:
    """All objects of a release, hooks included. Raises `helm_python.HelmError`."""
    with helm_python.Chart.load(chart) as loaded:
        files = loaded.render(dict(values), name=release, namespace=namespace)
    return [
        one
        for name, text in sorted(files.items())
        if name.endswith((".yaml", ".yml"))
        for one in yaml.safe_load_all(text)
        if one
    ]


def verdicts(kubectl: Kubectl, objects: Iterable[dict[str, Any]]) -> Iterator[Verdict]:
    """The cluster's word on each object, in order."""
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        yield from pool.map(lambda one: _verdict(kubectl, one), objects)


def _verdict(kubectl: Kubectl, one: dict[str, Any]) -> Verdict:
    answer = kubectl.ask(
        "apply",
        "--server-side",
        "--dry-run=server",
        "--validate=strict",
        "--field-manager=rapport-cluster-check",
        "--force-conflicts",
        "--filename=-",
        given=json.dumps(one),
    )
    name = f"{one['kind']}/{one['metadata']['name']}"
    return Verdict(name, None if answer.returncode == 0 else answer.stderr.strip())
