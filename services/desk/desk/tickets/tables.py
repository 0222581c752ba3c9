"""The tables of tickets: one row each, and what they are found by."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.dialects.postgresql import UUID as PgUUID

_uuid = PgUUID(as_uuid=True)
_time = sa.DateTime(timezone=True)
_word = sa.Text(collation="C")

tickets = sa.Table(
    "tickets",
    sa.MetaData(),
    sa.Column("tenant_id", _uuid, primary_key=True),
    sa.Column("id", _uuid, primary_key=True),
    sa.Column("version", sa.BigInteger, nullable=False),
    sa.Column("number", sa.BigInteger, nullable=False),
    sa.Column("prefix", _word, nullable=False),
    sa.Column("subject", _word, nullable=False),
    sa.Column("person_id", _uuid),
    sa.Column("company_id", _uuid),
    sa.Column("requester_address", _word, nullable=False),
    sa.Column("type", _word, nullable=False),
    sa.Column("priority", _word, nullable=False),
    sa.Column("status", _word, nullable=False),
    sa.Column("queue_id", _uuid),
    sa.Column("team_id", _uuid),
    sa.Column("assignee_id", _uuid),
    sa.Column("product_sku", _word, nullable=False),
    sa.Column("asset_id", _uuid),
    sa.Column("tags", ARRAY(_word), nullable=False),
    sa.Column("custom_fields", sa.JSON, nullable=False),
    sa.Column("language", _word, nullable=False),
    sa.Column("channel", _word, nullable=False),
    sa.Column("external_ids", sa.JSON, nullable=False),
    sa.Column("problem_id", _uuid),
    sa.Column("merged_into_id", _uuid),
    sa.Column("opened_at", _time, nullable=False),
    sa.Column("updated_at", _time, nullable=False),
    sa.Column("first_responded_at", _time),
    sa.Column("last_customer_message_at", _time),
    sa.Column("last_reply_at", _time),
    sa.Column("waiting_since", _time),
    sa.Column("resolved_at", _time),
    sa.Column("closed_at", _time),
    sa.Column("reopened", sa.Integer, nullable=False),
    sa.Column("solved_by_article_id", _uuid),
)
ticket_terms = sa.Table(
    "ticket_terms",
    sa.MetaData(),
    sa.Column("tenant_id", _uuid, primary_key=True),
    sa.Column("term", _word, primary_key=True),
    sa.Column("ticket_id", _uuid, primary_key=True),
)
ticket_tags = sa.Table(
    "ticket_tags",
    sa.MetaData(),
    sa.Column("tenant_id", _uuid, primary_key=True),
    sa.Column("tag", _word, primary_key=True),
    sa.Column("ticket_id", _uuid, primary_key=True),
)
ticket_values = sa.Table(
    "ticket_values",
    sa.MetaData(),
    sa.Column("tenant_id", _uuid, primary_key=True),
    sa.Column("key", _word, primary_key=True),
    sa.Column("value", _word, primary_key=True),
    sa.Column("ticket_id", _uuid, primary_key=True),
)
ticket_changes = sa.Table(
    "ticket_changes",
    sa.MetaData(),
    sa.Column("tenant_id", _uuid, primary_key=True),
    sa.Column("id", _uuid, primary_key=True),
    sa.Column("version", sa.BigInteger, nullable=False),
    sa.Column("ticket_id", _uuid, nullable=False),
    sa.Column("ticket_version", sa.BigInteger, nullable=False),
    sa.Column("what", _word, nullable=False),
    sa.Column("cause", _word, nullable=False),
    sa.Column("changes", sa.JSON, nullable=False),
    # Apart, since words of people go when somebody is erased.
    sa.Column("texts", sa.JSON, nullable=False),
    sa.Column("actor", _word, nullable=False),
    sa.Column("at", _time, nullable=False),
)
