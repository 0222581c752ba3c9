"""The one place where the parts of contacts are wired together."""

from __future__ import annotations

import time
from collections.abc import Mapping
from datetime import timedelta
from functools import partial

from chassis.access.directory import AccessSource
from chassis.access.tokens import KeySource
from chassis.domain import Clock, Conflict, IdFactory
from chassis.rpc.server import RpcServer
from chassis.service import Service
from chassis.work.job_runner import JobRunner
from chassis.work.jobs import JobHandler
from chassis.work.jobs_api import job_routes
from chassis.work.periodic import PeriodicRunner, PeriodicWork
from chassis.work.pruning import pruning
from contacts.companies.api import companies
from contacts.confirmation_page.page import confirmation_pages
from contacts.consents.api import consents, consents_of_people
from contacts.consents.links import ConsentLinks
from contacts.custom_fields.api import custom_fields
from contacts.custom_fields.known_fields import KnownFieldsCache
from contacts.customer_view.api import customer_view_routes
from contacts.customer_view.rpc import customer_view_service
from contacts.data_exports.api import data_exports, data_exports_of_people
from contacts.data_exports.pruning import data_export_pruning
from contacts.data_exports.running import ExportLimits, export_jobs
from contacts.data_exports.sources import OwnPersonalData, PersonalDataSource
from contacts.description import DESCRIPTION
from contacts.duplicates.api import duplicate_settings, duplicates, duplicates_of_people
from contacts.duplicates.finding import duplicate_jobs
from contacts.duplicates.watching import Comparing
from contacts.erasures.api import erasures, erasures_of_people
from contacts.erasures.recognising import trace_pruning
from contacts.erasures.traces import TraceKey
from contacts.exports.api import exports
from contacts.facts import ENCODER
from contacts.freshness.api import fresh_people, freshness_settings
from contacts.imports.api import import_routes
from contacts.imports.jobs import import_jobs
from contacts.imports.pruning import import_pruning
from contacts.interaction_kinds.api import interaction_kinds
from contacts.interaction_kinds.operations import kind_exists
from contacts.interactions.api import interactions, interactions_of_people
from contacts.merges.api import merges, merges_of_people
from contacts.peers import (
    Users,
    customer_sides,
    identity_access,
    identity_users,
    knowing_peers,
    personal_data_sources,
)
from contacts.people.api import people
from contacts.personal_data import PERSONAL_DATA
from contacts.profiling.api import profile_questions, profiling_of_people
from contacts.profiling.operations import question_exists
from contacts.profiling.storage import KEY_UNIQUE as QUESTION_KEY_UNIQUE
from contacts.purposes.api import purposes
from contacts.purposes.operations import purpose_exists
from contacts.reactions import SUBSCRIPTIONS
from contacts.relationships.api import company_people, employments, relations
from contacts.rpc import CONTACTS_SERVICE
from contacts.search.api import search_routes
from contacts.search.dictionary import KnownWords
from contacts.search.pruning import search_pruning
from contacts.settings import ContactsSettings
from contacts.timeline.api import timeline
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
    "purposes_key_unique": purpose_exists(),
    QUESTION_KEY_UNIQUE: question_exists(),
}


def build(
    settings: ContactsSettings,
    *,
    clock: Clock | None = None,
    ids: IdFactory | None = None,
    keys: KeySource | None = None,
    access: AccessSource | None = None,
    users: Users | None = None,
) -> Service[ContactsTx]:
    """Contacts, ready to be started."""
    links = ConsentLinks(settings.signing_secret.get_secret_value(), settings.public_url)
    service = Service(
        DESCRIPTION,
        settings,
        partial(
            ContactsTx,
            fields=KnownFieldsCache(time.monotonic),
            words=KnownWords(time.monotonic),
            links=links,
            trace_key=TraceKey(settings.signing_secret.get_secret_value()),
        ),
        facts=ENCODER,
        access=lambda _database: access or identity_access(settings, DESCRIPTION.name),
        conflicts=CONFLICTS,
        clock=clock,
        ids=ids,
        keys=keys,
    )
    users = users or identity_users(settings, DESCRIPTION.name)
    _offer(service, settings, links, users)
    peers = knowing_peers(settings, DESCRIPTION.name)
    sides = customer_sides(settings, peers)
    service.serve(customer_view_routes(sides))
    database, operations = service.database, service.operations
    rpc = RpcServer(
        settings,
        service.authenticator,
        operations,
        [CONTACTS_SERVICE, customer_view_service(sides), PERSONAL_DATA],
        is_ready=database.is_reachable,
    )
    service.beside_requests(rpc)
    service.react(*SUBSCRIPTIONS)
    service.at_work(PeriodicRunner(database, _periodic(service, settings), service.clock))
    jobs = _jobs(service, settings, users, personal_data_sources(peers))
    service.at_jobs(JobRunner(database, DESCRIPTION.name, jobs, service.clock))
    service.at_jobs(Comparing(operations))
    return service


def _jobs(
    service: Service[ContactsTx],
    settings: ContactsSettings,
    users: Users,
    others: Mapping[str, PersonalDataSource | None],
) -> Mapping[str, JobHandler]:
    """What takes long: imports, comparing all people, and putting together all that is known of one."""
    limits = ExportLimits(
        timedelta(days=settings.data_export_kept_days), settings.data_export_max_bytes
    )
    sources = {DESCRIPTION.name: OwnPersonalData(service.operations), **others}
    return {
        **import_jobs(service.operations, users, service.clock),
        **duplicate_jobs(service.operations),
        **export_jobs(service.operations, sources, limits, service.clock),
    }


def _offer(
    service: Service[ContactsTx], settings: ContactsSettings, links: ConsentLinks, users: Users
) -> None:
    """All that is answered over HTTP."""
    service.serve(people, companies, employments, relations, company_people, custom_fields)
    service.serve(merges, merges_of_people, erasures, erasures_of_people)
    service.serve(data_exports, data_exports_of_people)
    service.serve(duplicates, duplicates_of_people, duplicate_settings)
    service.serve(search_routes)
    service.serve(interactions, interactions_of_people, interaction_kinds, timeline)
    service.serve(purposes, consents, consents_of_people)
    service.serve(profile_questions, profiling_of_people, freshness_settings, fresh_people)
    service.http.add_pages(confirmation_pages(service.operations, links))
    service.serve(
        exports, import_routes(users, settings.import_max_bytes), job_routes(DESCRIPTION.name)
    )


def _periodic(service: Service[ContactsTx], settings: ContactsSettings) -> list[PeriodicWork]:
    """What is done every now and then."""
    database, clock = service.database, service.clock
    kept = timedelta(days=settings.import_kept_days)
    return [
        *pruning(database, clock),
        *import_pruning(database, clock, kept),
        *data_export_pruning(database, clock),
        *search_pruning(service.operations, clock),
        *trace_pruning(database, clock),
    ]
