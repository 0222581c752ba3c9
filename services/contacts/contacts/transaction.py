"""The unit of work of contacts: what an operation can reach."""

from __future__ import annotations

from chassis.domain import IdFactory
from chassis.events.outbox import OutboxWriter
from chassis.storage.parts import Part
from chassis.storage.unit_of_work import Reading, UnitOfWork
from contacts.companies.storage import CompaniesRepository
from contacts.consents.links import ConsentLinks
from contacts.consents.storage import ConsentsRepository
from contacts.custom_fields.known_fields import KnownFields, KnownFieldsCache
from contacts.custom_fields.storage import CustomFieldsRepository
from contacts.data_exports.storage import DataExportsRepository
from contacts.duplicates.storage import DuplicatePairsRepository, DuplicateSettingsRepository
from contacts.erasures.traces import TraceKey
from contacts.freshness.storage import FreshnessSettingsRepository
from contacts.imports.storage import ImportsRepository
from contacts.interaction_kinds.storage import InteractionKindsRepository
from contacts.interactions.storage import InteractionsRepository
from contacts.merges.storage import MergesRepository
from contacts.people.storage import PeopleRepository
from contacts.profiling.storage import ProfileQuestionsRepository, QuestionAsksRepository
from contacts.purposes.storage import PurposesRepository
from contacts.relationships.storage import EmploymentsRepository, RelationsRepository
from contacts.search.dictionary import Dictionary, KnownWords


class ContactsTx(UnitOfWork):
    """One transaction of contacts. What rows refer to is declared, and so written, before them."""

    custom_fields = Part(lambda tx: CustomFieldsRepository(tx, tx.known_fields))
    people = Part(lambda tx: PeopleRepository(tx, tx.known_fields, tx.dictionary))
    merges = Part(MergesRepository)
    companies = Part(lambda tx: CompaniesRepository(tx, tx.known_fields, tx.dictionary))
    imports = Part(ImportsRepository)
    employments = Part(EmploymentsRepository)
    relations = Part(RelationsRepository)
    interaction_kinds = Part(InteractionKindsRepository)
    interactions = Part(InteractionsRepository)
    purposes = Part(PurposesRepository)
    consents = Part(ConsentsRepository)
    data_exports = Part(DataExportsRepository)
    freshness_settings = Part(FreshnessSettingsRepository)
    profile_questions = Part(ProfileQuestionsRepository)
    question_asks = Part(QuestionAsksRepository)
    duplicate_pairs = Part(DuplicatePairsRepository)
    duplicate_settings = Part(DuplicateSettingsRepository)

    def __init__(
        self,
        work: Reading,
        ids: IdFactory,
        outbox: OutboxWriter,
        *,
        fields: KnownFieldsCache,
        words: KnownWords,
        links: ConsentLinks,
        trace_key: TraceKey,
    ) -> None:
        super().__init__(work, ids, outbox)
        self.known_fields = KnownFields(self, fields)
        self.dictionary = Dictionary(self, words)
        self.consent_links = links
        self.trace_key = trace_key
