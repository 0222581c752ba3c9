"""Faults at the worst moments: a process is killed between two steps that belong together."""

from __future__ import annotations

from collections.abc import Callable

from tests.reliability.estate import BROKER, DATABASE
from tests.reliability.faults.fault import Fault, Scene
from tests.reliability.wires import SILENT

_WORK_SECONDS = 1.0
"""How long work piles up in the gap before the kill."""


def killed_between_publishing_and_marking(service: str) -> Fault:
    """The broker has the facts, and the relay dies before it hears of that."""

    def inflict(scene: Scene) -> None:
        wire = scene.estate.wire(service, BROKER)
        wire.become(to_client=SILENT)
        _kill_in_the_gap(scene, service)
        wire.mend()

    return _fault(service, "between publishing and marking", inflict)


def killed_between_sending_and_publishing(service: str) -> Fault:
    """The relay believes to have sent facts, of which the broker has not had a byte."""

    def inflict(scene: Scene) -> None:
        wire = scene.estate.wire(service, BROKER)
        wire.become(to_server=SILENT)
        _kill_in_the_gap(scene, service)
        # What was kept in the wire dies with the connection, as in a buffer of the kernel.
        wire.cut()
        wire.mend()

    return _fault(service, "between sending and publishing", inflict)


def killed_between_commit_and_answer(service: str) -> Fault:
    """Writes are committed, and the service dies before it hears of that, or its callers do."""

    def inflict(scene: Scene) -> None:
        wire = scene.estate.wire(service, DATABASE)
        wire.become(to_client=SILENT)
        _kill_in_the_gap(scene, service)
        wire.mend()

    return _fault(service, "between commit and answer", inflict)


def killed_between_effect_and_acknowledgement(service: str) -> Fault:
    """The effects are committed, and the broker does not hear of them before the end."""

    def inflict(scene: Scene) -> None:
        wire = scene.estate.wire(service, BROKER)
        wire.become(to_server=SILENT)
        _kill_in_the_gap(scene, service)
        wire.cut()
        wire.mend()

    return _fault(service, "between effect and acknowledgement", inflict)


def killed_in_the_middle_of_a_batch(service: str) -> Fault:
    """Facts have arrived, and the database is too slow for their effects."""

    def inflict(scene: Scene) -> None:
        wire = scene.estate.wire(service, DATABASE)
        wire.become(to_server=SILENT)
        _kill_in_the_gap(scene, service)
        wire.cut()
        wire.mend()

    return _fault(service, "in the middle of a batch", inflict)


def _kill_in_the_gap(scene: Scene, service: str) -> None:
    scene.last(_WORK_SECONDS)
    scene.keeper.kill(service)


def _fault(service: str, when: str, inflict: Callable[[Scene], None]) -> Fault:
    hit = frozenset({service})
    return Fault(f"{service} is killed {when}", inflict, hit, hit)
