"""The operators' own audit log over REST: what happened on the platform and belongs to no tenant (ID-11).

Its chain is that of the nil tenant: facts of no tenant come in under it, and are chained, searched and
verified as all others are. Decision 0012 says why.
"""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from uuid import UUID

from chassis.context import PLATFORM, Caller
from chassis.http.call import Call
from chassis.http.reply import Reply, Stream
from chassis.http.routes import Routes
from chassis.storage.listing import Listing
from chassis.storage.scope import EVERYTHING
from identity.audit import queries
from identity.audit.api import MEDIA, MOST_AT_ONCE, verification_of
from identity.audit.exports import export_stream
from identity.audit.models import AuditEntryOut, ExportQuery, VerificationOut, VerificationQuery
from identity.audit.operations import note_export
from identity.audit.verification import verify
from identity.transaction import IdentityTx

READ = "identity.operators_audit.read"
EXPORT = "identity.operators_audit.export"

operators_audit = Routes("/v1/identity/operators/audit-entries", tag="operators-audit")


def _on_platform(call: Call[IdentityTx]) -> Caller:
    """The operator, looking at what belongs to no tenant."""
    return replace(call.caller, tenant_id=PLATFORM)


@operators_audit.get(
    "", permission=READ, listing=queries.ENTRIES, returns=AuditEntryOut, tenantless=True
)
def list_operators_audit_entries(call: Call[IdentityTx], listing: Listing) -> Reply:
    """List what happened on the platform and belongs to no tenant; takes an operator's token."""
    read = call.operations.read
    return Reply(read(_on_platform(call), EVERYTHING, queries.list_entries, listing))


@operators_audit.get("/<uuid:entry_id>", permission=READ, returns=AuditEntryOut, tenantless=True)
def get_operators_audit_entry(call: Call[IdentityTx], entry_id: UUID) -> Reply:
    """Get the platform's audit entry of a fact; takes an operator's token."""
    read = call.operations.read
    return Reply(read(_on_platform(call), EVERYTHING, queries.get_entry, entry_id))


@operators_audit.get(
    "/export",
    permission=EXPORT,
    listing=replace(queries.ENTRIES, whole=True, default_sort="number"),
    query=ExportQuery,
    media_type=MEDIA,
    tenantless=True,
)
def export_operators_audit_entries(
    call: Call[IdentityTx], listing: Listing, query: ExportQuery
) -> Stream:
    """Export the platform's audit entries as NDJSON or CSV; takes an operator's token."""
    caller, operations = _on_platform(call), call.operations
    operations.run(caller, note_export, query.format.value, listing.given)
    return export_stream(
        query.format,
        listing,
        lambda page: operations.read(caller, EVERYTHING, queries.list_entries, page),
    )


@operators_audit.get(
    "/verification",
    permission=READ,
    query=VerificationQuery,
    returns=VerificationOut,
    tenantless=True,
)
def verify_operators_audit_entries(call: Call[IdentityTx], query: VerificationQuery) -> Reply:
    """Verify that none of the platform's audit entries was changed; takes an operator's token."""
    caller = _on_platform(call)
    read = partial(call.operations.read, caller, EVERYTHING)
    return Reply(verification_of(verify(read, first=query.first, most=MOST_AT_ONCE)))
