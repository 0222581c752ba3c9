"""Attachments over REST."""

from __future__ import annotations

from uuid import UUID

from flask import Response

from chassis.domain import Category, DomainError, IdFactory
from chassis.http.body import read_raw
from chassis.http.call import REPLAYED, Call
from chassis.http.reply import Reply, Stream
from chassis.http.routes import Routes
from chassis.storage.listing import Listing
from desk.attachments import operations, queries
from desk.attachments.domain import LARGEST, Attachment, require_name
from desk.attachments.files import FileStore
from desk.attachments.kinds import kind_of
from desk.attachments.links import FileLinks
from desk.attachments.models import AttachmentOut, FileLinkOut, UploadQuery
from desk.attachments.serving import file_headers
from desk.transaction import DeskTx

READ = "desk.tickets.read"
WRITE = "desk.tickets.write"
_PATH = "/v1/desk/attachments"
_ONE = "/<uuid:attachment_id>"
_OCTETS = (
    "application/octet-stream",
    "application/json",
    "application/pdf",
    "application/zip",
    "audio/mpeg",
    "image/gif",
    "image/jpeg",
    "image/png",
    "image/webp",
    "text/csv",
    "text/plain",
    "video/mp4",
)
"""What a client may say that it sends; what it is, is looked at."""


def attachment_routes(files: FileStore, links: FileLinks, ids: IdFactory) -> Routes:
    """The routes of attachments, which are kept in `files`."""
    attachments = Routes(_PATH, tag="attachments")

    @attachments.get("", permission=READ, listing=queries.ATTACHMENTS, returns=AttachmentOut)
    def list_attachments(call: Call[DeskTx], listing: Listing) -> Reply:
        """List files, the latest first."""
        return Reply(call.read(queries.list_attachments, listing))

    @attachments.post(
        "",
        permission=WRITE,
        query=UploadQuery,
        raw_body=_OCTETS,
        body_limit=LARGEST,
        returns=AttachmentOut,
        status=201,
        problems=(409,),
    )
    def upload_attachment(call: Call[DeskTx], query: UploadQuery) -> Response:
        """Send a file, to attach it to a message within a day; the body is the file itself.

        What it is follows from its bytes, whatever media type it is sent as.
        """
        return _upload(call, query.name, files, ids)

    _reads(attachments, files, links)
    return attachments


def _reads(attachments: Routes, files: FileStore, links: FileLinks) -> None:
    @attachments.get(_ONE, permission=READ, returns=AttachmentOut)
    def get_attachment(call: Call[DeskTx], attachment_id: UUID) -> Reply:
        """Get what is known of a file."""
        one = call.read(queries.get_attachment, attachment_id)
        return Reply(one, version=one["version"])

    @attachments.get(f"{_ONE}/content", permission=READ, media_type="*/*")
    def get_attachment_content(call: Call[DeskTx], attachment_id: UUID) -> Stream:
        """Get the file itself, to be saved."""
        one = call.read(queries.get_attachment, attachment_id)
        pieces = files.read(_tenant_of(call), attachment_id)
        return Stream(pieces, one["content_type"], file_headers(one))

    @attachments.get(f"{_ONE}/link", permission=READ, returns=FileLinkOut)
    def get_attachment_link(call: Call[DeskTx], attachment_id: UUID) -> Reply:
        """Get a link to the file that can be given to the customer; it ends after 30 days."""
        call.read(queries.get_attachment, attachment_id)
        now = call.read(lambda reading: reading.clock.now())
        url, ends_at = links.link(_tenant_of(call), attachment_id, now)
        return Reply({"url": url, "ends_at": ends_at}, headers={"Cache-Control": "no-store"})

    @attachments.delete(_ONE, permission=WRITE, problems=(409,))
    def delete_attachment(call: Call[DeskTx], attachment_id: UUID) -> Response:
        """Throw a file away that is attached to nothing."""
        return call.run(
            lambda tx: operations.remove_attachment(tx, attachment_id),
            lambda _tx, _nothing: Reply.nothing(),
        )


def _upload(call: Call[DeskTx], given: str, files: FileStore, ids: IdFactory) -> Response:
    name = require_name(given)
    content = read_raw(call.request, LARGEST)
    call.raw = content
    kept = operations.KeptFile.of(ids.new(), name, kind_of(content, name), content)
    call.check_headers()
    tenant_id = _tenant_of(call)
    files.write(tenant_id, kept.id, content)
    try:
        response = call.run(lambda tx: operations.store_attachment(tx, kept), _created)
    except DomainError as error:
        # Of a database that is gone nobody knows whether it has stored the row: what is stray is swept.
        if error.category is not Category.UNAVAILABLE:
            files.remove(tenant_id, kept.id)
        raise
    if REPLAYED in response.headers:
        files.remove(tenant_id, kept.id)
    return response


def _created(tx: DeskTx, attachment: Attachment) -> Reply:
    shown = queries.get_attachment(tx, attachment.id)
    return Reply.created(f"{_PATH}/{attachment.id}", shown, attachment.version)


def _tenant_of(call: Call[DeskTx]) -> UUID:
    if call.caller.tenant_id is None:
        raise RuntimeError("files are a tenant's")
    return call.caller.tenant_id
