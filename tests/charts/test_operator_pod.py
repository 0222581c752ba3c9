"""The pod in which an operator runs the command `rapport`: reaches what it looks after, and ends when it is told to."""

from __future__ import annotations

import signal
import subprocess
import sys

import pytest

from rapport_local.services import SERVICES

from .calls import Network
from .rendering import Charts
from .test_umbrella import dangling
from .validation import wrong


def test_an_operators_pod_reaches_what_it_looks_after_and_nobody_reaches_it(
    charts: Charts,
) -> None:
    rendered = charts.render("rapport", {"operator": {"enabled": True}})
    assert wrong(rendered) == []
    assert dangling(rendered) == set()
    before, after = Network.of(charts.render("rapport")).calls(), Network.of(rendered).calls()
    reached = {call for call in after - before if call.startswith("operator/shell -> ")}
    assert after - before == reached
    parts = {
        f"operator/shell -> {one.name}/{role} http"
        for one in SERVICES
        for role in ("api", "worker")
    } | {"operator/shell -> notifications/stream http"}
    assert reached > parts | {
        "operator/shell -> identity/api grpc",
        "operator/shell -> gateway/proxy web",
        "operator/shell -> nats/server client",
        "operator/shell -> nats/server monitor",
        "operator/shell -> postgres/server postgres",
    }
    spec = rendered.named("Deployment", "rapport-operator")["spec"]["template"]["spec"]
    (secret,) = (one["secret"] for one in spec["volumes"] if "secret" in one)
    made = rendered.named("Secret", secret["secretName"])
    assert made["data"].keys() == {"deployment.json"}


def test_the_operators_pod_waits_until_it_is_told_to_end(charts: Charts) -> None:
    rendered = charts.render("rapport", {"operator": {"enabled": True}})
    spec = rendered.named("Deployment", "rapport-operator")["spec"]["template"]["spec"]
    _, *words = spec["containers"][0]["command"]
    # Blocked from the start, so that a signal that comes early waits as well.
    signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGTERM])
    try:
        process = subprocess.Popen([sys.executable, *words])
    finally:
        signal.pthread_sigmask(signal.SIG_UNBLOCK, [signal.SIGTERM])
    with process:
        with pytest.raises(subprocess.TimeoutExpired):
            process.wait(1)
        process.send_signal(signal.SIGTERM)
        assert process.wait(20) == 0


def test_the_operators_pod_has_the_disks_and_the_image_that_it_is_given(charts: Charts) -> None:
    digest = f"sha256:{'0' * 64}"
    rendered = charts.render(
        "rapport",
        {
            "global": {"rapport": {"image": {"registry": "registry.example", "tag": "1.2.3"}}},
            "operator": {
                "enabled": True,
                "image": {"digest": digest},
                "volumes": [{"name": "backups", "persistentVolumeClaim": {"claimName": "it"}}],
                "mounts": [{"name": "backups", "mountPath": "/backups"}],
            },
        },
    )
    assert wrong(rendered) == []
    spec = rendered.named("Deployment", "rapport-operator")["spec"]["template"]["spec"]
    (container,) = spec["containers"]
    assert container["image"] == f"registry.example/rapport/operator@{digest}"
    assert {"name": "backups", "mountPath": "/backups"} in container["volumeMounts"]
    assert {"tmp", "deployment", "backups"} == {one["name"] for one in spec["volumes"]}


def test_who_has_signed_the_databases_certificate_is_known_to_whoever_connects(
    charts: Charts,
) -> None:
    database = {"authoritySecretName": "rapport-database-ca"}
    given = {"global": {"rapport": {"database": database}}, "operator": {"enabled": True}}
    rendered = charts.render("rapport", given)
    assert wrong(rendered) == []
    mounted = {
        where: any(one["mountPath"] == "/etc/database" for one in container["volumeMounts"])
        for where, container in rendered.containers()
    }
    assert mounted["Deployment/rapport-operator/rapport"]
    assert not any(has for where, has in mounted.items() if "gateway" in where or "portal" in where)
    for one in SERVICES:
        assert all(has for where, has in mounted.items() if f"rapport-{one.name}-" in where)
    for _, pod in rendered.pods():
        for volume in pod["spec"]["volumes"]:
            if volume["name"] == "database-authority":
                # CloudNativePG keeps the authority's key in the same secret.
                assert volume["secret"]["items"] == [{"key": "ca.crt", "path": "ca.crt"}]
