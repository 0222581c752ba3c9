"""Contacts with a relay that trusts in the broker."""

from __future__ import annotations

from typing import Any

from chassis.events.lane import Lane
from chassis.events.message import outgoing
from chassis.events.pace import Pace
from chassis.events.publisher import Publisher
from chassis.events.relay import Relay
from chassis.events.unpublished import Connection, Row, Unpublished
from chassis.service import Service
from contacts.app import build as build_contacts
from contacts.settings import ContactsSettings
from contacts.transaction import ContactsTx
from tests.reliability.saboteurs.wiring import replace_part


class TrustfulLane(Lane):
    """Marks first, and sends then."""

    async def _publish(self, publisher: Publisher, rows: list[Row]) -> bool:
        await self._rows.mark_published([row.seq for row in rows], self._clock.now())
        await publisher.publish([outgoing(row, self._source) for row in rows])
        return True


class TrustfulRelay(Relay):
    """Has such lanes."""

    def _lane(
        self,
        lane: int,
        connection: Connection,
        pace: Pace,
        *,
        before: Lane | None = None,
    ) -> Lane:
        lane_of_the_chassis = super()._lane(lane, connection, pace, before=before)
        return TrustfulLane(
            Unpublished(connection, lane),
            self._clock,
            self._service,
            lane_of_the_chassis._slices,  # noqa: SLF001
            pace,
        )


def _trustful(service: Service[Any]) -> TrustfulRelay:
    return TrustfulRelay(service.database, service.settings, service.description.name)


def build(settings: ContactsSettings) -> Service[ContactsTx]:
    """Contacts with this one bug."""
    service = build_contacts(settings)
    replace_part(service, Relay, _trustful)
    return service
