"""Which articles may help with a ticket: those that are likest to what the customer has said.

The rarest terms of the subject and of what the customer said last are looked for, as in a search, but
without asking for most of them. Articles about the product of the ticket count for more.
"""

from __future__ import annotations

from typing import Any, Final
from uuid import UUID

from chassis.storage.statements import Statement
from chassis.storage.unit_of_work import Reading
from desk.article_search.analysis import asked_terms
from desk.article_search.finding import Wanted, find
from desk.articles.domain import Visibility
from desk.tickets.storage import within_reach

_MOST_MESSAGES: Final = 5
_LONGEST: Final = 4_000
"""So much of a message is looked at."""
_ABOUT_PRODUCT: Final = 1.5
"""By so much an article counts for more that is about the ticket's product."""
_CANDIDATES: Final = 50


def suggested_articles(reading: Reading, ticket_id: UUID, most: int) -> list[dict[str, Any]]:
    """The articles that may help with a ticket, the likest first. Raises `NotFound`."""
    ticket = within_reach(reading, ticket_id)
    about = {"tenant_id": reading.caller.tenant_id, "ticket_id": ticket_id}
    said = reading.fetch_all(_SAID, {**about, "most": _MOST_MESSAGES, "longest": _LONGEST})
    terms = asked_terms("\n".join([ticket.subject, *(str(row["text"]) for row in said)]))
    everybody = [each.value for each in Visibility]
    rows = find(reading, Wanted(terms, everybody), _CANDIDATES)
    fitting = _about_product(reading, ticket.product_sku)
    for row in rows:
        row["score"] = float(row["score"]) * (_ABOUT_PRODUCT if row["article_id"] in fitting else 1)
    rows.sort(key=lambda row: (-row["score"], row["article_id"]))
    return [{**row, "score": round(row["score"], 4)} for row in rows[:most]]


def _about_product(reading: Reading, sku: str) -> frozenset[UUID]:
    if not sku:
        return frozenset()
    about = {"tenant_id": reading.caller.tenant_id, "sku": sku}
    return frozenset(row["article_id"] for row in reading.fetch_all(_OF_PRODUCT, about))


_SAID = Statement(
    "SELECT left(text, %(longest)s) AS text FROM messages WHERE tenant_id = %(tenant_id)s"
    " AND ticket_id = %(ticket_id)s AND kind = 'customer' ORDER BY said_at DESC, id LIMIT %(most)s"
)
_OF_PRODUCT = Statement(
    "SELECT article_id FROM article_labels WHERE tenant_id = %(tenant_id)s AND kind = 'sku'"
    " AND label = %(sku)s"
)
