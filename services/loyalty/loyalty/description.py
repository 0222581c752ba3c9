"""What loyalty is, for whoever prepares it or asks about it."""

from __future__ import annotations

from chassis.description import Description, migrations_of
from loyalty.problems import PROBLEMS
from loyalty.reactions import SUBSCRIPTIONS

DESCRIPTION = Description(
    name="loyalty",
    version="0.1.0",
    summary="Customers who stay, return and recommend: programs, points, tiers, rewards and what keeps them.",
    migrations=migrations_of(__file__),
    consumes={one.producer: one.reactions.types for one in SUBSCRIPTIONS},
    problems=PROBLEMS,
)
