"""How objects are called, and that the parts of a platform find each other however they are installed."""

from __future__ import annotations

import re
from typing import Any

import pytest

from .cases import EVERYTHING_ON, SERVICE_CHARTS
from .rendering import Charts, Rendered

LONGEST_RELEASE = "a-release-whose-name-has-all-the-characters-it-may-ha"
LABEL = re.compile(r"[a-z]([-a-z0-9]{0,61}[a-z0-9])?")
VALUE = re.compile(r"([A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?)?")


def names(rendered: Rendered) -> set[tuple[str, str]]:
    """The kind and the name of every object."""
    return {(one["kind"], one["metadata"]["name"]) for one in rendered.objects}


@pytest.mark.parametrize("name", SERVICE_CHARTS)
@pytest.mark.parametrize("hooks", ["pre-install,pre-upgrade", ""])
def test_names_and_labels_are_short_enough_however_long_the_release(
    charts: Charts, name: str, hooks: str
) -> None:
    assert len(LONGEST_RELEASE) == 53, "Helm takes no longer one"
    values = {"prepare": {"hooks": hooks}, "image": {"tag": "1.0.0-" + "x" * 100}}
    rendered = charts.render(name, values, release=LONGEST_RELEASE)
    for one in rendered.objects:
        assert LABEL.fullmatch(one["metadata"]["name"]), one["metadata"]["name"]
        for value in one["metadata"]["labels"].values():
            assert VALUE.fullmatch(value), value


def test_long_names_that_begin_alike_stay_apart(charts: Charts) -> None:
    one, other = (
        names(charts.render("contacts", release=f"{LONGEST_RELEASE[:51]}-{end}")) for end in "ab"
    )
    assert one.isdisjoint(other)


def test_two_releases_in_one_namespace_share_nothing(charts: Charts) -> None:
    one, other = (charts.render("contacts", EVERYTHING_ON, release=name) for name in ("a", "b"))
    extra = {("ConfigMap", "two")}
    assert names(one) & names(other) == extra
    for rendered, own in ((one, "a-"), (other, "b-")):
        (data,) = (
            entry["data"]
            for entry in rendered.of("ConfigMap")
            if entry["metadata"]["name"] == f"{own}contacts"
        )
        assert data["RAPPORT_IDENTITY_GRPC"] == f"{own}identity-grpc:8081"


@pytest.mark.parametrize(
    ("release", "values", "platform"),
    [
        ("rapport", {}, "rapport"),
        ("contacts", {}, "rapport"),
        ("staging-contacts", {}, "staging"),
        ("anything", {"platform": "crm"}, "crm"),
        ("anything", {"global": {"rapport": {"platform": "crm"}}}, "crm"),
    ],
)
def test_the_platform_follows_from_the_release_unless_it_is_said(
    charts: Charts, release: str, values: dict[str, Any], platform: str
) -> None:
    rendered = charts.render("contacts", values, release=release)
    data = rendered.named("ConfigMap", f"{platform}-contacts")["data"]
    assert data["RAPPORT_JWKS_URL"] == f"http://{platform}-identity:8080/.well-known/jwks.json"
    assert data["RAPPORT_NATS_URL"] == f"nats://{platform}-nats:4222"


def test_every_address_that_services_are_given_is_a_service_of_the_others(charts: Charts) -> None:
    rendered = [charts.render(name, release=name) for name in SERVICE_CHARTS]
    offered = {
        f"{one['metadata']['name']}:{port['port']}"
        for each in rendered
        for one in each.of("Service")
        for port in one["spec"]["ports"]
    }
    given = {
        address
        for each in rendered
        for one in each.of("ConfigMap")
        for key, value in one["data"].items()
        if key.endswith(("_GRPC", "JWKS_URL", "_SERVICES"))
        for address in re.findall(r"[\w-]+:\d+", value)
    }
    assert given
    assert given <= offered


def test_callers_of_grpc_see_each_pod(charts: Charts) -> None:
    service = charts.render("identity").named("Service", "rapport-identity-grpc")
    assert service["spec"]["clusterIP"] == "None"


def test_values_said_for_all_services_lie_under_those_of_one(charts: Charts) -> None:
    everywhere = {
        "image": {"registry": "mirror.example", "pullPolicy": "Always"},
        "roleDefaults": {"replicas": 1, "autoscaling": {"enabled": False}},
        "network": {"enabled": False},
    }
    values = {
        "global": {"rapport": everywhere},
        "image": {"pullPolicy": "Never"},
        "roles": {"worker": {"replicas": 4}},
    }
    rendered = charts.render("contacts", values)
    deployments = {one["metadata"]["name"]: one["spec"] for one in rendered.of("Deployment")}
    assert deployments["rapport-contacts-api"]["replicas"] == 1
    assert deployments["rapport-contacts-worker"]["replicas"] == 4
    for _, container in rendered.containers():
        assert container["image"] == "mirror.example/rapport/contacts:0.1.0"
        assert container["imagePullPolicy"] == "Never"
    assert rendered.of("NetworkPolicy") == []
