"""Whether a customer is entitled to help with a ticket, for conditions: looked up only if one asks."""

from __future__ import annotations

from collections.abc import Iterable

from chassis.storage.unit_of_work import Reading, UnitOfWork
from desk.entitlements.checking import Concern, is_entitled
from desk.ticket_vocabulary import condition_of
from desk.tickets.domain import Ticket

_NAME = "entitled"


def entitled_if_asked(
    reading: Reading | UnitOfWork, ticket: Ticket, sources: Iterable[str]
) -> bool:
    """The value of `entitled` for conditions; what nobody asks for is not looked up."""
    if not any(_NAME in source and _NAME in condition_of(source).names() for source in sources):
        return False
    concern = Concern(ticket.person_id, ticket.company_id, ticket.asset_id, ticket.product_sku)
    return is_entitled(reading, concern)
