"""Faults of processes: killed, killed below their guardian, frozen."""

from __future__ import annotations

from tests.reliability.faults.fault import Fault, Scene


def killed(part: str, silences: frozenset[str], touches: frozenset[str]) -> Fault:
    """SIGKILL to all processes of a part; started again at once."""
    return Fault(f"{part} is killed", lambda s: s.keeper.kill(part), silences, touches)


def killed_for_a_while(part: str, seconds: float) -> Fault:
    """The same, but its node is gone for a while."""

    def inflict(scene: Scene) -> None:
        scene.keeper.kill(part, down_for=seconds)
        scene.last(seconds)

    hit = frozenset({part})
    return Fault(f"{part} is killed and away for {seconds:g} s", inflict, hit, hit)


def worker_killed(part: str) -> Fault:
    """SIGKILL to the process that does the work; the one above it notices."""
    hit = frozenset({part})
    return Fault(
        f"{part}'s worker process is killed", lambda s: void(s.keeper.kill_worker(part)), hit, hit
    )


def frozen(part: str, seconds: float) -> Fault:
    """A part that is there, holds its connections and locks, and does nothing."""

    def inflict(scene: Scene) -> None:
        with scene.keeper.frozen(part):
            scene.last(seconds)

    hit = frozenset({part})
    return Fault(f"{part} is frozen for {seconds:g} s", inflict, hit, hit)


def void(_: object) -> None:
    """Drop a result."""
