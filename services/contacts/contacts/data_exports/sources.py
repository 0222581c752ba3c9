"""Who tells what is known of a person: contacts itself, and the others over gRPC, all in the same way."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol
from uuid import UUID

from chassis.context import Caller
from chassis.personal_data.pages import Pages
from chassis.rpc.client import Peer
from chassis.storage.scope import EVERYTHING
from chassis.storage.unit_of_work import Operations
from contacts.data_exports.domain import require_file_name
from contacts.data_exports.storage import ExportPiece
from contacts.personal_data import KEPT
from contacts.transaction import ContactsTx
from rapport.common.v1.personal_data_service_pb2 import ListPersonalDataRequest
from rapport.common.v1.personal_data_service_pb2_grpc import PersonalDataServiceStub

_SECONDS = 30.0
"""How long a page may take: a table may have to be gone through for it."""


@dataclass(frozen=True, slots=True)
class Page:
    """What comes next, and where the page after it begins; nowhere when this is the last."""

    pieces: Sequence[ExportPiece]
    following: str


class PersonalDataSource(Protocol):
    """A service that keeps something of people."""

    def page(self, caller: Caller, people: Sequence[UUID], page_token: str) -> Page:
        """A page of it; the first without a token.

        Raises `Unavailable`, and `Invalid` about `page_token_outdated` when it is to be asked anew.
        """
        ...


class OwnPersonalData:
    """What contacts keeps itself."""

    def __init__(self, operations: Operations[ContactsTx]) -> None:
        self._operations = operations
        self._pages = Pages(KEPT)

    def page(self, caller: Caller, people: Sequence[UUID], page_token: str) -> Page:
        """A page of the tables."""
        place = self._pages.place(page_token)
        pieces, following = self._operations.read(
            caller, EVERYTHING, self._pages.read, people, place
        )
        told = [ExportPiece(one.file, one.content, one.records) for one in pieces]
        return Page(told, "" if following is None else self._pages.token(following))


class PeerPersonalData:
    """What another service keeps, asked with the service's own token."""

    def __init__(self, peer: Peer) -> None:
        self._peer = peer

    def page(self, caller: Caller, people: Sequence[UUID], page_token: str) -> Page:
        """A page of what it tells. Raises `Invalid` for files that are called in no agreed way."""
        request = ListPersonalDataRequest(
            person_ids=[str(one) for one in people], page_token=page_token
        )
        method = self._peer.stub(PersonalDataServiceStub).ListPersonalData
        answer = self._peer.ask(method, request, caller, _SECONDS)
        name = self._peer.name
        return Page(
            [
                ExportPiece(require_file_name(name, one.file), one.content, one.records)
                for one in answer.pieces
            ],
            answer.next_page_token,
        )
