"""The one place where the parts of contacts are wired together."""

from __future__ import annotations

from chassis.access.directory import AccessSource
from chassis.access.tokens import KeySource
from chassis.domain import Clock, Conflict, IdFactory
from chassis.service import Service
from contacts.description import DESCRIPTION
from contacts.facts import ENCODER
from contacts.peers import identity_access
from contacts.people.api import people
from contacts.reactions import FROM_IDENTITY
from contacts.settings import ContactsSettings
from contacts.transaction import ContactsTx

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
