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
