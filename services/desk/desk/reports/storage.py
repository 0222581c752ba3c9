"""What reports count: a row for each ticket, each time that one was open again, and each answer.

Nothing here is entered by anybody, and nothing names a person who is a customer: everything comes of desk's own facts, in any
order and any number of times, and can be counted anew from the records (`recount.py`).
"""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.dialects.postgresql import UUID as PgUUID

_metadata = sa.MetaData()
_uuid = PgUUID(as_uuid=True)
_time = sa.DateTime(timezone=True)
_word = sa.Text(collation="C")

counted_tickets = sa.Table(
    "counted_tickets",
    _metadata,
    sa.Column("tenant_id", _uuid, primary_key=True),
    sa.Column("ticket_id", _uuid, primary_key=True),
    sa.Column("version", sa.BigInteger, nullable=False),
    sa.Column("type", _word, nullable=False),
    sa.Column("priority", _word, nullable=False),
    sa.Column("channel", _word, nullable=False),
    sa.Column("language", _word, nullable=False),
    sa.Column("product_sku", _word, nullable=False),
    sa.Column("queue_id", _uuid),
    sa.Column("team_id", _uuid),
    sa.Column("company_id", _uuid),
    sa.Column("assignee_id", _uuid),
    sa.Column("tags", ARRAY(_word), nullable=False),
    sa.Column("opened_at", _time, nullable=False),
    sa.Column("reopened", sa.Integer, nullable=False),
    # The last resolution, and how often it had been reopened before.
    sa.Column("resolved_at", _time),
    sa.Column("resolved_round", sa.Integer, nullable=False),
    sa.Column("closed_at", _time),
    # When it was settled for the first time, by a resolution or a merge.
    sa.Column("ended_at", _time),
    sa.Column("first_reply_at", _time),
    sa.Column("replies", sa.Integer, nullable=False),
    # Worked out by the database: the resolution that holds, and how long it took.
    sa.Column("solved_at", _time, sa.FetchedValue()),
    sa.Column("response_seconds", sa.BigInteger, sa.FetchedValue()),
    sa.Column("resolution_seconds", sa.BigInteger, sa.FetchedValue()),
)
WORKED_OUT = ("solved_at", "response_seconds", "resolution_seconds")
counted_spells = sa.Table(
    "counted_spells",
    _metadata,
    sa.Column("tenant_id", _uuid, primary_key=True),
    sa.Column("ticket_id", _uuid, primary_key=True),
    sa.Column("number", sa.Integer, primary_key=True),
    sa.Column("began_at", _time),
    sa.Column("ended_at", _time),
)
counted_replies = sa.Table(
    "counted_replies",
    _metadata,
    sa.Column("tenant_id", _uuid, primary_key=True),
    sa.Column("message_id", _uuid, primary_key=True),
    sa.Column("ticket_id", _uuid, nullable=False),
    sa.Column("sent_at", _time, nullable=False),
)
