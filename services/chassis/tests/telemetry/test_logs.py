"""Logs: one event, one line, with what leads to it and without anybody's data."""

from __future__ import annotations

import io
import json
import logging
import logging.config
import threading
import warnings
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pydantic
import pytest
import sqlalchemy as sa

from chassis.embedded.postgres import PostgresServer
from chassis.telemetry.logs import configure_logging, granian_logging, working_for
from chassis.telemetry.stack import stack_of
from chassis.telemetry.tracing import continued

ADDRESS = "ada@example.org"
Events = Callable[[], list[dict[str, Any]]]


@pytest.fixture
def events() -> Iterator[Events]:
    """Configures logging as a service does; gives the events that were written since."""
    names = ("", "_granian", "granian.access", "alembic", "httpx", "httpcore")
    loggers = [logging.getLogger(name) for name in names]
    before = [(one, one.handlers[:], one.level, one.propagate) for one in loggers]
    stream = io.StringIO()
    configure_logging("contacts", "INFO", stream)
    yield lambda: [json.loads(line) for line in stream.getvalue().splitlines()]
    for one, handlers, level, propagate in before:
        one.handlers[:], one.level, one.propagate = handlers, level, propagate
    logging.captureWarnings(capture=False)


def test_an_event_is_one_line_of_json(events: Events) -> None:
    before = datetime.now(UTC)
    logging.getLogger("contacts.people").info("merged %d\npeople", 2, extra={"kept": uuid4()})

    (event,) = events()
    assert event["level"] == "info"
    assert event["logger"] == "contacts.people"
    assert event["message"] == "merged 2\npeople"
    assert event["service"] == "contacts"
    assert str(UUID(event["kept"])) == event["kept"]
    assert event["time"].endswith("Z")
    assert abs((datetime.fromisoformat(event["time"]) - before).total_seconds()) < 5


def test_trace_and_tenant_are_named_inside_of_their_blocks_only(events: Events) -> None:
    log, tenant = logging.getLogger("test"), uuid4()
    with continued(None, "test", "server") as trace_id, working_for(tenant):
        log.info("inside")
    log.info("outside")

    inside, outside = events()
    assert (inside["trace_id"], inside["tenant_id"]) == (trace_id, str(tenant))
    assert {"trace_id", "tenant_id"}.isdisjoint(outside)


def test_the_tenant_of_one_thread_is_not_that_of_another(events: Events) -> None:
    with working_for(uuid4()):
        thread = threading.Thread(target=logging.getLogger("test").info, args=("other thread",))
        thread.start()
        thread.join(5)

    assert "tenant_id" not in events()[0]


def test_an_extra_cannot_overwrite_what_every_event_has(events: Events) -> None:
    logging.getLogger("test").info("hello", extra={"service": "forged", "level": "forged"})

    (event,) = events()
    assert (event["service"], event["level"]) == ("contacts", "info")
    assert event["extra_service"] == "forged"


def test_what_json_does_not_know_is_written_as_text(events: Events) -> None:
    logging.getLogger("test").info("hello", extra={"odd": {1: object()}, "broken": "\ud800"})

    (event,) = events()
    assert event["broken"] == "\ud800"


def test_the_stack_of_an_exception_is_one_member(events: Events) -> None:
    try:
        int("x")
    except ValueError:
        logging.getLogger("test").exception("it broke")

    (event,) = events()
    assert event["level"] == "error"
    assert "test_logs.py" in event["stack"]
    assert "ValueError: invalid literal" in event["stack"]


def test_the_level_is_kept_and_other_libraries_events_come_too(events: Events) -> None:
    logging.getLogger("test").debug("too fine")
    logging.getLogger("_granian").info("Starting granian")
    logging.getLogger("granian.access").info("GET /")
    logging.getLogger("alembic.runtime.migration").info("Running upgrade")
    logging.getLogger("httpx").info("HTTP Request: GET http://x/?q=ada")

    assert [event["logger"] for event in events()] == [
        "_granian",
        "granian.access",
        "alembic.runtime.migration",
    ]


def test_warnings_come_as_events(events: Events) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        logging.captureWarnings(capture=True)
        warnings.warn("this is going away", UserWarning, stacklevel=1)

    (event,) = events()
    assert event["logger"] == "py.warnings"


def test_configuring_again_writes_each_event_once(events: Events) -> None:
    stream = io.StringIO()
    configure_logging("contacts", "INFO", stream)
    logging.getLogger("test").info("once")

    assert len(stream.getvalue().splitlines()) == 1
    assert events() == []


def test_granian_keeps_no_handlers_of_its_own(events: Events) -> None:
    logging.config.dictConfig(
        {"version": 1, "disable_existing_loggers": False, **granian_logging()}
    )
    logging.getLogger("_granian").info("Starting granian")

    assert len(events()) == 1


@pytest.fixture(scope="module")
def engine(postgres: PostgresServer) -> Iterator[sa.Engine]:
    dsn = postgres.admin_dsn().replace("postgresql://", "postgresql+psycopg://")
    made = sa.create_engine(dsn)
    with made.begin() as connection:
        connection.execute(sa.text("CREATE TABLE logged_people (email text UNIQUE)"))
        connection.execute(sa.text("INSERT INTO logged_people VALUES (:email)"), {"email": ADDRESS})
    yield made
    made.dispose()


def test_the_stack_of_a_database_error_tells_no_values(engine: sa.Engine) -> None:
    insert = sa.text("INSERT INTO logged_people VALUES (:email)")
    with pytest.raises(sa.exc.IntegrityError) as caught, engine.begin() as connection:
        connection.execute(insert, {"email": ADDRESS})

    stack = stack_of(caught.value)
    assert ADDRESS in str(caught.value)  # the library itself would tell
    assert ADDRESS not in stack
    assert "logged_people_email_key" in stack
    assert "23505" in stack


def test_the_stack_of_a_drivers_error_tells_no_values(postgres: PostgresServer) -> None:
    with (
        psycopg.connect(postgres.admin_dsn()) as connection,
        pytest.raises(psycopg.Error) as caught,
    ):
        connection.execute("SELECT 1 FROM nowhere WHERE email = %s", [ADDRESS])

    assert "nowhere" in stack_of(caught.value)


def test_the_stack_of_a_rejected_input_tells_no_values() -> None:
    class Person(pydantic.BaseModel):
        age: int

    with pytest.raises(pydantic.ValidationError) as caught:
        Person.model_validate({"age": ADDRESS})

    stack = stack_of(caught.value)
    assert ADDRESS not in stack
    assert "age: int_parsing" in stack


def test_causes_come_first_and_a_stack_is_bounded() -> None:
    stack = stack_of(_caused("y" * 50_000, ValueError("x")))

    assert len(stack) <= 16_001
    assert stack.endswith("yyy")
    assert "ValueError: x\n--- led to:\nRuntimeError: y" in stack_of(_caused("y", ValueError("x")))


def _caused(message: str, cause: Exception) -> Exception:
    error = RuntimeError(message)
    error.__cause__ = cause
    return error


def test_an_exception_that_is_its_own_cause_ends() -> None:
    error = RuntimeError("turtles")
    error.__context__ = other = ValueError("all the way down")
    other.__context__ = error

    assert "turtles" in stack_of(error)
