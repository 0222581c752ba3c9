"""Letters over REST: a mailing house takes them in batches, as files."""

from __future__ import annotations

from typing import Literal
from uuid import UUID

from flask import Response
from pydantic import BaseModel

from chassis.http.call import Call
from chassis.http.query_string import Query
from chassis.http.reply import Reply, Stream
from chassis.http.routes import Routes
from notifications.letters.keeping import (
    as_csv,
    as_ndjson,
    begin_batch,
    count_waiting,
    letters_of,
)
from notifications.transaction import NotificationsTx

READ = "notifications.letters.read"
WRITE = "notifications.letters.write"

letters = Routes("/v1/notifications/letters", tag="letters")


class BatchFileQuery(Query):
    """How the file is written."""

    format: Literal["ndjson", "csv"] = "ndjson"


class WaitingOut(BaseModel):
    """How many letters wait."""

    waiting: int


class LetterBatchOut(BaseModel):
    """A batch of letters."""

    id: UUID
    count: int


@letters.get("", permission=READ, returns=WaitingOut)
def count_letters(call: Call[NotificationsTx]) -> Reply:
    """Tell how many letters wait for the next batch."""
    return Reply(call.read(count_waiting))


@letters.post("/batches", permission=WRITE, returns=LetterBatchOut, status=201, problems=(409,))
def begin_letter_batch(call: Call[NotificationsTx]) -> Response:
    """Take the letters that wait into a batch, 5,000 at most."""
    return call.run(
        begin_batch,
        lambda _tx, made: Reply.created(
            f"{letters.prefix}/batches/{made[0]}", {"id": made[0], "count": made[1]}
        ),
    )


@letters.get(
    "/batches/<uuid:batch_id>",
    permission=READ,
    query=BatchFileQuery,
    media_type="application/x-ndjson,text/csv",
)
def download_letter_batch(
    call: Call[NotificationsTx], query: BatchFileQuery, batch_id: UUID
) -> Stream:
    """Download a batch: one letter a line, with its address, text and HTML to print."""
    found = call.read(letters_of, batch_id)
    if query.format == "csv":
        return Stream(as_csv(found), "text/csv; charset=utf-8")
    return Stream(as_ndjson(found), "application/x-ndjson")
