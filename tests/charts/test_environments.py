"""What staging and production stand on: names that one file says and another relies on are the same."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache
from typing import Any
from urllib.parse import urlsplit

import pytest
import yaml

from chassis.settings import ServiceSettings
from deploy.tools.charts.layout import read_yaml
from deploy.tools.cluster_databases import CLUSTER
from deploy.tools.cluster_secrets import ClusterSecrets
from tests.architecture.sources import ROOT

from .environments import FOLDER, LAYERS, values_of
from .rendering import Charts, Object
from .validation import NEWEST, OLDEST, problems_of

HELMFILE = FOLDER / "helmfile.yaml.gotmpl"
USERS = ROOT / "helm" / "nats" / "files" / "users.conf"
_ENVIRONMENT = "{{ .Environment.Name }}"
_USERS_READ = '{{- readFile "../../../helm/nats/files/users.conf" | nindent 8 }}'


@cache
def helmfile() -> dict[str, Any]:
    """All that the helmfile says; its only template is the name of the environment."""
    said: dict[str, Any] = {}
    for part in yaml.safe_load_all(HELMFILE.read_text()):
        said |= part
    return said


def releases() -> dict[str, Object]:
    """The releases, by their names."""
    return {one["name"]: one for one in helmfile()["releases"]}


@cache
def nats_values() -> dict[str, Any]:
    """The values of the official chart of NATS, with the file in them that they read."""
    text = (FOLDER / "values" / "nats.yaml.gotmpl").read_text()
    assert text.count(_USERS_READ) == 1
    indented = "".join(f"\n        {line}" for line in USERS.read_text().splitlines())
    values: dict[str, Any] = yaml.safe_load(text.replace(_USERS_READ, indented))
    return values


def test_every_release_names_a_chart_with_its_version_and_values_that_are_there() -> None:
    known = {one["name"] for one in helmfile()["repositories"]}
    used = set()
    for name, one in releases().items():
        files = [
            file.replace(_ENVIRONMENT, environment)
            for file in one["values"]
            for environment in helmfile()["environments"]
        ]
        assert files, name
        assert all((FOLDER / file).exists() for file in files), name
        if name != "rapport":
            used.add(one["chart"].partition("/")[0])
            assert re.fullmatch(r"v?\d+\.\d+\.\d+", one["version"]), name
    assert used == known


def test_no_file_of_values_is_used_by_nobody() -> None:
    there = {f"values/{path.name}" for path in (FOLDER / "values").iterdir()}
    assert there == {file for one in releases().values() for file in one["values"] if "/" in file}
    layers = {layer for names in LAYERS.values() for layer in names}
    assert {path.stem for path in FOLDER.glob("*.yaml")} == layers


def test_releases_wait_for_those_that_are_there() -> None:
    places = {f"{one['namespace']}/{name}" for name, one in releases().items()}
    needed = {need for one in releases().values() for need in one.get("needs", ())}
    assert needed < places


def test_the_platform_is_the_archive_that_is_packaged() -> None:
    about = read_yaml(ROOT / "helm" / "rapport" / "Chart.yaml")
    chart = (FOLDER / releases()["rapport"]["chart"]).resolve()
    assert chart == ROOT / "dist" / f"rapport-{about['version']}.tgz"


def test_the_broker_of_production_has_the_users_of_the_services() -> None:
    values = nats_values()
    held = values["configMap"]["merge"]["data"]["users.conf"]
    assert held.strip() == USERS.read_text().strip()
    assert values["config"]["merge"]["authorization"] == {"00$include": "users.conf"}
    assert values["config"]["jetstream"]["merge"] == {"sync_interval": "always"}
    variables = set(re.findall(r"\$(\w+_PASSWORD)", held))
    made = {
        one["metadata"]["name"]: one for one in ClusterSecrets("https://crm.example").manifests()
    }
    for part in ("container", "reloader"):
        (source,) = values[part]["merge"]["envFrom"]
        assert made[source["secretRef"]["name"]]["stringData"].keys() == variables


def test_the_broker_of_production_is_let_into_the_namespace() -> None:
    """The guide has the namespace take restricted pods only."""
    values = nats_values()
    spec = values["podTemplate"]["merge"]["spec"]["securityContext"]
    assert spec["runAsNonRoot"] is True
    assert spec["runAsUser"] > 0
    assert spec["seccompProfile"] == {"type": "RuntimeDefault"}
    for part in ("container", "reloader", "promExporter"):
        assert values[part]["merge"]["securityContext"] == {
            "allowPrivilegeEscalation": False,
            "capabilities": {"drop": ["ALL"]},
        }


@pytest.mark.parametrize("environment", ["staging", "production"])
def test_the_platform_finds_the_broker(environment: str) -> None:
    everywhere = values_of(environment)["global"]["rapport"]
    (name,) = (name for name, one in releases().items() if one["chart"] == "nats/nats")
    assert releases()[name]["namespace"] == releases()["rapport"]["namespace"]
    # The chart calls itself like a release whose name has its own in it; `nats.url` follows from the platform.
    assert name == "rapport-nats"
    assert urlsplit(everywhere["nats"]["monitorUrl"]).hostname == f"{name}-headless"
    (peer,) = everywhere["network"]["nats"]["to"]
    assert peer["podSelector"]["matchLabels"] == {"app.kubernetes.io/instance": name}
    assert everywhere["nats"]["streamReplicas"] == nats_values()["config"]["cluster"]["replicas"]


@pytest.mark.parametrize("environment", ["staging", "production"])
def test_the_platform_finds_the_collector(environment: str) -> None:
    host = urlsplit(
        values_of(environment)["global"]["rapport"]["telemetry"]["otlpEndpoint"]
    ).hostname
    assert host == "opentelemetry-collector.monitoring"
    name, namespace = host.split(".")
    assert releases()[name]["namespace"] == namespace
    common = read_yaml(ROOT / "helm" / "common" / "values.yaml")
    (peer,) = common["network"]["telemetry"]["to"]
    assert peer["namespaceSelector"]["matchLabels"] == {"kubernetes.io/metadata.name": namespace}


@pytest.mark.parametrize("environment", ["staging", "production"])
def test_the_platform_finds_the_database(environment: str) -> None:
    (peer,) = values_of(environment)["global"]["rapport"]["network"]["database"]["to"]
    assert peer["podSelector"]["matchLabels"] == {"cnpg.io/cluster": CLUSTER}
    manifests = yaml.safe_load_all((FOLDER / "manifests" / "postgres.yaml").read_text())
    names = {one["metadata"]["name"]: one for one in manifests if one and one["kind"] == "Cluster"}
    assert names.keys() == {CLUSTER}
    assert ClusterSecrets("https://crm.example").database_host == f"{CLUSTER}-rw"


def test_backups_go_to_the_store_that_is_named() -> None:
    text = (FOLDER / "manifests" / "postgres.yaml").read_text()
    objects = {one["kind"]: one for one in yaml.safe_load_all(text) if one}
    (plugin,) = objects["Cluster"]["spec"]["plugins"]
    store = objects["ObjectStore"]["metadata"]["name"]
    assert plugin["parameters"]["barmanObjectName"] == store
    assert plugin["isWALArchiver"] is True
    backup = objects["ScheduledBackup"]["spec"]
    assert backup["pluginConfiguration"]["name"] == plugin["name"]
    assert backup["cluster"]["name"] == objects["Cluster"]["metadata"]["name"]
    # Seconds, minutes, hours, day, month, weekday.
    assert len(backup["schedule"].split()) == 6


def test_the_priority_of_production_is_there_and_is_taken() -> None:
    made = read_yaml(FOLDER / "manifests" / "priority-class.yaml")
    wanted = values_of("production")["global"]["rapport"]["pods"]["priorityClassName"]
    assert made["metadata"]["name"] == wanted
    # Services must not displace what they stand on.
    assert nats_values()["podTemplate"]["merge"]["spec"]["priorityClassName"] == wanted
    text = (FOLDER / "manifests" / "postgres.yaml").read_text()
    (cluster,) = (one for one in yaml.safe_load_all(text) if one and one["kind"] == "Cluster")
    assert cluster["spec"]["priorityClassName"] == wanted
    assert [p for version in (OLDEST, NEWEST) for p in problems_of(made, version)] == []


@pytest.mark.parametrize("environment", ["staging", "production", "evaluation"])
def test_the_folder_that_desks_pods_share_is_there(environment: str) -> None:
    """Whoever writes a file and whoever reads it may be on different nodes, but for an evaluation."""
    values = read_yaml(ROOT / "helm" / "desk" / "values.yaml")
    (volume,) = values["pods"]["volumes"]
    if environment == "evaluation":
        (made,) = values_of(environment)["desk"]["extraObjects"]
        modes = ["ReadWriteOnce"]
    else:
        made = read_yaml(FOLDER / "manifests" / "desk-attachments.yaml")
        modes = ["ReadWriteMany"]
    assert made["metadata"]["name"] == volume["persistentVolumeClaim"]["claimName"]
    assert made["spec"]["accessModes"] == modes
    assert [p for version in (OLDEST, NEWEST) for p in problems_of(made, version)] == []


def test_an_evaluation_finds_room_where_the_guide_says(charts: Charts) -> None:
    """All at once, jobs included: they are what others wait for, and half of two cores is the cluster's own."""
    cores = memory = 0.0
    for where, pod in charts.render("rapport", values_of("evaluation")).pods():
        of_each = [
            max(
                _asked(pod["spec"].get("initContainers", ()), what),
                _asked(pod["spec"]["containers"], what),
            )
            for what in ("cpu", "memory")
        ]
        times = 3 if where == "StatefulSet/rapport-nats" else 1
        cores, memory = cores + times * of_each[0], memory + times * of_each[1]
    assert cores < 2 / 3
    assert memory < 5 * 1000**3
    guide = (ROOT / "docs" / "guides" / "deploy-to-a-cluster.md").read_text()
    assert "some five gigabytes of memory, two cores" in guide


