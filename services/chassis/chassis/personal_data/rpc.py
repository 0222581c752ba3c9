"""Gives out what a service keeps of people, to other services, over gRPC: the same for every service.

The contract is the services'; they hand in what was generated of it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import grpc

from chassis.domain import Invalid
from chassis.personal_data.kept import Kept
from chassis.personal_data.pages import PAGE, KeptFiles, Pages, Piece, Place, malformed
from chassis.rpc.call import RpcCall, Servicer
from chassis.rpc.declaration import SERVICES_ONLY, RpcService

MOST_PEOPLE = 1000
"""How many ids one person may have."""
_FILES = "files"


@dataclass(frozen=True, slots=True)
class Contract:
    """What was generated of the contract: the module of its messages, and what registers a servicer."""

    messages: Any
    register: Callable[[Any, grpc.Server], None]


class PersonalDataServicer(Servicer[Any]):
    """Answers page by page: first the tables in their order, then the files."""

    def __init__(self, contract: Contract, kept: Sequence[Kept], files: KeptFiles | None) -> None:
        self._messages = contract.messages
        self._pages = Pages(kept)
        self._files = files

    def ListPersonalData(self, request: Any, context: grpc.ServicerContext) -> Any:
        """The next page of what is kept of some people."""
        call, ids = self.call(context), _people(request.person_ids)
        place = self._pages.place(request.page_token)
        if place is not None and place.kind == _FILES:
            pieces, following = self._page_of_files(call, ids, place)
        else:
            pieces, following = call.read(self._pages.read, ids, place)
            if following is None and self._files is not None:
                following = Place(_FILES)
        return self._messages.ListPersonalDataResponse(
            pieces=[
                self._messages.PersonalDataPiece(
                    file=one.file, content=one.content, records=one.records
                )
                for one in pieces
            ],
            next_page_token="" if following is None else self._pages.token(following),
        )

    def _page_of_files(
        self, call: RpcCall[Any], ids: Sequence[UUID], place: Place
    ) -> tuple[list[Piece], Place | None]:
        """A piece of a file; the place is the file's id and how much of it was told.

        What the token says is no right to a file: only theirs are found. No transaction is open
        while the file is read.
        """
        files, tenant_id = self._files, call.caller.tenant_id
        if files is None or tenant_id is None:
            raise malformed()
        wanted, offset = _place_in_files(place)
        found = call.read(files.first_from, ids, wanted)
        if found is None:
            return [], None
        offset = offset if found == wanted else 0
        content = files.piece(tenant_id, found, offset, PAGE)
        goes_on = len(content) == PAGE
        following = found if goes_on else UUID(int=found.int + 1)
        key = (str(following), str(offset + PAGE if goes_on else 0))
        return [Piece(f"{_FILES}/{found}", content, 0)], Place(_FILES, key)


def personal_data_service(
    contract: Contract, kept: Sequence[Kept], files: KeptFiles | None = None
) -> RpcService:
    """The service, for a service that keeps this of people."""
    return RpcService(
        descriptor=contract.messages.DESCRIPTOR.services_by_name["PersonalDataService"],
        register=contract.register,
        servicer=PersonalDataServicer(contract, kept, files),
        permissions={"ListPersonalData": SERVICES_ONLY},
    )


def _people(given: Sequence[str]) -> list[UUID]:
    if not 1 <= len(given) <= MOST_PEOPLE:
        message = f"person_ids has to have 1 to {MOST_PEOPLE} ids."
        raise Invalid.at("person_ids", "count_out_of_bounds", message)
    try:
        return [UUID(one) for one in given]
    except ValueError:
        message = "person_ids have to be UUIDs."
        raise Invalid.at("person_ids", "uuid_malformed", message) from None


def _place_in_files(place: Place) -> tuple[UUID, int]:
    if not place.key:
        return UUID(int=0), 0
    try:
        file_id, offset = place.key
        return UUID(file_id), max(int(offset), 0)
    except ValueError:
        raise malformed() from None
