"""Puts a view of a customer together: reads who it is, asks the others, reads the rest meanwhile."""

from __future__ import annotations

from typing import Any, Protocol
from uuid import UUID

from chassis.context import Caller
from contacts.customer_view.asking import Sides
from contacts.customer_view.parts import Missing, Part, Reason, Told, View
from contacts.customer_view.queries import own_sides, who_it_is


class Call(Protocol):
    """A call over REST or gRPC, which are the same here."""

    @property
    def caller(self) -> Caller:
        """Who asks."""
        ...

    def read(self, query: Any, *args: Any) -> Any:
        """Run a query within the caller's reach."""
        ...


def view_customer(call: Call, sides: Sides, person_id: UUID) -> View:
    """A customer from all sides; what others do not tell is named. Raises `NotFound`.

    No transaction is open while others are waited for.
    """
    who = call.read(who_it_is, person_id)
    answers = sides.begin(call.caller, who.customer)
    try:
        own = call.read(own_sides, who.person)
        told, untold = answers.wait()
    finally:
        answers.give_up()
    missing = [*who.missing, *own.missing, *untold, *_withheld(told.get(Part.SALES))]
    return View(who, own, told, sorted(missing))


def _withheld(sales: Told | None) -> list[Missing]:
    """What sales has not told since the caller may not see it."""
    if sales is None:
        return []
    told: Any = sales.message
    parts = set(told.summary.withheld) & set(Part)
    return [Missing(Part(part), Reason.FORBIDDEN) for part in parts]
