"""Rules and dashboards as objects of a cluster, for Prometheus' operator and Grafana's sidecar."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml

from deploy.observability.panels import TAGS

_LABELS = {"app.kubernetes.io/part-of": "rapport", "app.kubernetes.io/component": "observability"}
_FOUND_BY_GRAFANA = {"grafana_dashboard": "1"}


def manifests(
    files: Mapping[Path, str], rule_labels: Mapping[str, str]
) -> Iterator[dict[str, Any]]:
    """A PrometheusRule for each file of rules, a ConfigMap for each dashboard.

    `rule_labels` are what the installed Prometheus selects rules by, if it does: `release: prometheus`.
    """
    for path, text in files.items():
        if path.suffix == ".yaml":
            yield _object(
                "monitoring.coreos.com/v1",
                "PrometheusRule",
                path.stem,
                rule_labels,
                spec=yaml.safe_load(text),
            )
        else:
            name = f"dashboard-{path.stem}"
            content = {f"{TAGS[0]}-{path.name}": text}
            yield _object("v1", "ConfigMap", name, _FOUND_BY_GRAFANA, data=content)


def _object(
    version: str, kind: str, name: str, labels: Mapping[str, str], **content: Any
) -> dict[str, Any]:
    metadata = {"name": f"rapport-{name}", "labels": {**_LABELS, **labels}}
    return {"apiVersion": version, "kind": kind, "metadata": metadata, **content}
