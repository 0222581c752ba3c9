"""Ports on which others listen already, and who they are."""

from collections.abc import Sequence

import psutil

from chassis.embedded.processes import port_is_taken, wait_until
from rapport_local.errors import PortsTaken
from rapport_local.ports import PlatformPorts

_DYING_SECONDS = 5.0
"""How long a killed process of many threads may hold its ports after it is no longer to be seen."""


def refuse_taken_ports(ports: PlatformPorts, parts_to_start: Sequence[str]) -> None:
    """Raise `PortsTaken` if another program listens where one of these parts should."""
    wanted = [(part, port) for part, port in ports.named() if part in parts_to_start]
    taken = [(part, port) for part, port in wanted if port_is_taken(port)]
    if not taken:
        return
    listeners = _listeners()
    taken = [(part, port) for part, port in taken if port in listeners or not _is_given_back(port)]
    if taken:
        raise PortsTaken(
            [
                f"port {port}, for {part}, is taken by {_who(listeners.get(port))}"
                for part, port in taken
            ]
        )


def _is_given_back(port: int) -> bool:
    """Whether a port that nobody who lives can be seen to hold gets free in a moment."""
    return wait_until(lambda: not port_is_taken(port), _DYING_SECONDS)


def _listeners() -> dict[int, int]:
    """The process that listens on each port, as far as this account may know."""
    try:
        connections = psutil.net_connections("tcp")
    except psutil.AccessDenied:
        return {}
    return {
        c.laddr.port: c.pid
        for c in connections
        if c.status == psutil.CONN_LISTEN and c.laddr and c.pid
    }


def _who(pid: int | None) -> str:
    if pid is None:
        return "another program"
    try:
        return f"{psutil.Process(pid).name()} (pid {pid})"
    except psutil.Error:
        return f"pid {pid}"
