"""What contacts keeps of people, table by table, for whoever asks what is known of them (CO-12)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from chassis.personal_data.kept import Kept, Record, by
from chassis.personal_data.rpc import Contract, personal_data_service
from rapport.common.v1 import personal_data_service_pb2 as messages
from rapport.common.v1 import personal_data_service_pb2_grpc as stubs

_PERSON = by("person_id")
_OF_PERSON_IN_TIME = ("person_id", "occurred_at", "id")
"""The order of the index: a timeline may be long."""
_IN_IMPORTS = (
    "t.import_id IN (SELECT import_id FROM people WHERE tenant_id = %(tenant_id)s"
    " AND id = ANY(%(ids)s) UNION SELECT import_id FROM merges WHERE tenant_id = %(tenant_id)s"
    " AND merged_id = ANY(%(ids)s) UNION SELECT import_id FROM import_rows"
    " WHERE tenant_id = %(tenant_id)s AND person_id = ANY(%(ids)s))"
)
_FAILED = (
    "t.outcome = 'failed' AND t.person_id IS NULL AND EXISTS (SELECT 1 FROM people p"
    " CROSS JOIN LATERAL (SELECT lower(one ->> 'address')"
    " FROM json_array_elements(p.details -> 'emails') AS one UNION ALL SELECT one ->> 'number'"
    " FROM json_array_elements(p.details -> 'phones') AS one) AS given (text)"
    " WHERE p.tenant_id = %(tenant_id)s AND p.id = ANY(%(ids)s)"
    " AND position(given.text IN lower(t.cells::text)) > 0)"
)
"""Rows that became nobody, and have an address or number of theirs."""


def _flat(record: Record) -> Record:
    """With what is kept in one document beside the rest, as the API shows it."""
    details = record.pop("details")
    return {**record, **details}


KEPT: Sequence[Kept] = (
    Kept("person", "people", by("id"), shown=_flat),
    Kept("external_id", "person_external_ids", _PERSON, key=("system", "id")),
    Kept("consent", "consents", _PERSON),
    Kept("consent_saying", "consent_sayings", _PERSON),
    Kept("employment", "employments", _PERSON),
    Kept("relation", "relations", (by("first_id"), by("second_id"))),
    Kept("interaction", "interactions", _PERSON, key=_OF_PERSON_IN_TIME),
    Kept("sign_of_life", "signs_of_life", _PERSON, key=("person_id", "channel")),
    Kept("asked_question", "question_asks", _PERSON),
    Kept("timeline_entry", "timeline_entries", _PERSON, key=_OF_PERSON_IN_TIME),
    Kept("merge", "merges", (by("person_id"), by("survivor_id"), by("merged_id"))),
    Kept(
        "merged_record",
        "merged_records",
        (by("person_id"), by("related_person_id")),
        key=("kind", "record_id"),
    ),
    Kept("import_row", "import_rows", _PERSON, key=("import_id", "run", "row")),
    Kept("failed_import_row", "import_rows", _FAILED, key=("import_id", "run", "row")),
    Kept("kept_by_undoing", "import_kept", _PERSON, key=("import_id", "person_id")),
    # The file itself tells of others as well: how much is kept of it, and until when, is what can be told.
    Kept("import_file_part", "import_parts", _IN_IMPORTS, key=("import_id", "number")),
    Kept("data_export", "data_exports", _PERSON),
    Kept("data_export_download", "data_export_downloads", _PERSON),
)
"""In the order in which it is told."""

NOT_TOLD: Mapping[str, str] = {
    "data_export_parts": "how far an export is, which is told with the export",
    "data_export_pieces": "the archive itself",
    "duplicate_pairs": "a supposition that tells of another person as well; it is told of neither",
    "erased_traces": "digests by which those who are gone are recognised for a while",
    "erasures": "of those who are gone that they are",
    "import_keys": "addresses to recognise people of a dry run by, made of the rows",
    "import_pieces": "files that tell of others as well; how long they are is told",
    "people_to_compare": "who waits to be compared with others",
    "person_custom_values": "values to find people by, made of their own fields",
    "person_keys": "addresses to find people by, in one notation",
    "person_match_keys": "numbers to find likely duplicates by, made of their details",
    "person_search_terms": "words to find people by, made of their details",
}
"""Tables that name people or what is told, and are not told themselves, and why; a test holds that all others are."""

PERSONAL_DATA = personal_data_service(
    Contract(messages, stubs.add_PersonalDataServiceServicer_to_server), KEPT
)
