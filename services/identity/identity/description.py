"""What identity is, for whoever prepares it or asks about it."""

from __future__ import annotations

from chassis.description import Description, migrations_of
from identity.problems import PROBLEMS

DESCRIPTION = Description(
    name="identity",
    version="0.1.0",
    summary="Who may do what: organisations, users, teams, roles, apps, sessions and tokens.",
    migrations=migrations_of(__file__),
    settings="identity.settings:IdentitySettings",
    subscriptions="identity.reactions:SUBSCRIPTIONS",
    problems=PROBLEMS,
)