def _asked(containers: Sequence[Object], what: str) -> float:
    """What containers request, in cores or bytes; those that come before others take turns."""
    units = {"m": 0.001, "Mi": 1024.0**2, "Gi": 1024.0**3, "": 1.0}
    amounts = []
    for one in containers:
        found = re.fullmatch(r"([\d.]+)(\w*)", str(one["resources"]["requests"][what]))
        assert found is not None
        amounts.append(float(found[1]) * units[found[2]])
    return sum(amounts)


def test_connections_of_all_pods_fit_into_the_server() -> None:
    """The most pods that production may scale to, with a pool each, and some left for the operator."""
    text = (FOLDER / "manifests" / "postgres.yaml").read_text()
    (cluster,) = (one for one in yaml.safe_load_all(text) if one and one["kind"] == "Cluster")
    most = int(cluster["spec"]["postgresql"]["parameters"]["max_connections"])
    values = values_of("production")
    shared = values["global"]["rapport"]["roleDefaults"]["autoscaling"]["max"]
    pods = 0
    for name in read_yaml(ROOT / "helm" / "gateway" / "values.yaml")["services"]:
        own = values.get(name, {}).get("roles", {})
        for role in read_yaml(ROOT / "helm" / name / "values.yaml")["roles"]:
            pods += own.get(role, {}).get("autoscaling", {}).get("max", shared)
    pool = int(ServiceSettings.model_fields["database_pool_size"].default)
    # As storage/database.py makes them: one for requests, one for work between tenants; and three for locks and news.
    each = pool + max(4, pool // 2) + 3
    assert pods * each < most - 20, f"{pods} pods"
    guide = (ROOT / "docs" / "guides" / "deploy-to-a-cluster.md").read_text()
    assert f"up to {each} connections" in guide
    assert f"`max_connections` ({most} in production)" in guide
