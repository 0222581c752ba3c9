"""What identity keeps of people: the audit log's entries about their records, since it is about users else (CO-12).

Told is what happened to a record of the person, when, and by what kind of actor. Who among the tenant's own
people it was is theirs: the Court of Justice has it so (C-579/21), unless the person cannot do without, which
is for the tenant to decide, from the log itself.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from chassis.personal_data.kept import Kept, Record, by
from chassis.personal_data.rpc import Contract, personal_data_service
from rapport.common.v1 import personal_data_service_pb2 as messages
from rapport.common.v1 import personal_data_service_pb2_grpc as stubs


def _nameless(record: Record) -> Record:
    return {**record, "actor": str(record["actor"]).partition(":")[0]}


KEPT: Sequence[Kept] = (
    Kept(
        "audit_entry",
        "audit_entries",
        by("record_id"),
        key=("occurred_at", "number"),
        without=frozenset(
            {
                "address",
                "cause",
                "client_id",
                "details",  # what a fact says, by ids: the services tell it in full
                "hash",
                "previous_hash",
                "session_id",
                "trace_id",
            }
        ),
        shown=_nameless,
    ),
)
"""In the order in which it is told."""

NOT_TOLD: Mapping[str, str] = {}
"""Tables that name people, and are not told, and why; a test holds that all others are."""

PERSONAL_DATA = personal_data_service(
    Contract(messages, stubs.add_PersonalDataServiceServicer_to_server), KEPT
)
