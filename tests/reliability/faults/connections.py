"""Faults of connections: slow, trickling, silent, cut."""

from __future__ import annotations

from collections.abc import Callable

from tests.reliability.estate import DATABASE
from tests.reliability.faults.fault import Fault, Scene
from tests.reliability.wires import SILENT, Condition, Wire

_SLOW = Condition(latency=0.25)
_TRICKLE = Condition(bytes_per_second=4000)


def slow(service: str, target: str, seconds: float) -> Fault:
    """Every portion of bytes takes a quarter of a second longer, each way."""
    return _bad(service, target, "is slow", seconds, lambda wire: wire.become(_SLOW, _SLOW))


def trickling(service: str, target: str, seconds: float) -> Fault:
    """A few bytes at a time come back."""
    return _bad(service, target, "trickles", seconds, lambda w: w.become(to_client=_TRICKLE))


def silent(service: str, target: str, seconds: float) -> Fault:
    """Nothing gets through, and nobody is told: a cable that was pulled."""
    return _bad(service, target, "is silent", seconds, lambda wire: wire.become(SILENT, SILENT))


def refused(service: str, target: str, seconds: float) -> Fault:
    """Connections are reset, and new ones too."""
    return _bad(service, target, "is refused", seconds, lambda wire: wire.cut(refuse=True))


def cut(service: str, target: str) -> Fault:
    """All connections are reset once, in the middle of whatever goes over them."""
    return _bad(service, target, "is cut", 0.0, lambda wire: wire.cut())


def _bad(
    service: str, target: str, how: str, seconds: float, make: Callable[[Wire], None]
) -> Fault:
    def inflict(scene: Scene) -> None:
        wire = scene.estate.wire(service, target)
        make(wire)
        try:
            scene.last(seconds)
        finally:
            wire.mend()

    lasting = f" for {seconds:g} s" if seconds else ""
    # Without its database a service cannot answer; without broker or peer it has to.
    silences = frozenset({service}) if target == DATABASE else frozenset[str]()
    name = f"{service}'s wire to the {target} {how}{lasting}"
    return Fault(name, inflict, silences, frozenset({service}))
