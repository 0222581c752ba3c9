"""Reads what readers find, straight to the response."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final
from uuid import UUID

from chassis.storage.statements import Statement
from chassis.storage.unit_of_work import Reading
from desk.article_search.analysis import asked_terms
from desk.article_search.finding import Wanted, find

MOST: Final = 50
_LEAST_SHARE: Final = 0.5
"""Whoever looks for several words wants most of them: half have to be there."""
_LISTED: Final = 500


def search(
    reading: Reading,
    text: str,
    visibilities: Sequence[str],
    *,
    language: str = "",
    section_id: UUID | None = None,
    most: int = MOST,
) -> list[dict[str, Any]]:
    """The published articles that fit a text best."""
    wanted = Wanted(
        asked_terms(text),
        visibilities,
        least_share=_LEAST_SHARE,
        language=language,
        section_id=section_id,
    )
    return [{**row, "score": round(row["score"], 4)} for row in find(reading, wanted, most)]


def readings(reading: Reading, visibilities: Sequence[str]) -> list[dict[str, Any]]:
    """What there is to read, in every language, by title; not more than a page can show."""
    about = {"tenant_id": reading.caller.tenant_id, "visibilities": list(visibilities)}
    return reading.fetch_all(_READINGS, {**about, "most": _LISTED})


_READINGS = Statement(
    "SELECT article_id, language, key, is_default, section_id, title, summary FROM article_readings"
    " WHERE tenant_id = %(tenant_id)s AND visibility = ANY(%(visibilities)s::text[])"
    " ORDER BY title, article_id LIMIT %(most)s"
)
