"""Who may talk to whom: exactly the calls that the platform makes, and nobody else."""

from __future__ import annotations

from ipaddress import ip_network

import pytest

from deploy.tools.charts.layout import ServiceChart
from rapport_local.services import SERVICES
from tests.architecture.sources import ROOT, service_names

from .calls import NAME, PLATFORM, Network, Pod
from .cases import CASES, SERVICE_CHARTS
from .rendering import Charts, Rendered

SERVERS = {"postgres": {"sql": 5432}, "nats": {"clients": 4222, "monitor": 8222}}
METADATA = ("169.254.169.254", "fd00:ec2::254", "64:ff9b::a9fe:a9fe")


def neighbour(name: str, ports: dict[str, int] | None = None, *, platform: str = "rapport") -> Pod:
    """A pod of another part of the platform."""
    return Pod(name, {NAME: name, PLATFORM: platform}, ports or {})


@pytest.fixture(scope="module")
def releases(charts: Charts) -> list[Rendered]:
    """Every service in a release of its own, all of one platform."""
    return [charts.render(name, {}, release=name) for name in SERVICE_CHARTS]


@pytest.fixture(scope="module")
def network(releases: list[Rendered]) -> Network:
    """All services beside the gateway, the servers, Prometheus and some that have no business here."""
    return Network.of(
        *releases,
        neighbours=[
            neighbour("gateway"),
            *(neighbour(name, ports) for name, ports in SERVERS.items()),
            Pod("prometheus", {}, {}, namespace="monitoring"),
            Pod("dns", {"k8s-app": "kube-dns"}, {"dns": 53}, namespace="kube-system"),
            Pod("stranger", {}, {"http": 8080}),
            Pod("elsewhere", {NAME: "gateway", PLATFORM: "rapport"}, {}, namespace="other"),
            Pod("staging", {"rapport-asks-identity": "true", PLATFORM: "staging"}, {}),
            neighbour("staging-gateway", platform="staging"),
        ],
    )


def roles(service: str) -> list[str]:
    """The processes of a service."""
    return [f"{service}/{role}" for role in ServiceChart(ROOT, service).all_values["roles"]]


def expected_calls() -> set[str]:
    """What the platform is: who asks whom, and what surrounds the services."""
    calls = set()
    for service in SERVICES:
        prepare = f"{service.name}/prepare"
        for caller in roles(service.name):
            calls |= {f"{caller} -> {peer}/api grpc" for peer in service.asks}
            calls.add(f"{caller} -> identity/api http")  # the keys of tokens
        for caller in [*roles(service.name), prepare]:
            calls |= {f"{caller} -> {s} {port}" for s, ports in SERVERS.items() for port in ports}
            calls.add(f"{caller} -> dns dns")
        calls.add(f"portal/api -> {service.name}/api http")
        calls |= {f"prometheus -> {role} http" for role in roles(service.name)}
        calls.add(f"gateway -> {service.name}/api http")
        if service.streams:
            calls.add(f"gateway -> {service.name}/stream http")
    return calls | {
        "gateway -> portal/api http",
        "prometheus -> portal/api http",
        "portal/api -> dns dns",
    }


def test_services_make_and_take_the_calls_of_the_platform_and_no_others(network: Network) -> None:
    ours = {f"{service}/" for service in SERVICE_CHARTS}
    calls = {call for call in network.calls() if any(name in call for name in ours)}
    assert calls == expected_calls()


def test_every_pod_is_shut_and_every_port_is_named_in_a_policy(
    network: Network, releases: list[Rendered]
) -> None:
    pods = [pod for pod in network.pods if pod.name.partition("/")[0] in SERVICE_CHARTS]
    assert len(pods) > len(releases)
    named = {
        (one["spec"]["podSelector"]["matchLabels"][NAME], port["port"])
        for one in network.policies
        for rule in one["spec"].get("ingress", ())
        for port in rule["ports"]
    }
    for pod in pods:
        assert network.is_shut(pod), pod.name
        for port in pod.ports.values():
            assert (pod.labels[NAME], port) in named, pod.name


@pytest.mark.parametrize("name", SERVICE_CHARTS)
@pytest.mark.parametrize("case", ["defaults", "everything on"])
def test_no_pod_reaches_the_addresses_where_clouds_keep_credentials(
    charts: Charts, name: str, case: str
) -> None:
    network = Network.of(charts.render(name, CASES[case]))
    for pod in network.pods:
        for address in METADATA:
            for port in (80, 443, 587, 8080):
                assert not network.reaches(pod, address, port), pod.name


def test_only_who_calls_addresses_of_tenants_reaches_the_outside_and_nothing_inside(
    releases: list[Rendered],
) -> None:
    network = Network.of(*releases)
    outside = {pod.name for pod in network.pods if network.reaches(pod, "93.184.215.14", 443)}
    assert outside == {
        role for service in SERVICES if service.calls_outside for role in roles(service.name)
    }
    (worker,) = (pod for pod in network.pods if pod.name == "notifications/worker")
    for inside in ("10.96.0.1", "172.20.1.1", "192.168.1.1", "127.0.0.1", "fd00::1", "fe80::1"):
        assert not network.reaches(worker, inside, 443), inside
    assert network.reaches(worker, "2606:4700::1", 443)


def test_holes_in_a_network_are_within_it(releases: list[Rendered]) -> None:
    blocks = [
        peer["ipBlock"]
        for rendered in releases
        for one in rendered.of("NetworkPolicy")
        for rule in one["spec"].get("egress", ())
        for peer in rule.get("to", ())
        if "ipBlock" in peer
    ]
    assert blocks
    for block in blocks:
        whole = ip_network(block["cidr"])
        for hole in block.get("except", ()):
            assert ip_network(hole).version == whole.version
            assert ip_network(hole) != whole


def test_servers_elsewhere_are_let_through_where_the_values_name_them(charts: Charts) -> None:
    network = Network.of(charts.render("contacts", CASES["everything on"]))
    for pod in network.pods:
        assert network.reaches(pod, "192.0.2.10", 6432)
        assert not network.reaches(pod, "192.0.2.10", 5432)
        assert network.reaches(pod, "192.0.2.11", 4222)
        assert not network.reaches(pod, "192.0.2.12", 465), "contacts sends no mail"


def test_a_call_that_a_service_does_not_make_would_be_found(charts: Charts) -> None:
    others = [charts.render(name, {}, release=name) for name in service_names() if name != "sales"]
    silent, asking = (
        charts.render("sales", {"asks": asks}, release="sales")
        for asks in (["identity"], ["identity", "contacts"])
    )
    more = Network.of(*others, asking).calls() - Network.of(*others, silent).calls()
    assert more == {
        "sales/api -> contacts/api grpc",
        "sales/worker -> contacts/api grpc",
    }
