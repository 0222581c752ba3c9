"""The one place where the parts of contacts are wired together."""

from __future__ import annotations

from pathlib import Path

from chassis.access.directory import AccessSource
from chassis.access.tokens import KeySource
from chassis.domain import Clock, Conflict, IdFactory
from chassis.service import Description, Service
from contacts.facts import ENCODER
from contacts.peers import identity_access
from contacts.people.api import people
from contacts.reactions import FROM_IDENTITY
from contacts.settings import ContactsSettings
from contacts.transaction import ContactsTx

DESCRIPTION = Description(
    name="contacts",
    version="0.1.0",
    summary="One true view of every customer: people, companies and what connects them.",
    migrations=Path(__file__).parents[1] / "migrations",
    consumes={FROM_IDENTITY.producer: FROM_IDENTITY.reactions.types},
)

CONFLICTS = {
    "person_external_ids_unique": Conflict(
        "Another person has one of these external ids.", code="external_id_taken"
    ),
}


def build(
    settings: ContactsSettings,
    *,
    clock: Clock | None = None,
    ids: IdFactory | None = None,
    keys: KeySource | None = None,
    access: AccessSource | None = None,
) -> Service[ContactsTx]:
    """Contacts, ready to be started."""
    service = Service(
        DESCRIPTION,
        settings,
        ContactsTx,
        facts=ENCODER,
        access=lambda _database: access or identity_access(settings, DESCRIPTION.name),
        conflicts=CONFLICTS,
        clock=clock,
        ids=ids,
        keys=keys,
    )
    service.serve(people)
    service.react(FROM_IDENTITY)
    return service
