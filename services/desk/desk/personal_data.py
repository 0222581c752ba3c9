"""What desk keeps of people, table by table and file by file, for whoever asks what is known of them (CO-12).

Who wrote from an address is known by it as well, as when somebody is erased (`people/addresses.py`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from uuid import UUID

from chassis.domain import NotFound
from chassis.personal_data.kept import Kept, Record, by, hanging_on, of
from chassis.personal_data.rpc import Contract, personal_data_service
from chassis.rpc.declaration import RpcService
from chassis.storage.statements import Statement
from chassis.storage.unit_of_work import Reading
from desk.attachments.files import FileStore
from rapport.common.v1 import personal_data_service_pb2 as messages
from rapport.common.v1 import personal_data_service_pb2_grpc as stubs

_ADDRESSES = (
    "(SELECT lower(requester_address) FROM tickets WHERE tenant_id = %(tenant_id)s"
    " AND person_id = ANY(%(ids)s) AND requester_address <> ''"
    " UNION SELECT lower(sender_address) FROM messages WHERE tenant_id = %(tenant_id)s"
    " AND person_id = ANY(%(ids)s) AND sender_address <> '')"
)
"""What these people wrote from."""
_PERSON = by("person_id")
_OF_TICKET = of("ticket_id", "tickets")
_OF_ASSET = of("asset_id", "assets")


def _from(column: str) -> str:
    """Rows that name nobody, but an address that these people wrote from."""
    return f"(t.person_id IS NULL AND lower(t.{column}) IN {_ADDRESSES})"


_MESSAGE = (_PERSON, _OF_TICKET, of("origin_ticket_id", "tickets"), _from("sender_address"))


def _with_file(record: Record) -> Record:
    return {**record, "file": f"files/{record['id']}"}


_OF_MESSAGE = hanging_on("message_id", "messages t", _MESSAGE, "t.id")

KEPT: Sequence[Kept] = (
    Kept("ticket", "tickets", (_PERSON, _from("requester_address"))),
    Kept("ticket_external_id", "ticket_external_ids", _OF_TICKET, key=("system", "id")),
    Kept("ticket_follower", "ticket_followers", (_PERSON, _OF_TICKET, _from("address"))),
    Kept("ticket_change", "ticket_changes", _OF_TICKET),
    Kept(
        "ticket_link",
        "ticket_links",
        (_OF_TICKET, of("other_id", "tickets")),
    ),
    Kept(
        "ticket_submission",
        "ticket_submissions",
        (_OF_TICKET, f"lower(t.answers ->> 'email') IN {_ADDRESSES}"),
    ),
    Kept("message", "messages", _MESSAGE),
    Kept("attachment", "attachments", f"t.removed_at IS NULL AND {_OF_MESSAGE}", shown=_with_file),
    Kept("inbound_mail", "inbound_mails", (_OF_TICKET, f"lower(t.sender) IN {_ADDRESSES}")),
    Kept("outbound_mail", "outbound_mails", (_PERSON, _OF_TICKET, _from("address"))),
    Kept("mail_reference", "mail_references", _OF_TICKET, key=("reference",)),
    Kept("requester_question", "requester_questions", _OF_TICKET, key=("ticket_id",)),
    Kept("clock", "clocks", _OF_TICKET),
    Kept("routing_decision", "routing_decisions", _OF_TICKET),
    Kept("promise", "promises", _OF_TICKET),
    Kept("promise_move", "promise_moves", _OF_TICKET, key=("promise_id", "number")),
    Kept("complaint", "complaints", _OF_TICKET),
    Kept("survey_request", "survey_requests", (_PERSON, _OF_TICKET)),
    Kept("asset", "assets", _PERSON),
    Kept("asset_history", "asset_history", _OF_ASSET),
    Kept("asset_movement", "asset_movements", _PERSON),
    Kept("asset_registration", "asset_registrations", _PERSON),
    Kept("entitlement", "entitlements", _PERSON),
    Kept(
        "entitlement_use",
        "entitlement_uses",
        (_OF_TICKET, of("entitlement_id", "entitlements")),
        key=("entitlement_id", "ticket_id"),
    ),
    Kept("service_subscription", "service_subscriptions", _PERSON),
)
"""In the order in which it is told."""

NOT_TOLD: Mapping[str, str] = {
    "person_merges": "who was merged with whom is told by contacts, which decides it",
    "ticket_terms": "words to find tickets by, made of the tickets and messages",
    "ticket_tags": "words to find tickets by, made of their tags",
    "ticket_values": "values to find tickets by, made of their own fields",
    "ticket_moments": "times of reports, made of the changes of tickets",
    "ticket_routings": "whose turn is next; what was decided is told",
    "article_solutions": "which article helped is in the ticket",
    "counted_replies": "numbers of reports, made of the messages",
    "counted_spells": "numbers of reports, made of the changes of tickets",
    "counted_tickets": "numbers of reports, made of the tickets",
    "time_rule_firings": "which rules have run; what they did is told as changes",
    "trigger_chains": "which rules have run; what they did is told as changes",
    "trigger_firings": "which rules have run; what they did is told as changes",
}
"""Tables that name what is told, and are not told themselves, and why; a test holds that all others are."""

_FIRST_FILE = Statement(
    "SELECT t.id FROM attachments t WHERE t.tenant_id = %(tenant_id)s AND t.removed_at IS NULL"  # noqa: S608
    f" AND t.id >= %(from)s AND {_OF_MESSAGE} ORDER BY t.id LIMIT 1"
)


class AttachedFiles:
    """The files that went with what was said."""

    def __init__(self, files: FileStore) -> None:
        self._files = files

    def first_from(self, reading: Reading, ids: Sequence[UUID], file_id: UUID) -> UUID | None:
        """The first of their files from this id on."""
        about = {"tenant_id": reading.caller.tenant_id, "ids": list(ids), "from": file_id}
        row = reading.fetch_one(_FIRST_FILE, about)
        return None if row is None else row["id"]

    def piece(self, tenant_id: UUID, file_id: UUID, offset: int, most: int) -> bytes:
        """The bytes from there on; a file has few, so that those before are read again."""
        try:
            pieces = self._files.read(tenant_id, file_id)
        except NotFound:
            return b""
        found, at = bytearray(), 0
        for piece in pieces:
            found += piece[max(offset - at, 0) :]
            at += len(piece)
            if len(found) >= most:
                break
        return bytes(found[:most])


def desk_personal_data(files: FileStore) -> RpcService:
    """The service, over the files that are kept there."""
    contract = Contract(messages, stubs.add_PersonalDataServiceServicer_to_server)
    return personal_data_service(contract, KEPT, AttachedFiles(files))
