"""The one place where the parts of contacts are wired together."""

from __future__ import annotations

import time
from functools import partial

from chassis.access.directory import AccessSource
from chassis.access.tokens import KeySource
from chassis.domain import Clock, Conflict, IdFactory
from chassis.rpc.server import RpcServer
from chassis.service import Service
from contacts.companies.api import companies
from contacts.custom_fields.api import custom_fields
from contacts.custom_fields.known_fields import KnownFieldsCache
from contacts.description import DESCRIPTION
from contacts.facts import ENCODER
from contacts.interaction_kinds.api import interaction_kinds
from contacts.interaction_kinds.operations import kind_exists
from contacts.interactions.api import interactions, interactions_of_people
from contacts.peers import identity_access
from contacts.people.api import people
from contacts.reactions import FROM_CONTACTS, FROM_IDENTITY
from contacts.relationships.api import company_people, employments, relations
from contacts.rpc import CONTACTS_SERVICE
from contacts.settings import ContactsSettings
from contacts.transaction import ContactsTx

CONFLICTS = {
    "person_external_ids_unique": Conflict(
        "Another person has one of these external ids.", code="external_id_taken"
    ),
    "company_external_ids_unique": Conflict(
        "Another company has one of these external ids.", code="external_id_taken"
    ),
    "relations_unique": Conflict(
        "These two are related in this way already, or the other way round.",
        code="relation_exists",
    ),
    "custom_fields_key_unique": Conflict(
        "There is a custom field with this key already, archived perhaps.",
        code="custom_field_exists",
    ),
    "interaction_kinds_key_unique": kind_exists(),
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
        partial(ContactsTx, fields=KnownFieldsCache(time.monotonic)),
        facts=ENCODER,
        access=lambda _database: access or identity_access(settings, DESCRIPTION.name),
        conflicts=CONFLICTS,
        clock=clock,
        ids=ids,
        keys=keys,
    )
    service.serve(people, companies, employments, relations, company_people, custom_fields)
    service.serve(interactions, interactions_of_people, interaction_kinds)
    service.beside_requests(
        RpcServer(settings, service.authenticator, service.operations, [CONTACTS_SERVICE])
    )
    service.react(FROM_IDENTITY, FROM_CONTACTS)
    return service
