"""What identity is, for whoever prepares it or asks about it."""

from __future__ import annotations

from pathlib import Path

from chassis.description import Description
from identity.problems import PROBLEMS
from identity.reactions import SUBSCRIPTIONS

DESCRIPTION = Description(
    name="identity",
    version="0.1.0",
    summary="Who may do what: organisations, users, teams, roles, apps, sessions and tokens.",
    migrations=Path(__file__).parents[1] / "migrations",
    consumes={one.producer: one.types for one in SUBSCRIPTIONS},
    problems=PROBLEMS,
)
