"""A pipeline's board and a move of one card, in a pipeline of ten thousand opportunities."""

from __future__ import annotations

from typing import Any

import orjson

from tests.performance.figure import Figure, Figures
from tests.performance.load import LoadResult, LoadRun, RequestMaker, request_bytes
from tests.performance.rows.requests import require_good
from tests.performance.subject import Subject

_FEW, _MANY = 100, 10_000
_CALLS = 200
_STAGES = ("new", "talk", "offer", "terms")


def measure(subject: Subject, few: int = _FEW, many: int = _MANY) -> Figures:
    """Each against the same in a pipeline of a hundred: what a board costs should not grow with it.

    The sums of a board do read all that is in it, so it may take somewhat longer.
    """
    subject.app.put("/v1/sales/currency-settings", {"base_currency": "TWD"})
    small, large = (_pipeline_of(subject, count) for count in (few, many))
    boards = [_ms(_boards(subject, pipeline)) for pipeline in (small, large)]
    yield _grown(f"board of {many:,} opportunities, p50", boards, 3)
    moves = [_ms(_moves(subject, pipeline)) for pipeline in (small, large)]
    yield _grown(f"move of a card among {many:,}, p50", moves, 1.5)


def _grown(name: str, of_few_and_many: list[float], reach: float) -> Figure:
    few, many = of_few_and_many
    return Figure(name, many, "ms", few, reach, at_most=True, note="against a hundred")


def _pipeline_of(subject: Subject, count: int) -> str:
    """A pipeline with so many opportunities, spread over its stages; gives its id."""
    open_stages = [
        {"key": key, "name": {"en": key}, "probability": 10 + 20 * place}
        for place, key in enumerate(_STAGES)
    ]
    ends = [
        {"key": "won", "name": {"en": "won"}, "kind": "won", "probability": 100},
        {"key": "lost", "name": {"en": "lost"}, "kind": "lost"},
    ]
    body = {"name": {"en": f"Of {count}"}, "stages": [*open_stages, *ends]}
    pipeline_id: str = subject.app.post("/v1/sales/pipelines", body)["id"]
    headers = {**subject.headers(), "Content-Type": "application/json"}
    url = f"{subject.gateway}/v1/sales/opportunities"

    def opened(number: int) -> bytes:
        content = {
            "pipeline_id": pipeline_id,
            "name": f"Opportunity {number}",
            "stage": _STAGES[number % len(_STAGES)],
            "amount": {"amount": f"{number}.00", "currency": "TWD"},
        }
        return request_bytes("POST", url, headers=headers, body=orjson.dumps(content))

    require_good(LoadRun(subject.gateway, opened).saturate(240, at_most=count))
    return pipeline_id


def _boards(subject: Subject, pipeline_id: str) -> LoadResult:
    url = f"{subject.gateway}/v1/sales/pipelines/{pipeline_id}/board"
    asked = request_bytes("GET", url, headers=subject.headers())
    return _one_after_the_other(subject, lambda _: asked)


def _moves(subject: Subject, pipeline_id: str) -> LoadResult:
    """Cards go from the first stage to the second and back, those of one page by turns."""
    headers = {**subject.headers(), "Content-Type": "application/json"}
    page: dict[str, Any] = subject.app.get(
        "/v1/sales/opportunities", pipeline_id=pipeline_id, stage="new", page_size=20
    )
    cards = [card["id"] for card in page["items"]]

    def moved(number: int) -> bytes:
        to = "talk" if number // len(cards) % 2 == 0 else "new"
        url = f"{subject.gateway}/v1/sales/opportunities/{cards[number % len(cards)]}/move"
        return request_bytes("POST", url, headers=headers, body=orjson.dumps({"stage": to}))

    return _one_after_the_other(subject, moved)


def _one_after_the_other(subject: Subject, make: RequestMaker) -> LoadResult:
    result = LoadRun(subject.gateway, make, connections=1).saturate(120, at_most=_CALLS)
    require_good(result)
    return result


def _ms(result: LoadResult) -> float:
    return result.percentile(0.5) * 1000
