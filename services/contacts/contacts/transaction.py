"""The unit of work of contacts: what an operation can reach."""

from __future__ import annotations

from chassis.domain import IdFactory
from chassis.events.outbox import OutboxWriter
from chassis.storage.unit_of_work import Reading, UnitOfWork
from contacts.companies.storage import CompaniesRepository
from contacts.consents.links import ConsentLinks
from contacts.consents.storage import ConsentsRepository
from contacts.custom_fields.known_fields import KnownFields, KnownFieldsCache
from contacts.custom_fields.storage import CustomFieldsRepository
from contacts.imports.storage import ImportsRepository
from contacts.interaction_kinds.storage import InteractionKindsRepository
from contacts.interactions.storage import InteractionsRepository
from contacts.merges.storage import MergesRepository
from contacts.people.storage import PeopleRepository
from contacts.purposes.storage import PurposesRepository
from contacts.relationships.storage import EmploymentsRepository, RelationsRepository
from contacts.search.dictionary import Dictionary, KnownWords


class ContactsTx(UnitOfWork):
    """One transaction of contacts."""

    def __init__(
        self,
        work: Reading,
        ids: IdFactory,
        outbox: OutboxWriter,
        *,
        fields: KnownFieldsCache,
        words: KnownWords,
        links: ConsentLinks,
    ) -> None:
        super().__init__(work, ids, outbox)
        self.known_fields = KnownFields(self, fields)
        self.custom_fields = CustomFieldsRepository(self, self.known_fields)
        self.dictionary = Dictionary(self, words)
        self.people = PeopleRepository(self, self.known_fields, self.dictionary)
        self.merges = MergesRepository(self)
        self.companies = CompaniesRepository(self, self.known_fields, self.dictionary)
        self.imports = ImportsRepository(self)
        self.employments = EmploymentsRepository(self)
        self.relations = RelationsRepository(self)
        self.interaction_kinds = InteractionKindsRepository(self)
        self.interactions = InteractionsRepository(self)
        self.purposes = PurposesRepository(self)
        self.consents = ConsentsRepository(self)
        self.consent_links = links
