"""What contacts is, for whoever prepares it or asks about it."""

from __future__ import annotations

from chassis.description import Description, migrations_of
from contacts.problems import PROBLEMS

DESCRIPTION = Description(
    name="contacts",
    version="0.1.0",
    summary="One true view of every customer: people, companies and what connects them.",
    migrations=migrations_of(__file__),
    settings="contacts.settings:ContactsSettings",
    subscriptions="contacts.reactions:SUBSCRIPTIONS",
    problems=PROBLEMS,
)
