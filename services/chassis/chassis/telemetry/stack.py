"""What a log may tell of an exception: where it came from and what kind it was, not whose data it met."""

from __future__ import annotations

import traceback
from collections.abc import Callable, Mapping

_MAX = 16_000
_MAX_CHAIN = 10


def stack_of(error: BaseException) -> str:
    """The stack, causes first, at most 16,000 characters; no values of the database or of input."""
    parts: list[str] = []
    seen: set[int] = set()
    current: BaseException | None = error
    while current is not None and id(current) not in seen and len(parts) < _MAX_CHAIN:
        seen.add(id(current))
        frames = "".join(traceback.format_tb(current.__traceback__))
        parts.append(f"{frames}{type(current).__qualname__}: {_message_of(current)}")
        current = current.__cause__ or (
            None if current.__suppress_context__ else current.__context__
        )
    text = "\n--- led to:\n".join(reversed(parts))
    return text if len(text) <= _MAX else "…" + text[-_MAX:]


def _message_of(error: BaseException) -> str:
    """The message; those of libraries that quote rows and input are put together anew."""
    for kind in type(error).__mro__:
        telling = _TELLING.get(kind.__module__.partition(".")[0])
        if telling is not None:
            return telling(error)
    return str(error)


# Whoever raises an error has imported its library: a process that uses none need not.


def _of_sqlalchemy(error: BaseException) -> str:
    from sqlalchemy import exc  # noqa: PLC0415

    if isinstance(error, exc.DBAPIError) and error.orig is not None:
        return f"{type(error.orig).__qualname__}: {_message_of(error.orig)}"
    if isinstance(error, exc.StatementError):
        return str(error.args[0]) if error.args else ""
    return str(error)


def _of_psycopg(error: BaseException) -> str:
    import psycopg  # noqa: PLC0415

    if not isinstance(error, psycopg.Error):
        return str(error)
    about = (error.diag.message_primary, error.sqlstate, error.diag.constraint_name)
    told = ", ".join(text for text in about if text)
    return told or str(error).partition("\n")[0]


def _of_pydantic(error: BaseException) -> str:
    from pydantic import ValidationError  # noqa: PLC0415

    if not isinstance(error, ValidationError):
        return str(error)
    wrong = error.errors(include_input=False, include_url=False, include_context=False)
    return "; ".join(f"{'/'.join(map(str, w['loc']))}: {w['type']}" for w in wrong)


_TELLING: Mapping[str, Callable[[BaseException], str]] = {
    "sqlalchemy": _of_sqlalchemy,
    "psycopg": _of_psycopg,
    "pydantic_core": _of_pydantic,
}
