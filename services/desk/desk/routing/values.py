"""What conditions see of a customer as other services have told of them."""

from __future__ import annotations

from decimal import ROUND_DOWN
from uuid import UUID

from chassis.domain import Money
from chassis.money import EXACT, minor_unit
from chassis.storage.unit_of_work import Reading, UnitOfWork
from desk.routing.domain import Heard
from desk.routing.storage import heard_about
from desk.ticket_vocabulary import Customer


def customer_of(heard: Heard) -> Customer:
    """A customer as conditions see one."""
    return Customer(heard.tier, _minor_units(heard.value), heard.owner_id)


def customer_about(reading: Reading | UnitOfWork, ticket_id: UUID) -> Customer:
    """The customer of a ticket as it was last heard of them; nobody is asked."""
    return customer_of(heard_about(reading, ticket_id))


def _minor_units(value: Money | None) -> int:
    """Whole minor units; what is less than one is no money."""
    if value is None:
        return 0
    scaled = value.amount.scaleb(minor_unit(value.currency), EXACT)
    return int(scaled.to_integral_value(ROUND_DOWN))
