"""What desk is, for whoever prepares it or asks about it."""

from __future__ import annotations

from chassis.description import Description, migrations_of
from desk.attachments.attached import ATTACHED
from desk.problems import PROBLEMS

DESCRIPTION = Description(
    name="desk",
    version="0.1.0",
    summary="Service that keeps its promises: tickets, conversations, service levels and knowledge.",
    migrations=migrations_of(__file__),
    settings="desk.settings:DeskSettings",
    subscriptions="desk.reactions:SUBSCRIPTIONS",
    files={"attachments": ATTACHED},
    problems=PROBLEMS,
)
