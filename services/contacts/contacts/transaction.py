"""The unit of work of contacts: what an operation can reach."""

from __future__ import annotations

from chassis.domain import IdFactory
from chassis.events.outbox import OutboxWriter
from chassis.storage.unit_of_work import Reading, UnitOfWork
from contacts.people.storage import PeopleRepository


class ContactsTx(UnitOfWork):
    """One transaction of contacts."""

    def __init__(self, work: Reading, ids: IdFactory, outbox: OutboxWriter) -> None:
        super().__init__(work, ids, outbox)
        self.people = PeopleRepository(self)
