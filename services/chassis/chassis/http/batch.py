"""Bulk calls: up to 1,000 items in one request, each with its own answer, in order."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Annotated, Any, Final, TypeAlias, TypeVar
from uuid import UUID

import orjson
from flask import Response
from pydantic import BaseModel, Field, PlainValidator

from chassis.domain import Category, DomainError, Violation
from chassis.http.body import Body, validate
from chassis.http.call import Call
from chassis.http.problem import HttpProblem, problem_document, problem_of
from chassis.http.problem_document import Problem
from chassis.http.reply import Reply
from chassis.storage.unit_of_work import UnitOfWork

MAX_BATCH: Final = 1000
BATCH_BODY: Final = 8 * 1024 * 1024
"""The limit of a bulk call's body; for `body_limit`."""
MAX_REPORTED: Final = 100

M = TypeVar("M", bound=Body)
T = TypeVar("T", bound=UnitOfWork)


class BatchIn(Body):
    """A bulk call. A subclass adds `items: Annotated[tuple[Any, ...], items_of(ItemIn)]`."""

    atomic: bool = False
    """With `true`, nothing is stored unless every item can be."""


def items_of(item: type[Body]) -> Any:
    """What makes a field hold items as they came: each is checked by itself, not all as one."""
    documented = Annotated[tuple[item, ...], Field(min_length=1, max_length=MAX_BATCH)]  # type: ignore[valid-type]
    return PlainValidator(_bounded, json_schema_input_type=documented)


def _bounded(items: Any) -> tuple[Any, ...]:
    if not isinstance(items, list) or not 1 <= len(items) <= MAX_BATCH:
        raise ValueError(f"has to be an array of 1 to {MAX_BATCH} items")
    return tuple(items)


@dataclass(frozen=True, slots=True)
class Done:
    """What became of an item: the status that it would have had alone, and what is told of it."""

    status: int
    members: Mapping[str, Any] = field(default_factory=dict)


Outcome: TypeAlias = Done | DomainError
"""What an item came to: done, or refused."""


class BatchItemOut(BaseModel):
    """What became of one item: `id` and `version` of the record, or the problem."""

    index: int
    status: int
    id: UUID | None = None
    version: int | None = None
    problem: Problem | None = None


class BatchOut(BaseModel):
    """What became of the items, in their order."""

    succeeded: int
    failed: int
    items: list[BatchItemOut]


def checked(item: type[M], given: Any) -> M | DomainError:
    """One item by its model, or what is wrong with it."""
    if not isinstance(given, dict):
        return HttpProblem(422, "not_an_object", "An item has to be a JSON object.")
    try:
        return validate(item, orjson.dumps(given))
    except DomainError as error:
        return error


def each_apart(
    tx: UnitOfWork, items: Sequence[M | DomainError], operation: Callable[[M], Done]
) -> list[Outcome]:
    """Run an operation for each item that is well formed; a refused one undoes just itself."""
    return [_apart(tx, item, operation) for item in items]


def _apart(tx: UnitOfWork, item: M | DomainError, operation: Callable[[M], Done]) -> Outcome:
    if isinstance(item, DomainError):
        return item
    try:
        return tx.apart(lambda: operation(item))
    except DomainError as error:
        if error.category is Category.UNAVAILABLE:
            raise  # this is about the whole call, not about the item
        return error


def answer_batch(
    call: Call[T],
    batch: BatchIn,
    item: type[M],
    operation: Callable[[T, Sequence[M | DomainError]], Sequence[Outcome]],
) -> Response:
    """Run `operation` over the checked items in one transaction, and answer for each.

    Facts of more than 100 items take the slow lane. Raises a 422 problem that names every wrong
    item when the batch is atomic and one is refused.
    """
    given: Sequence[Any] = batch.items  # type: ignore[attr-defined]  # a subclass's
    items = [checked(item, one) for one in given]

    def work(tx: T) -> list[Outcome]:
        tx.bulk = len(items) > MAX_REPORTED
        outcomes = list(operation(tx, items))
        if batch.atomic:
            _refuse_any(outcomes)
        return outcomes

    return call.run(work, lambda _tx, outcomes: Reply(_answer(outcomes, call.request.path)))


def _answer(outcomes: Sequence[Outcome], path: str) -> dict[str, Any]:
    answers = [
        {"index": index, **told(outcome, f"{path}#/items/{index}")}
        for index, outcome in enumerate(outcomes)
    ]
    failed = sum(isinstance(outcome, DomainError) for outcome in outcomes)
    return {"succeeded": len(outcomes) - failed, "failed": failed, "items": answers}


def told(outcome: Outcome, instance: str) -> dict[str, Any]:
    """What the caller is told of one item; pointers in a problem are within the item."""
    if isinstance(outcome, Done):
        return {"status": outcome.status, **outcome.members}
    problem = problem_of(outcome)
    return {"status": problem.status, "problem": problem_document(problem, instance)}


def _refuse_any(outcomes: Sequence[Outcome]) -> None:
    refused = [(i, o) for i, o in enumerate(outcomes) if isinstance(o, DomainError)]
    if not refused:
        return
    violations = [v for index, error in refused for v in _placed(index, error)]
    raise HttpProblem(
        422,
        "batch_refused",
        f"{len(refused)} of {len(outcomes)} items were refused, so nothing was stored.",
        violations=tuple(violations[:MAX_REPORTED]),
    )


def _placed(index: int, error: DomainError) -> list[Violation]:
    """What is wrong with an item, with pointers into the whole body."""
    if not error.violations:
        return [Violation(f"/items/{index}", error.code, error.message)]
    return [Violation(f"/items/{index}{v.pointer}", v.code, v.message) for v in error.violations]
