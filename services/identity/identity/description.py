"""What identity is, for whoever prepares it or asks about it."""

from __future__ import annotations

from chassis.description import Description, migrations_of
from identity.problems import PROBLEMS
from identity.reactions import SUBSCRIPTIONS

DESCRIPTION = Description(
    name="identity",
    version="0.1.0",
    summary="Who may do what: organisations, users, teams, roles, apps, sessions and tokens.",
    migrations=migrations_of(__file__),
    consumes={one.producer: one.types for one in SUBSCRIPTIONS},
    problems=PROBLEMS,
)
