"""A witness that takes every delivery for a new fact."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from chassis.context import service_caller
from chassis.events.applier import Applier, Incoming
from chassis.events.consumer import ConsumerGroup
from chassis.events.order import Order
from chassis.events.patience import Patience
from chassis.events.reactions import RawFact
from chassis.events.sharing import Shares
from chassis.events.worker import Worker
from chassis.service import Service
from chassis.settings import ServiceSettings
from chassis.storage.scope import EVERYTHING
from chassis.storage.unit_of_work import UnitOfWork
from tests.reliability.saboteurs.wiring import replace_part
from tests.reliability.witness.app import build as build_witness
from tests.reliability.witness.reactions import SUBSCRIPTIONS, count_facts


class ForgetfulApplier(Applier):
    """Asks no inbox."""

    def apply(self, facts: Sequence[Incoming]) -> list[bool]:
        """Count each of them, whether or not it was counted before."""
        caller = service_caller("witness", facts[0].envelope.tenant_id)
        raw = [RawFact(fact.delivery.payload, fact.envelope) for fact in facts]
        self._operations.transact(caller, EVERYTHING, "react", lambda tx: count_facts(tx, raw))
        return [True for _ in facts]


class ForgetfulGroup(ConsumerGroup):
    """Has such workers."""

    def __init__(self, service: Service[Any]) -> None:
        name = service.description.name
        super().__init__(service.operations, service.settings, name, SUBSCRIPTIONS)
        order = Order()
        self._workers = [
            Worker(
                f"forgetful-{number}",
                name,
                ForgetfulApplier(service.operations, name),
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
    replace_part(service, ConsumerGroup, ForgetfulGroup)
    return service
