"""Finds published articles by terms, the best first: BM25 over what `article_terms` has.

The score of a text is the sum over the terms asked for of

    idf(t) · tf · (k1 + 1) / (tf + k1 · (1 - b + b · length / average length))
    idf(t) = ln(1 + (N - df + 0.5) / (df + 0.5))

after Robertson and Zaragoza ("The Probabilistic Relevance Framework: BM25 and Beyond", 2009), with
their k1 = 1.2 and b = 0.75, and with the 1 within the logarithm that keeps the weight of frequent words
above 0. `tf` is weighted by field (`analysis.weighted`), `N` counts texts in all languages, `df` those
with the term.

Reading costs as much as the terms have texts. So the frequent ones are left out where rarer ones have
found enough to rank: they hardly change the order, and cost most.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from chassis.storage.statements import Statement
from chassis.storage.unit_of_work import Reading

K1: Final = 1.2
B: Final = 0.75
MOST_TERMS: Final = 24
"""So many terms of what is asked for are looked at, the rarest ones."""
MOST_ROWS: Final = 20_000
"""So many rows of the table of terms are read, unless the rarest term alone has more."""
_MOST_COUNTED: Final = 1_000
"""So many different terms are counted at most, whatever long text they are of."""
_LANGUAGES: Final = 20


@dataclass(frozen=True, slots=True)
class Wanted:
    """What to find: terms, how many of those that are anywhere a text has to have, and which texts.

    `language` is one that texts are in, or empty for any; `section_id` one that they lie in.
    """

    terms: Collection[str]
    visibilities: Sequence[str]
    least_share: float = 0.0
    language: str = ""
    section_id: UUID | None = None


def find(reading: Reading, wanted: Wanted, most: int) -> list[dict[str, Any]]:
    """The texts that fit best, at most one of an article, with their scores."""
    rarest = _rarest(reading, wanted.terms)
    if not rarest:
        return []
    about = {"tenant_id": reading.caller.tenant_id}
    size = reading.fetch_one(_SIZE, about) or {"texts": 0, "length": 0}
    texts = int(size["texts"])
    parameters = {
        **about,
        "terms": [term for term, _texts in rarest],
        "weights": [_idf(texts, found) for _term, found in rarest],
        "average": max(float(size["length"]) / max(texts, 1), 1.0),
        "k1": K1,
        "b": B,
        "least": max(1, math.ceil(wanted.least_share * len(rarest))),
        "visibilities": list(wanted.visibilities),
        "language": wanted.language,
        "language_from": f"{wanted.language}-",
        "language_to": f"{wanted.language}.",
        "section_id": wanted.section_id,
        "most": most,
        # Of one section all have to be looked at, of an article each language.
        "candidates": MOST_ROWS if wanted.section_id else most * _LANGUAGES,
    }
    return reading.fetch_all(_BEST, parameters)


def _rarest(reading: Reading, terms: Collection[str]) -> list[tuple[str, int]]:
    """The terms that are in any text, the rarest first, and in how many each is."""
    if not terms:
        return []
    # No further than it matters: beyond it a term is left out, or is the only one.
    about = {
        "tenant_id": reading.caller.tenant_id,
        "terms": sorted(list(terms)[:_MOST_COUNTED]),
        "most": MOST_ROWS + 1,
    }
    rows = reading.fetch_all(_FREQUENCIES, about)
    counted = sorted((int(row["texts"]), str(row["term"])) for row in rows if row["texts"])
    chosen: list[tuple[str, int]] = []
    left = MOST_ROWS
    for found, term in counted[:MOST_TERMS]:
        if chosen and found > left:
            break
        chosen.append((term, found))
        left -= found
    return chosen


def _idf(texts: int, found: int) -> float:
    return math.log(1 + max(texts - found + 0.5, 0.5) / (found + 0.5))


_FREQUENCIES = Statement(
    "SELECT wanted.term, (SELECT count(*) FROM (SELECT FROM article_terms AS t"
    " WHERE t.tenant_id = %(tenant_id)s"
    ' AND t.term = wanted.term COLLATE "C" LIMIT %(most)s) AS counted) AS texts FROM unnest(%(terms)s::text[]) AS wanted(term)'
)
_SIZE = Statement(
    "SELECT count(*) AS texts, coalesce(sum(length), 0) AS length FROM article_readings"
    " WHERE tenant_id = %(tenant_id)s"
)
# Terms know who may read them, so that the best can be picked before anything else is looked at.
_BEST = Statement(
    "WITH scored AS (SELECT t.article_id, t.language, sum(w.weight * t.times * (%(k1)s::float8 + 1)"
    " / (t.times + %(k1)s::float8 * (1 - %(b)s::float8"
    " + %(b)s::float8 * t.length / %(average)s::float8))) AS score"
    " FROM unnest(%(terms)s::text[], %(weights)s::float8[]) AS w(term, weight)"
    ' JOIN article_terms AS t ON t.tenant_id = %(tenant_id)s AND t.term = w.term COLLATE "C"'
    " WHERE t.visibility = ANY(%(visibilities)s::text[])"
    " AND (%(language)s = '' OR t.language = %(language)s"
    " OR (t.language > %(language_from)s AND t.language < %(language_to)s))"
    " GROUP BY t.article_id, t.language HAVING count(*) >= %(least)s"
    " ORDER BY score DESC, t.article_id, t.language LIMIT %(candidates)s),"
    " best AS (SELECT DISTINCT ON (s.article_id) s.article_id, s.language, s.score, r.key,"
    " r.section_id, r.visibility, r.title, r.summary, r.published_at FROM scored AS s"
    " JOIN article_readings AS r ON r.tenant_id = %(tenant_id)s AND r.article_id = s.article_id"
    " AND r.language = s.language"
    " WHERE %(section_id)s::uuid IS NULL OR r.section_id = %(section_id)s::uuid"
    " ORDER BY s.article_id, s.score DESC, s.language)"
    " SELECT * FROM best ORDER BY score DESC, article_id LIMIT %(most)s"
)
