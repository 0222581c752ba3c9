"""What loyalty is, for whoever prepares it or asks about it."""

from __future__ import annotations

from chassis.description import Description, migrations_of
from loyalty.problems import PROBLEMS

DESCRIPTION = Description(
    name="loyalty",
    version="0.1.0",
    summary="Customers who stay, return and recommend: programs, points, tiers, rewards and what keeps them.",
    migrations=migrations_of(__file__),
    settings="loyalty.settings:LoyaltySettings",
    subscriptions="loyalty.reactions:SUBSCRIPTIONS",
    problems=PROBLEMS,
)
