"""Letters over REST: a mailing house takes them in batches, as files."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from flask import Response
from pydantic import BaseModel, Field

from chassis.http.call import Call
from chassis.http.query_string import Query
from chassis.http.reply import Reply, Stream
from chassis.http.routes import Routes
from chassis.storage.listing import Listing
from notifications.letters.batches import BATCHES, begun_at, list_batches
from notifications.letters.keeping import (
    MOST_IN_BATCH,
    as_csv,
    as_ndjson,
    begin_batch,
    count_waiting,
    letters_of,
)
from notifications.letters.printing import as_pdf
from notifications.transaction import NotificationsTx

READ = "notifications.letters.read"
WRITE = "notifications.letters.write"

letters = Routes("/v1/notifications/letters", tag="letters")


class BatchFileQuery(Query):
    """How the file is written: a line for each letter, or all of them as pages to be printed."""

    format: Literal["ndjson", "csv", "pdf"] = "ndjson"


class BatchQuery(Query):
    """How many letters a batch takes; at most 200 can be printed as one PDF."""

    most: Annotated[int, Field(ge=1, le=MOST_IN_BATCH)] = MOST_IN_BATCH


class WaitingOut(BaseModel):
    """How many letters wait."""

    waiting: int


class LetterBatchOut(BaseModel):
    """A batch of letters."""

    id: UUID
    count: int
    begun_at: datetime


@letters.get("", permission=READ, returns=WaitingOut)
def count_letters(call: Call[NotificationsTx]) -> Reply:
    """Tell how many letters wait for the next batch."""
    return Reply(call.read(count_waiting))


@letters.post(
    "/batches",
    permission=WRITE,
    query=BatchQuery,
    returns=LetterBatchOut,
    status=201,
    problems=(409,),
)
def begin_letter_batch(call: Call[NotificationsTx], query: BatchQuery) -> Response:
    """Take the letters that wait into a batch, the oldest first, 5,000 at most."""
    return call.run(lambda tx: begin_batch(tx, query.most), _begun)


@letters.get("/batches", permission=READ, listing=BATCHES, returns=LetterBatchOut)
def list_letter_batches(call: Call[NotificationsTx], listing: Listing) -> Reply:
    """List the batches that are kept, the latest first.

    Letters are kept for as long as the words of other messages, 30 days unless the platform is set
    otherwise, counted from when their batch was begun; those that wait for a batch, until then.
    """
    return Reply(call.read(list_batches, listing))


@letters.get(
    "/batches/<uuid:batch_id>",
    permission=READ,
    query=BatchFileQuery,
    media_type="application/x-ndjson,text/csv,application/pdf",
    problems=(409, 503),
)
def download_letter_batch(
    call: Call[NotificationsTx], query: BatchFileQuery, batch_id: UUID
) -> Stream:
    """Download a batch: one letter a line, with its address, text and HTML, or as a PDF to print.

    The PDF is A4 for envelopes with a window, as DIN 5008 (form B) places the address; each letter
    begins on a page of its own, and the outline of the file has their ids. Of HTML it has words,
    headings, lists and what is bold, and no colours or pictures.
    """
    found = call.read(letters_of, batch_id)
    if query.format == "pdf":
        # After the transaction: it takes a while.
        name = f'inline; filename="letters-{batch_id}.pdf"'
        return Stream([as_pdf(found)], "application/pdf", {"Content-Disposition": name})
    if query.format == "csv":
        return Stream(as_csv(found), "text/csv; charset=utf-8")
    return Stream(as_ndjson(found), "application/x-ndjson")


def _begun(_tx: NotificationsTx, made: tuple[UUID, int]) -> Reply:
    batch_id, count = made
    body = {"id": batch_id, "count": count, "begun_at": begun_at(batch_id)}
    return Reply.created(f"{letters.prefix}/batches/{batch_id}", body)
