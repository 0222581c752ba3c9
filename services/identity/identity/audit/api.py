"""The audit log over REST: search, export, and the proof that nobody has touched it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from uuid import UUID

from chassis.context import Reach
from chassis.domain import Forbidden
from chassis.http.call import Call
from chassis.http.reply import Reply, Stream
from chassis.http.routes import Routes
from chassis.storage.listing import Listing
from identity.audit import queries
from identity.audit.domain import Head
from identity.audit.exports import MEDIA_TYPES, export_stream
from identity.audit.models import AuditEntryOut, ExportQuery, VerificationOut, VerificationQuery
from identity.audit.operations import note_export
from identity.audit.verification import Verification, verify
from identity.transaction import IdentityTx

READ = "identity.audit.read"
EXPORT = "identity.audit.export"
MOST_AT_ONCE = 20_000
"""Entries that one call verifies: about a second's work."""
MEDIA = ",".join(media.partition(";")[0] for media in MEDIA_TYPES.values())

audit_entries = Routes("/v1/identity/audit-entries", tag="audit-entries")


@audit_entries.get("", permission=READ, listing=queries.ENTRIES, returns=AuditEntryOut)
def list_audit_entries(call: Call[IdentityTx], listing: Listing) -> Reply:
    """List audit entries, the latest first; without reach over all, one's own or one's teams'."""
    return Reply(call.read(queries.list_entries, listing))


@audit_entries.get("/<uuid:entry_id>", permission=READ, returns=AuditEntryOut)
def get_audit_entry(call: Call[IdentityTx], entry_id: UUID) -> Reply:
    """Get the audit entry of a fact, by the fact's id."""
    return Reply(call.read(queries.get_entry, entry_id))


@audit_entries.get(
    "/export",
    permission=EXPORT,
    listing=replace(queries.ENTRIES, whole=True, default_sort="number"),
    query=ExportQuery,
    media_type=MEDIA,
)
def export_audit_entries(call: Call[IdentityTx], listing: Listing, query: ExportQuery) -> Stream:
    """Export audit entries as NDJSON or CSV, the oldest first: those that the list has.

    An export that breaks off says so at its end: a last line `EXPORT INCOMPLETE`.
    """
    call.operations.run(call.caller, note_export, query.format.value, listing.given)
    return export_stream(query.format, listing, lambda page: call.read(queries.list_entries, page))


@audit_entries.get(
    "/verification", permission=READ, query=VerificationQuery, returns=VerificationOut
)
def verify_audit_entries(call: Call[IdentityTx], query: VerificationQuery) -> Reply:
    """Verify that no audit entry was changed, removed or exchanged; needs reach over all.

    Note the head in another place now and then: with it, also a chain that was cut short or written
    anew is told from the one that was.
    """
    if call.reach is not Reach.ALL:
        raise Forbidden("This needs reach over all.", code="reach_too_short")
    return Reply(verification_of(verify(call.read, first=query.first, most=MOST_AT_ONCE)))


def verification_of(found: Verification) -> dict[str, Any]:
    """A verification as the REST face shows it."""
    broken = found.broken
    return {
        "intact": broken is None,
        "complete": found.is_complete,
        "first": found.first,
        "checked": _head(found.checked),
        "head": _head(found.head),
        "broken": None
        if broken is None
        else {"number": broken.number, "damage": broken.damage, "message": broken.message},
    }


def _head(head: Head) -> dict[str, Any]:
    return {"number": head.number, "hash": head.hash.hex()}
