"""Which calls network policies let through: from a pod to a port of a pod, as a cluster that enforces them decides."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from ipaddress import ip_address, ip_network
from typing import Any

from .rendering import NAMESPACE, Object, Rendered, labels_match

NAME = "app.kubernetes.io/name"
PART = "app.kubernetes.io/component"
PLATFORM = "app.kubernetes.io/part-of"


@dataclass(frozen=True)
class Pod:
    """A pod as policies see it."""

    name: str
    labels: dict[str, str]
    ports: dict[str, int]
    namespace: str = NAMESPACE


@dataclass(frozen=True)
class Network:
    """The pods and the policies of a cluster; all policies are of the one namespace."""

    pods: list[Pod]
    policies: list[Object]

    @classmethod
    def of(cls, *releases: Rendered, neighbours: Iterable[Pod] = ()) -> Network:
        """What releases make, beside pods that somebody else made."""
        pods = [pod for rendered in releases for pod in _pods(rendered)]
        policies = [one for rendered in releases for one in rendered.of("NetworkPolicy")]
        return cls([*pods, *neighbours], policies)

    def calls(self) -> set[str]:
        """Every call between two pods that is let through, as `from -> to port`."""
        return {
            f"{caller.name} -> {called.name} {name}"
            for caller in self.pods
            for called in self.pods
            for name, port in called.ports.items()
            if self.lets_out(caller, called, port) and self.lets_in(caller, called, port)
        }

    def lets_out(self, caller: Pod, called: Pod, port: int) -> bool:
        """Whether the policies of the caller let it call."""
        chosen = self._policies(caller, "Egress")
        rules = [rule for one in chosen for rule in one.get("egress", ())]
        return not chosen or any(_fits(rule, "to", called, port) for rule in rules)

    def lets_in(self, caller: Pod, called: Pod, port: int) -> bool:
        """Whether the policies of the one who is called let it through."""
        chosen = self._policies(called, "Ingress")
        rules = [rule for one in chosen for rule in one.get("ingress", ())]
        return not chosen or any(_fits(rule, "from", caller, port) for rule in rules)

    def reaches(self, caller: Pod, address: str, port: int) -> bool:
        """Whether a pod may call an address by its number."""
        return any(
            _has_port(rule, port) and any(_holds(peer, address) for peer in rule.get("to", [{}]))
            for one in self._policies(caller, "Egress")
            for rule in one.get("egress", ())
        )

    def is_shut(self, pod: Pod) -> bool:
        """Whether a policy takes a pod out of the open in both directions."""
        return bool(self._policies(pod, "Ingress")) and bool(self._policies(pod, "Egress"))

    def _policies(self, pod: Pod, direction: str) -> list[Any]:
        return [
            one["spec"]
            for one in self.policies
            if pod.namespace == NAMESPACE
            and direction in one["spec"]["policyTypes"]
            and labels_match(one["spec"]["podSelector"], pod.labels)
        ]


def _pods(rendered: Rendered) -> Iterator[Pod]:
    for _, template in rendered.pods():
        labels = template["metadata"]["labels"]
        ports = {
            port["name"]: port["containerPort"]
            for container in template["spec"]["containers"]
            for port in container.get("ports", ())
        }
        yield Pod(f"{labels[NAME]}/{labels.get(PART, '')}", labels, ports)


def _fits(rule: dict[str, Any], side: str, pod: Pod, port: int) -> bool:
    peers = rule.get(side)
    return _has_port(rule, port) and (not peers or any(_is(peer, pod) for peer in peers))


def _has_port(rule: dict[str, Any], port: int) -> bool:
    return "ports" not in rule or any(
        one["port"] <= port <= one.get("endPort", one["port"])
        for one in rule["ports"]
        if one["protocol"] == "TCP"
    )


def _is(peer: dict[str, Any], pod: Pod) -> bool:
    if "ipBlock" in peer:
        return False  # pods are known by their labels, not by addresses
    home = {"kubernetes.io/metadata.name": pod.namespace}
    if "namespaceSelector" in peer:
        if not labels_match(peer["namespaceSelector"], home):
            return False
    elif pod.namespace != NAMESPACE:
        return False
    return labels_match(peer.get("podSelector", {}), pod.labels)


def _holds(peer: dict[str, Any], address: str) -> bool:
    if not peer:
        return True
    if "ipBlock" not in peer:
        return False
    number, block = ip_address(address), peer["ipBlock"]
    return number in ip_network(block["cidr"]) and not any(
        number in ip_network(hole) for hole in block.get("except", ())
    )
