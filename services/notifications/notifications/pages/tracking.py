"""Opens and clicks, where a tenant's rules have links of that kind put into messages."""

from __future__ import annotations

import base64
import hashlib
from uuid import UUID

from flask import Response

from chassis.context import service_caller
from chassis.domain import NotFound
from chassis.storage.statements import Statement
from chassis.storage.unit_of_work import Operations
from notifications.delivery.public_links import CLICKED, OPENED
from notifications.secrecy import Links
from notifications.transaction import NotificationsTx

_PIXEL = base64.b64decode("R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7")


class Tracking:
    """Answers the links, and notes that they were followed."""

    def __init__(self, operations: Operations[NotificationsTx], links: Links) -> None:
        self._operations = operations
        self._links = links

    def opened(self, token: str) -> Response:
        """The picture of one pixel; also for a link that is not ours, which tells nobody so."""
        said = self._links.read(OPENED, token)
        if said is not None:
            tenant_id, message_id, _ = said
            caller = service_caller("notifications", tenant_id)
            self._operations.run(caller, _note_opened, message_id)
        return Response(_PIXEL, content_type="image/gif")

    def clicked(self, token: str) -> Response:
        """On to the address that was signed, and to no other."""
        said = self._links.read(CLICKED, token)
        if said is None:
            raise NotFound("The link is not one of ours.")
        tenant_id, message_id, address = said
        caller = service_caller("notifications", tenant_id)
        self._operations.run(caller, _note_clicked, message_id, address)
        return Response(status=302, headers={"Location": address})


def _note_opened(tx: NotificationsTx, message_id: UUID) -> None:
    tx.messages.get(message_id).opened(tx.clock.now())


def _note_clicked(tx: NotificationsTx, message_id: UUID, address: str) -> None:
    message = tx.messages.get(message_id)
    about = {
        "tenant_id": tx.tenant_id,
        "message_id": message_id,
        "link": hashlib.sha256(address.encode()).digest(),
        "now": tx.clock.now(),
    }
    if tx.fetch_one(_CLICK, about) is not None:
        message.clicked(address)
        message.opened(tx.clock.now())


_CLICK = Statement(
    """
    INSERT INTO message_clicks (tenant_id, message_id, link, clicked_at)
    VALUES (%(tenant_id)s, %(message_id)s, %(link)s, %(now)s)
    ON CONFLICT DO NOTHING RETURNING link
    """
)
