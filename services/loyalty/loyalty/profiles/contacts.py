"""People as contacts knows them."""

from __future__ import annotations

import logging
from datetime import date
from uuid import UUID

from chassis.context import service_caller
from chassis.domain import Clock, NotFound
from chassis.rpc.client import Peer
from loyalty.profiles.domain import ImportantDay, Profile
from rapport.contacts.v1.contacts_service_pb2 import GetPersonRequest, ImportantDate
from rapport.contacts.v1.contacts_service_pb2_grpc import ContactsServiceStub

log = logging.getLogger("loyalty.profiles")

_ANSWER_SECONDS = 2.0


class ContactsPeople:
    """Asks about people in the service's own name."""

    def __init__(self, contacts: Peer, service: str, clock: Clock) -> None:
        self._contacts = contacts
        self._service = service
        self._clock = clock

    def profile(self, tenant_id: UUID, person_id: UUID) -> Profile | None:
        """What contacts knows of a person; None when there is none any more. Raises `Unavailable`."""
        method = self._contacts.stub(ContactsServiceStub).GetPerson
        request = GetPersonRequest(person_id=str(person_id))
        asking = service_caller(self._service, tenant_id)
        try:
            person = self._contacts.ask(method, request, asking, _ANSWER_SECONDS).person
        except NotFound:
            return None
        return Profile(
            person_id=person_id,
            language=person.language,
            time_zone=person.time_zone,
            days=tuple(day for one in person.important_dates if (day := _day(one)) is not None),
            known_at=self._clock.now(),
        )


def _day(given: ImportantDate) -> ImportantDay | None:
    """The day that a message states; None for what is no day of the calendar."""
    try:
        return ImportantDay(given.kind, date.fromisoformat(given.date))
    except ValueError:
        log.warning("a day of a person is none of the calendar", extra={"kind": given.kind})
        return None
