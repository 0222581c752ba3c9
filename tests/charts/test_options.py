"""What charts offer beside the ordinary: routes by the Gateway API, scaling by lag, monitors, objects of one's own."""

from __future__ import annotations

import re

import pytest

from chassis.events.names import consumer_name, stream_name
from rapport_local.services import SERVICES, ServiceDefinition
from tests.architecture.sources import ROOT

from .cases import EVERYTHING_ON, SERVICE_CHARTS
from .rendering import Charts


@pytest.mark.parametrize("name", SERVICE_CHARTS)
def test_routes_by_the_gateway_api_have_the_paths_of_the_gateway(charts: Charts, name: str) -> None:
    rendered = charts.render(name, {"route": {"enabled": True, "parentRefs": [{"name": "public"}]}})
    offered = {
        (match["path"]["type"], match["path"]["value"], backend["name"])
        for route in rendered.of("HTTPRoute")
        for rule in route["spec"]["rules"]
        for match in rule["matches"]
        for backend in rule["backendRefs"]
    }
    assert offered == set(routed(name))
    services = {one["metadata"]["name"] for one in rendered.of("Service")}
    assert {service for _, _, service in offered} <= services


def routed(name: str) -> list[tuple[str, str, str]]:
    """What the gateway's file of a service leads there: which paths, to which of its Services."""
    text = (ROOT / f"gateway/routes/{name}.yml").read_text(encoding="utf-8")
    found = []
    for router in re.split(r"\n(?=    [a-z-]+:\n)", text):
        service = re.search(r"\n      service: (\S+)", router)
        if "parentRefs: [front]" not in router and "-stream\n" not in router:
            continue
        target = "stream" if service and service[1].endswith("-stream") else "api"
        own = f"rapport-{name}" + ("-stream" if target == "stream" else "")
        for kind, path in re.findall(r"\b(PathPrefix|Path)\(`(/[^`]*)`\)", router):
            if (kind, path, name) != ("PathPrefix", "/", "portal"):  # what nobody claims
                found.append(("Exact" if kind == "Path" else kind, path, own))
    return found


def test_a_stream_of_events_is_not_cut_off_by_the_gateway(charts: Charts) -> None:
    rendered = charts.render("notifications", EVERYTHING_ON)
    timeouts = {
        one["metadata"]["name"]: one["spec"]["rules"][0]["timeouts"]["request"]
        for one in rendered.of("HTTPRoute")
    }
    assert timeouts == {"rapport-notifications": "900s", "rapport-notifications-stream": "0s"}


@pytest.mark.parametrize("service", SERVICES, ids=lambda service: service.name)
def test_scaling_by_lag_asks_for_the_streams_and_consumers_that_there_are(
    charts: Charts, service: ServiceDefinition
) -> None:
    values = {"roles": {"worker": {"autoscaling": {"lag": {"enabled": True}, "max": 6}}}}
    rendered = charts.render(service.name, values)
    (scaled,) = rendered.of("ScaledObject")
    assert scaled["spec"]["scaleTargetRef"]["name"] == f"rapport-{service.name}-worker"
    assert scaled["spec"]["maxReplicaCount"] == 6
    asked = {
        (trigger["metadata"]["stream"], trigger["metadata"]["consumer"])
        for trigger in scaled["spec"]["triggers"]
        if trigger["type"] == "nats-jetstream"
    }
    assert asked == {
        (stream_name(producer), consumer_name(service.name, producer))
        for producer in service.consumes
    }
    others = {one["metadata"]["name"] for one in rendered.of("HorizontalPodAutoscaler")}
    assert f"rapport-{service.name}-worker" not in others
    assert f"rapport-{service.name}-api" in others


def test_the_monitor_of_the_broker_is_named_without_its_scheme(charts: Charts) -> None:
    (scaled, *_) = charts.render("sales", EVERYTHING_ON).of("ScaledObject")
    metadata = scaled["spec"]["triggers"][-1]["metadata"]
    assert metadata["natsServerMonitoringEndpoint"] == "nats.example:8222"
    assert metadata["useHttps"] == "true"


def test_a_pod_monitor_reads_every_role_and_no_job(charts: Charts) -> None:
    rendered = charts.render("notifications", EVERYTHING_ON)
    (monitor,) = rendered.of("PodMonitor")
    assert monitor["metadata"]["labels"]["release"] == "prometheus"
    # Rules and dashboards tell services apart by it (deploy/observability).
    assert monitor["spec"]["jobLabel"] == "app.kubernetes.io/name"
    (expression,) = monitor["spec"]["selector"]["matchExpressions"]
    assert expression["values"] == ["api", "stream", "worker"]
    ports = {port["name"] for _, one in rendered.containers() for port in one.get("ports", ())}
    assert monitor["spec"]["podMetricsEndpoints"][0]["port"] in ports


def test_objects_of_ones_own_come_along_and_may_use_templates(charts: Charts) -> None:
    rendered = charts.render("contacts", EVERYTHING_ON, release="crm")
    assert rendered.named("ConfigMap", "crm-one")
    assert rendered.named("ConfigMap", "two")["data"] == {"text": "a\nb"}


def test_pods_go_where_the_values_say(charts: Charts) -> None:
    for _, pod in charts.render("contacts", EVERYTHING_ON).pods():
        spec = pod["spec"]
        assert spec["priorityClassName"] == "business"
        assert spec["nodeSelector"] == {"kubernetes.io/arch": "amd64"}
        assert spec["imagePullSecrets"] == [{"name": "registry"}]
        assert pod["metadata"]["labels"]["team"] == "crm"
        volumes = [volume["name"] for volume in spec["volumes"]]
        assert volumes == ["tmp", "database-authority", "authorities", "forms"]


def test_authorities_of_ones_own_are_trusted_by_all_that_speaks_tls(charts: Charts) -> None:
    platform = {"pods": {"authorities": "trusted"}}
    trusting = {"global": {"rapport": platform}, "operator": {"enabled": True}}
    rendered = charts.render("rapport", trusting)
    variables = {one["metadata"]["name"]: one["data"] for one in rendered.of("ConfigMap")}
    for name in ("rapport-contacts", "rapport-notifications", "rapport-sales"):
        assert variables[name]["SSL_CERT_FILE"] == "/etc/authorities/ca.crt"
    told = {
        container["name"]
        for _, container in rendered.containers()
        if {"name": "SSL_CERT_FILE", "value": "/etc/authorities/ca.crt"} in container.get("env", ())
    }
    assert told == {"prepare", "rapport"}
    assert "SSL_CERT_FILE" not in str(charts.render("rapport").objects)
