"""The umbrella: all parts in one release, that fit together in every environment."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import helm_python
import pytest
import yaml

from rapport_local.services import SERVICES
from tests.architecture.sources import ROOT

from .calls import Network, Pod
from .environments import LAYERS, values_of
from .rendering import NAMESPACE, Charts, Object, Rendered
from .test_network import expected_calls
from .validation import OLDEST, wrong

PARTS = {"common", "gateway", "nats", "portal", "postgres"}
LONG = "a-release-with-a-name-that-is-as-long-as-helm-takes-it"[:53]  # Helm's bound is 53


@pytest.fixture(params=LAYERS)
def rendered(charts: Charts, request: pytest.FixtureRequest) -> Rendered:
    """The umbrella in each environment."""
    return charts.render("rapport", values_of(request.param))


@pytest.fixture
def evaluation(charts: Charts) -> Rendered:
    """The umbrella as it is."""
    return charts.render("rapport")


def test_the_umbrella_has_every_service_and_what_it_stands_on(charts: Charts) -> None:
    about = yaml.safe_load((charts.folder / "rapport" / "Chart.yaml").read_text())
    names = [one["name"] for one in about["dependencies"]]
    assert sorted(names) == sorted(PARTS | {one.name for one in SERVICES})
    assert set(names) | {"rapport"} == {*charts.names(), "common"}
    values = yaml.safe_load((charts.folder / "rapport" / "values.yaml").read_text())
    for one in about["dependencies"]:
        assert one["name"] == "common" or one["condition"] == f"{one['name']}.enabled"
        assert one["name"] == "common" or values[one["name"]]["enabled"] is True
        own = yaml.safe_load((charts.folder / one["name"] / "Chart.yaml").read_text())
        assert one["version"] == own["version"], one["name"]


def test_helm_finds_nothing_wrong(charts: Charts) -> None:
    report = helm_python.lint(charts.folder / "rapport", {}, strict=True, kube_version=f"v{OLDEST}")
    assert [one for one in report["messages"] if one["severity"] > 1] == []


def test_kubernetes_takes_every_object_of_every_environment(rendered: Rendered) -> None:
    assert rendered.of("Deployment")
    assert wrong(rendered) == []


def test_no_two_objects_have_one_name(rendered: Rendered) -> None:
    names = [(one["kind"], one["metadata"]["name"]) for one in rendered.objects]
    assert len(names) == len(set(names))


def test_two_platforms_in_one_namespace_keep_apart(charts: Charts) -> None:
    both = [charts.render("rapport", release=name) for name in ("rapport", LONG)]
    names = [
        {(one["kind"], one["metadata"]["name"]) for one in rendered.objects} for rendered in both
    ]
    assert names[0].isdisjoint(names[1])
    assert wrong(both[1]) == []
    # References lead to the release's own objects under a name that was cut, too.
    assert dangling(both[1]) == set()
    networks = [Network.of(rendered) for rendered in both]
    together = Network.of(*both).calls()
    assert together == networks[0].calls() | networks[1].calls()


def test_everything_that_is_referred_to_comes_with_an_evaluation(evaluation: Rendered) -> None:
    assert dangling(evaluation) == set()


def references(rendered: Rendered) -> Iterator[tuple[str, str, str | None]]:
    """Kind, name and key of every object that a pod takes something from."""
    for _, container in rendered.containers():
        for entry in container.get("env", ()):
            found = entry.get("valueFrom", {}).get("secretKeyRef")
            if found:
                yield "Secret", found["name"], found["key"]
        for source in container.get("envFrom", ()):
            yield "ConfigMap", source["configMapRef"]["name"], None
    for _, pod in rendered.pods():
        for volume in pod["spec"]["volumes"]:
            for source in [volume, *volume.get("projected", {}).get("sources", ())]:
                for item in source.get("configMap", {}).get("items", ()):
                    yield "ConfigMap", source["configMap"]["name"], item["key"]


def dangling(rendered: Rendered) -> set[tuple[str, str, str | None]]:
    """References that lead to nothing in the release."""
    there = {
        (one["kind"], one["metadata"]["name"]): one.get("data", {})
        for one in rendered.of("Secret", "ConfigMap")
    }
    return {
        (kind, name, key)
        for kind, name, key in references(rendered)
        if (kind, name) not in there or (key and key not in there[kind, name])
    }


def test_calls_are_those_of_the_platform_and_no_others(evaluation: Rendered) -> None:
    network = Network.of(
        evaluation,
        neighbours=[
            Pod("prometheus", {}, {}, namespace="monitoring"),
            Pod("dns", {"k8s-app": "kube-dns"}, {"dns": 53}, namespace="kube-system"),
            Pod("stranger", {}, {}),
        ],
    )
    own = {"gateway -> ": "gateway/proxy -> "}
    servers = {"postgres sql": "postgres/server postgres", "nats clients": "nats/server client"}
    servers["nats monitor"] = "nats/server monitor"
    expected = set()
    for call in expected_calls():
        for before, after in {**own, **{f"-> {k}": f"-> {v}" for k, v in servers.items()}}.items():
            call = call.replace(before, after)  # noqa: PLW2901
        expected.add(call)
    anybody = {pod.name for pod in network.pods if not network.is_shut(pod)} | {"gateway/proxy"}
    assert network.calls() == expected | {
        "gateway/proxy -> dns dns",
        "nats/server -> dns dns",
        "nats/server -> nats/server cluster",
        "prometheus -> gateway/proxy metrics",
        "prometheus -> nats/server monitor",
        *(f"{one} -> gateway/proxy web" for one in anybody - {"gateway/proxy"}),
        *(f"{one} -> dns dns" for one in anybody - {"gateway/proxy"}),
    }


def test_every_port_is_named_in_a_policy(evaluation: Rendered) -> None:
    network = Network.of(evaluation)
    for pod in network.pods:
        assert network.is_shut(pod), pod.name
    named = {
        (one["spec"]["podSelector"]["matchLabels"]["app.kubernetes.io/name"], port["port"])
        for one in network.policies
        for rule in one["spec"].get("ingress", ())
        for port in rule["ports"]
    }
    for pod in network.pods:
        for port in pod.ports.values():
            assert (pod.labels["app.kubernetes.io/name"], port) in named, pod.name


def test_every_container_of_every_environment_has_bounds_and_can_do_little(
    rendered: Rendered,
) -> None:
    for where, container in rendered.containers():
        assert container["resources"]["limits"].keys() == {"cpu", "memory"}, where
        assert container["resources"]["requests"].keys() == {"cpu", "memory"}, where
        security = container["securityContext"]
        assert security["allowPrivilegeEscalation"] is False, where
        assert security["readOnlyRootFilesystem"] is True, where
        assert security["capabilities"] == {"drop": ["ALL"]}, where
    for where, pod in rendered.pods():
        spec = pod["spec"]
        assert spec["securityContext"]["runAsNonRoot"] is True, where
        assert spec["securityContext"]["runAsUser"] > 0, where
        assert spec["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}, where
        assert spec["automountServiceAccountToken"] is False, where
        assert spec["enableServiceLinks"] is False, where


def test_every_server_is_probed_in_three_ways(rendered: Rendered) -> None:
    probes = ("startupProbe", "livenessProbe", "readinessProbe")
    for one in rendered.of("Deployment", "StatefulSet"):
        for container in one["spec"]["template"]["spec"]["containers"]:
            assert all(probe in container for probe in probes), one["metadata"]["name"]


def test_only_an_evaluation_makes_secrets(charts: Charts) -> None:
    for environment in LAYERS:
        made = charts.render("rapport", values_of(environment)).of("Secret")
        assert bool(made) == (environment == "evaluation"), environment


def test_selectors_are_the_same_in_every_environment(charts: Charts) -> None:
    """They are immutable, and whoever outgrows an evaluation upgrades the release."""
    seen: dict[tuple[str, str], Object] = {}
    for environment in LAYERS:
        for one in charts.render("rapport", values_of(environment)).of("Deployment", "StatefulSet"):
            key = (one["kind"], one["metadata"]["name"])
            selector = one["spec"]["selector"]
            assert seen.setdefault(key, selector) == selector
            assert selector["matchLabels"].keys() <= {
                "app.kubernetes.io/name",
                "app.kubernetes.io/instance",
                "app.kubernetes.io/component",
            }


def test_routes_of_the_gateway_api_lead_to_the_gateway_that_is_made(charts: Charts) -> None:
    rendered = charts.render("rapport", values_of("production by the Gateway API"))
    (gateway,) = rendered.of("Gateway")
    routes = rendered.of("HTTPRoute")
    assert {ref["name"] for one in routes for ref in one["spec"]["parentRefs"]} == {
        gateway["metadata"]["name"]
    }
    services = {one["metadata"]["name"]: one for one in rendered.of("Service")}
    backends = {b["name"] for one in routes for r in one["spec"]["rules"] for b in r["backendRefs"]}
    assert backends <= services.keys()
    assert backends >= {f"rapport-{one.name}" for one in SERVICES} | {"rapport-portal"}
    assert not [one for one in rendered.of("Deployment") if "gateway" in one["metadata"]["name"]]


@pytest.mark.parametrize(
    ("values", "complaint"),
    [
        ({"sales": {"enabled": False}}, "gateway.services names sales, which is not installed"),
        (
            {"gateway": {"services": ["identity"], "streams": []}},
            "gateway.services does not name contacts, which is installed",
        ),
        (
            {"portal": {"documents": ["identity"]}},
            "portal.documents does not name contacts, which is installed",
        ),
        (
            {"nats": {"replicas": 1}},
            "global.rapport.nats.streamReplicas is 3, and there are 1 servers",
        ),
        ({"contcts": {"replicas": 2}}, "at '/contcts': missing property 'enabled'"),
        ({"global": {"rapport": {"publicUrl": "crm.example"}}}, "publicUrl"),
        ({"gatewayApi": {"enabled": True, "className": "envoy"}}, "at '/gatewayApi/tlsSecretName'"),
        ({"secrets": {"generated": True}}, "additional properties 'generated' not allowed"),
    ],
)
def test_a_wrong_value_is_refused_and_named(
    charts: Charts, values: dict[str, Any], complaint: str
) -> None:
    assert complaint in charts.refusal("rapport", values)


def test_a_service_can_be_left_out(charts: Charts) -> None:
    others = [one.name for one in SERVICES if one.name != "sales"]
    rendered = charts.render(
        "rapport",
        {
            "sales": {"enabled": False},
            "gateway": {"services": others},
            "portal": {"documents": others},
        },
    )
    names = {one["metadata"]["name"] for one in rendered.objects}
    assert not {name for name in names if name.startswith("rapport-sales")}
    assert dangling(rendered) == set()
    # The broker still knows its user, so the password is there for the day when it comes.
    assert "sales" in rendered.named("Secret", "rapport-nats")["data"]


@pytest.mark.parametrize(("certificate", "port"), [("", 80), ("outer", 443)])
def test_what_is_said_after_the_installation_names_what_there_is(
    charts: Charts, certificate: str, port: int
) -> None:
    values = {"gateway": {"tls": {"secretName": certificate}}}
    with helm_python.Chart.load(charts.folder / "rapport") as chart:
        said = chart.render(values, name="demo", namespace=NAMESPACE)["rapport/templates/NOTES.txt"]
    rendered = charts.render("rapport", values, release="demo")
    assert "deployment/demo-identity-api" in said
    assert rendered.named("Deployment", "demo-identity-api")
    assert f"service/demo-gateway 8080:{port}\n" in said
    assert rendered.named("Service", "demo-gateway")["spec"]["ports"][0]["port"] == port


def test_an_evaluation_fits_where_the_guide_says(charts: Charts) -> None:
    rendered = charts.render("rapport", values_of("evaluation"))
    asked = [
        (copies, container["resources"]["requests"])
        for one in rendered.of("Deployment", "StatefulSet")
        for copies in [one["spec"]["replicas"]]
        for container in one["spec"]["template"]["spec"]["containers"]
    ]
    cores = sum(copies * int(one["cpu"].removesuffix("m")) for copies, one in asked) / 1000
    gibibytes = sum(copies * int(one["memory"].removesuffix("Mi")) for copies, one in asked) / 1024
    guide = (ROOT / "docs" / "guides" / "deploy-to-a-cluster.md").read_text()
    assert "Needs some five gigabytes of memory, two cores" in guide
    # A cluster's own parts need something too.
    assert cores <= 1.5
    assert gibibytes <= 4.5
