"""Streaming ingest: newline-delimited JSON comes in, an answer for each line goes out.

The body is taken in first, on disk beyond a bound: most clients and proxies do not read an answer
before they have sent all of a request. Then it is worked off in chunks of a few hundred lines, each
of them one transaction, and the answer is sent as they are stored: memory does not grow with the
body, and what was committed stays. An idempotency key is kept for each chunk (its bytes and its
place), so the same body sent again with the same key answers what is done from the records and goes
on where the first attempt stopped.
"""

from __future__ import annotations

import itertools
import logging
import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from tempfile import SpooledTemporaryFile
from typing import IO, Any, Final, Generic, TypeVar

from chassis.domain import DomainError
from chassis.http.batch import Outcome, told
from chassis.http.body import Body, parse_json, validate
from chassis.http.call import Call
from chassis.http.problem import HttpProblem, Problem, problem_document, problem_of
from chassis.http.reply import Stream, dump
from chassis.idempotency import IdempotencyKey, StoredReply
from chassis.storage.unit_of_work import UnitOfWork
from chassis.telemetry.tracing import continued, current_traceparent, note_failure

log = logging.getLogger("chassis.http")

NDJSON: Final = "application/x-ndjson"
INGEST_BODY: Final = 16 * 1024 * 1024
MAX_LINE: Final = 256 * 1024
READ_AT_ONCE: Final = 64 * 1024
IN_MEMORY: Final = 1024 * 1024
"""How much of a body is held in memory; the rest waits on disk."""
CHUNK: Final = 200
"""Lines in one transaction. It must not change: a chunk's idempotency key is bound to its lines."""

M = TypeVar("M", bound=Body)
T = TypeVar("T", bound=UnitOfWork)


@dataclass(frozen=True, slots=True)
class Line:
    """One line: its number, counted from 1, and its bytes; `too_long` when they were left out."""

    number: int
    raw: bytes
    too_long: bool = False


def lines_of(stream: IO[bytes]) -> Iterator[Line]:
    """The lines that are not blank; one that is too long is read past without being held."""
    for number in itertools.count(1):
        raw = stream.readline(MAX_LINE + 1)
        if not raw:
            return
        if len(raw) > MAX_LINE and not raw.endswith(b"\n"):
            _skip_line(stream)
            yield Line(number, b"", too_long=True)
        elif not raw.isspace():
            yield Line(number, raw)


def _skip_line(stream: IO[bytes]) -> None:
    while True:
        rest = stream.readline(MAX_LINE)
        if not rest or rest.endswith(b"\n"):
            return


def checked_line(item: type[M], line: Line) -> M | DomainError:
    """A line by the model of its item, or what is wrong with it."""
    if line.too_long:
        return HttpProblem(413, "line_too_long", f"A line is limited to {MAX_LINE} bytes.")
    try:
        if not isinstance(parse_json(line.raw), dict):
            return HttpProblem(422, "not_an_object", "A line has to be a JSON object.")
        return validate(item, line.raw)
    except DomainError as error:
        return error


def ingest(
    call: Call[T],
    item: type[M],
    operation: Callable[[T, Sequence[M | DomainError]], Sequence[Outcome]],
) -> Stream:
    """Run `operation` over the lines, chunk by chunk, and answer each while the next are read.

    The last line of the answer says how it ended: `{"done": true, …}`, or `false` with the problem
    and the number of the first line that is not stored.
    """
    return Stream(_Ingest(call, item, operation), NDJSON)


def _taken_in(stream: IO[bytes]) -> IO[bytes]:
    body: IO[bytes] = SpooledTemporaryFile(IN_MEMORY)  # noqa: SIM115 - closed with the answer
    try:
        shutil.copyfileobj(stream, body, READ_AT_ONCE)
    except BaseException:
        body.close()
        raise
    body.seek(0)
    return body


class _Ingest(Generic[T, M]):
    """One ingest under way. Takes all it needs from the request before the answer begins."""

    def __init__(
        self,
        call: Call[T],
        item: type[M],
        operation: Callable[[T, Sequence[M | DomainError]], Sequence[Outcome]],
    ) -> None:
        self._call, self._item, self._operation = call, item, operation
        self._path, self._full_path = call.request.path, call.request.full_path
        self._key = call.request.headers.get("Idempotency-Key")
        self._traceparent = current_traceparent()
        self._succeeded = self._failed = 0
        self._chunk_key(0, [])  # a key that cannot be one is refused before anything is answered
        self._body = _taken_in(call.request.stream)

    def __iter__(self) -> Iterator[bytes]:
        """The lines of the answer, those of a chunk at a time."""
        with self._body:
            lines = lines_of(self._body)
            for index in itertools.count():
                chunk = list(itertools.islice(lines, CHUNK))
                if not chunk:
                    break
                answer = self._attempted(index, chunk)
                if isinstance(answer, Problem):
                    yield self._ended({"next_line": chunk[0].number, **self._told(answer)})
                    return
                yield answer
        yield self._ended({})

    def close(self) -> None:
        """Let the body go; the server does this even if the answer was never asked for."""
        self._body.close()

    def _attempted(self, index: int, chunk: list[Line]) -> bytes | Problem:
        """A chunk's answers, or why the ingest ends before it."""
        # Nothing of this context may be open while the answer is sent: that happens elsewhere.
        with continued(self._traceparent, self._call.route.name, "internal"):
            try:
                return self._stored(index, chunk)
            except DomainError as error:
                return problem_of(error)
            except Exception as error:
                note_failure(error)
                log.exception("unexpected error", extra={"route": self._path})
                message = "Something went wrong here; the trace id leads to it."
                return Problem(500, "internal_error", message)

    def _stored(self, index: int, chunk: list[Line]) -> bytes:
        key = self._chunk_key(index, chunk)
        items = [checked_line(self._item, line) for line in chunk]

        def work(tx: T) -> StoredReply:
            stored = None if key is None else key.begin(tx)
            if stored is not None:
                return stored
            tx.bulk = True
            outcomes = self._operation(tx, items)
            tx.flush()
            reply = self._reply(chunk, outcomes)
            if key is not None:
                key.store(tx, reply)
            return reply

        reply: StoredReply = self._call.operations.transact(
            self._call.caller, self._call.scope, self._call.route.name, work
        )
        self._count(reply, len(chunk))
        return reply.body

    def _chunk_key(self, index: int, chunk: list[Line]) -> IdempotencyKey | None:
        if self._key is None:
            return None
        place = f"{self._full_path}\x00{index}"
        lines = b"".join(line.raw for line in chunk)
        return IdempotencyKey.of(self._key, self._call.caller, "POST", place, lines)

    def _reply(self, chunk: list[Line], outcomes: Sequence[Outcome]) -> StoredReply:
        answers = [
            dump({"line": line.number, **told(outcome, f"{self._path}#line={line.number}")})
            for line, outcome in zip(chunk, outcomes, strict=True)
        ]
        failed = sum(isinstance(outcome, DomainError) for outcome in outcomes)
        return StoredReply(failed, {}, b"\n".join(answers) + b"\n")

    def _count(self, reply: StoredReply, lines: int) -> None:
        """A chunk's reply has the number of its refused lines where others have a status."""
        self._failed += reply.status
        self._succeeded += lines - reply.status

    def _told(self, problem: Problem) -> dict[str, Any]:
        return {"status": problem.status, "problem": problem_document(problem, self._path)}

    def _ended(self, ending: Mapping[str, Any]) -> bytes:
        counts = {"succeeded": self._succeeded, "failed": self._failed}
        return dump({"done": not ending, **counts, **ending}) + b"\n"
