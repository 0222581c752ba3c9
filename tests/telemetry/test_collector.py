"""The collector's configuration: whole, in the order that matters, and keeping what is worth it."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from deploy.observability.objectives import load_objectives
from tests.telemetry.expressions import OBSERVABILITY, ROOT

FILES = sorted((OBSERVABILITY / "collector").glob("*.yaml"))
GATEWAY, AGENTS = (
    OBSERVABILITY / "collector" / "config.yaml",
    OBSERVABILITY / "collector" / "agents.yaml",
)
_VARIABLE = re.compile(r"\$\{env:([A-Z_]+)\}")
_KINDS = ("receivers", "processors", "exporters")


def configuration(path: Path) -> dict[str, Any]:
    """One file."""
    loaded: dict[str, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))
    return loaded


def pipelines(path: Path) -> dict[str, dict[str, list[str]]]:
    """What goes through what."""
    found: dict[str, dict[str, list[str]]] = configuration(path)["service"]["pipelines"]
    return found


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_what_pipelines_name_is_there_and_what_is_there_is_used(path: Path) -> None:
    known = configuration(path)
    for kind in _KINDS:
        used = {name for pipeline in pipelines(path).values() for name in pipeline[kind]}
        assert used == set(known[kind]), kind
    assert set(known["service"]["extensions"]) == set(known["extensions"])


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_memory_is_bounded_first_and_batches_are_made_last(path: Path) -> None:
    for name, pipeline in pipelines(path).items():
        assert pipeline["processors"][0] == "memory_limiter", name
        assert pipeline["processors"][-1] == "batch", name
    limiter = configuration(path)["processors"]["memory_limiter"]
    assert limiter["spike_limit_percentage"] < limiter["limit_percentage"] < 100


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_every_variable_is_explained(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    explained = {"MY_POD_IP", "RAPPORT_NAMESPACE"}  # the chart's, and plain
    comments = " ".join(line for line in text.splitlines() if line.startswith("#"))
    assert {name for name in _VARIABLE.findall(text) if name not in comments} <= explained


def test_traces_with_errors_are_kept_whatever_their_number() -> None:
    policies = {
        one["name"]: one
        for one in configuration(GATEWAY)["processors"]["tail_sampling"]["policies"]
    }
    assert policies["errors"]["status_code"]["status_codes"] == ["ERROR"]
    assert policies["a-few-of-all"]["probabilistic"]["sampling_percentage"] <= 10
    (slow, _) = policies["slow-requests"]["and"]["and_sub_policy"]
    promised = load_objectives().named("api-latency").within
    assert promised is not None
    assert slow["latency"]["threshold_ms"] == promised * 1000 * 2


def test_nothing_personal_leaves_the_collector() -> None:
    """Before traces are sampled, since nothing of them may be kept."""
    processors = configuration(GATEWAY)["processors"]
    deleted = {
        action["key"]
        for action in processors["attributes/no-personal-data"]["actions"]
        if action["action"] == "delete"
    }
    assert {"url.query", "client.address", "network.peer.address"} <= deleted
    order = pipelines(GATEWAY)["traces"]["processors"]
    for name in ("attributes/no-personal-data", "transform/no-queries"):
        assert order.index(name) < order.index("tail_sampling")


def test_all_spans_of_a_trace_reach_the_collector_that_samples_it() -> None:
    assert pipelines(AGENTS)["traces"]["exporters"] == ["loadbalancing"]
    assert configuration(AGENTS)["exporters"]["loadbalancing"]["routing_key"] == "traceID"


def test_logs_keep_their_trace_and_tenant() -> None:
    (group,) = configuration(GATEWAY)["processors"]["transform/logs"]["log_statements"]
    statements = " ".join(group["statements"])
    for name in ("trace_id", "tenant_id", "level", "service"):
        assert f'cache["{name}"]' in statements


def test_what_is_installed_on_every_node_keeps_as_little() -> None:
    """The helmfile's collector decides nothing for whole traces; in all else it does what the one here does."""
    values = configuration(
        ROOT / "deploy" / "environments" / "values" / "opentelemetry-collector.yaml"
    )
    installed, here = values["config"], configuration(GATEWAY)
    for name, processor in installed["processors"].items():
        assert processor == here["processors"][name], name
    for kind, pipeline in pipelines(GATEWAY).items():
        wanted = [one for one in pipeline["processors"] if one != "tail_sampling"]
        assert installed["service"]["pipelines"][kind]["processors"] == wanted
