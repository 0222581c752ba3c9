"""Installs the platform into a namespace of its own, upgrades it under load, and takes all of it away again."""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import helm_python
from helm_python import Config, HelmError

from chassis.embedded.processes import free_port
from deploy.tools.charts.layout import overlaid
from deploy.tools.cluster_check.journey import first_day, under_load
from deploy.tools.cluster_check.kubectl import Kubectl

_MINUTES = 15
_GATEWAY_PORT = "web"
_RESTRICTED = {"pod-security.kubernetes.io/enforce": "restricted"}


@dataclass(frozen=True)
class Installation:
    """A release that is there for the length of the check."""

    chart: Path
    values: dict[str, Any]
    services: Sequence[str]
    """The parts that are rolled by the upgrade."""
    release: str
    kubectl: Kubectl
    tell: Callable[[str], None]

    def check(self) -> None:
        """All of it. Raises `ClusterRefuses`, `JourneyFailed`, `helm_python.HelmError`."""
        port = free_port()
        values = overlaid(self.values, _said_for_all(publicUrl=f"http://127.0.0.1:{port}"))
        with self._namespace(), self._config() as config:
            try:
                self._install(config, values)
                with self.kubectl.forwarded(self._gateway, port, _GATEWAY_PORT) as address:
                    credentials = first_day(address, self._operator_token())
                    self.tell("a tenant was created, its administrator signed in, people are found")
                    with under_load(address, credentials) as load:
                        self._upgrade(config, values)
                    self.tell(f"upgraded under load: {load.report()}")
            finally:
                self._uninstall(config)

    @property
    def _gateway(self) -> str:
        return f"service/{self.release}-gateway"

    def _install(self, config: Config, values: dict[str, Any]) -> None:
        with helm_python.Chart.load(self.chart) as chart:
            config.install(chart, self.release, values, wait="watcher", timeout=_MINUTES * 60)
        self.tell("installed, and every part is ready")

    def _upgrade(self, config: Config, values: dict[str, Any]) -> None:
        """Roll every service, but not the gateway: the way there leads through one pod of it."""
        annotation = {"pods": {"annotations": {"rapport/rolled": secrets.token_hex(4)}}}
        rolled = overlaid(values, dict.fromkeys(self.services, annotation))
        with helm_python.Chart.load(self.chart) as chart:
            config.upgrade(chart, self.release, rolled, wait="watcher", timeout=_MINUTES * 60)

    def _uninstall(self, config: Config) -> None:
        """Take the release away; what stands in the way of that is said, and does not hide what went wrong before."""
        try:
            config.uninstall(self.release, ignore_not_found=True, timeout=_MINUTES * 60)
            self.tell("uninstalled")
        except HelmError as error:
            self.tell(f"not uninstalled, but its namespace goes: {error}")

    def _operator_token(self) -> str:
        words = ("python", "-m", "identity", "operators", "token", "--name", "check")
        deployment = f"deployment/{self.release}-identity-api"
        answer = self.kubectl.run("exec", deployment, "--container=api", "--", *words)
        token: str = json.loads(answer)["access_token"]
        return token

    @contextmanager
    def _namespace(self) -> Iterator[None]:
        name = self.kubectl.namespace
        metadata = {"name": name, "labels": _RESTRICTED}
        namespace = {"apiVersion": "v1", "kind": "Namespace", "metadata": metadata}
        # Not applied: one that somebody else uses is not taken, nor deleted in the end.
        self.kubectl.run("create", "--filename=-", given=json.dumps(namespace))
        try:
            yield
        finally:
            self.kubectl.run("delete", "namespace", name, f"--timeout={_MINUTES}m")

    def _config(self) -> Config:
        return Config(kubeconfig_path=self.kubectl.kubeconfig, namespace=self.kubectl.namespace)


def _said_for_all(**values: Any) -> dict[str, Any]:
    return {"global": {"rapport": values}}
