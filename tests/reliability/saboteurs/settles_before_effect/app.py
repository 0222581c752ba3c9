"""A witness that tells the broker of effects which are still to come."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from chassis.events.applier import Applier, Incoming
from chassis.events.consumer import ConsumerGroup
from chassis.events.delivery import ACK
from chassis.events.order import Order
from chassis.events.patience import Patience
from chassis.events.sharing import Shares
from chassis.events.worker import Settle, Worker
from chassis.service import Service
from chassis.settings import ServiceSettings
from chassis.storage.unit_of_work import UnitOfWork
from tests.reliability.saboteurs.wiring import replace_part
from tests.reliability.witness.app import build as build_witness
from tests.reliability.witness.reactions import SUBSCRIPTIONS


class PromisingApplier(Applier):
    """Acknowledges first."""

    def __init__(self, operations: Any, service: str, settle: Settle) -> None:
        super().__init__(operations, service)
        self._settle = settle

    def apply(self, facts: Sequence[Incoming]) -> list[bool]:
        """As in the chassis, but afterwards."""
        for fact in facts:
            self._settle(fact.delivery, ACK)
        return super().apply(facts)


class PromisingGroup(ConsumerGroup):
    """Has such workers."""

    def __init__(self, service: Service[Any]) -> None:
        name = service.description.name
        super().__init__(service.operations, service.settings, name, SUBSCRIPTIONS)
        order = Order()
        self._workers = [
            Worker(
                f"promising-{number}",
                name,
                PromisingApplier(service.operations, name, self._settle),
                Patience(),
                self._settle,
                self._bury,
                clock=service.clock,
                order=order,
            )
            for number in range(4)
        ]
        self._shares = Shares(self._workers)


def build(settings: ServiceSettings) -> Service[UnitOfWork]:
    """The witness with this one bug."""
    service = build_witness(settings)
    replace_part(service, ConsumerGroup, PromisingGroup)
    return service
