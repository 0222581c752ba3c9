"""Parts of a unit of work are made when they are asked for, and flushed in the order of their declaration."""

from __future__ import annotations

from uuid import uuid4

import pytest

from chassis.clock import SystemClock, TimeOrderedIds
from chassis.context import service_caller
from chassis.events.outbox import FactEncoder
from chassis.storage.parts import Part
from chassis.storage.unit_of_work import Operations, UnitOfWork

from ..ground import Ground


class Recorder:
    """Notes when it is made, flushed and told to forget; names the parts that its flush asks for."""

    name = ""
    asks_for = ""

    def __init__(self, tx: RecordingTx) -> None:
        self._tx = tx
        tx.log.append(f"{self.name} made")
        tx.on_flush(self)

    def flush(self) -> None:
        self._tx.log.append(f"{self.name} flushed")
        if self.asks_for:
            getattr(self._tx, self.asks_for)

    def forget(self) -> None:
        self._tx.log.append(f"{self.name} forgets")


class Always(Recorder):
    name = "always"


class First(Recorder):
    name = "first"


class Second(Recorder):
    name = "second"


class Third(Recorder):
    name = "third"


class Asking(Recorder):
    name = "asking"
    asks_for = "third"


class AskingBack(Recorder):
    name = "asking back"
    asks_for = "first"


class RecordingTx(UnitOfWork):
    """A unit of work of parts that tell what becomes of them."""

    first = Part(First)
    asking = Part(Asking)
    second = Part(Second)
    third = Part(Third)
    asking_back = Part(AskingBack)

    def begin_log(self) -> None:
        self.log: list[str] = []
        Always(self)
        self.log.clear()


def log_of(ground: Ground, *names: str) -> list[str]:
    """What becomes of parts when an operation asks for them in this order."""
    operations = Operations(
        ground.database,
        RecordingTx,
        facts=FactEncoder({}),
        clock=SystemClock(),
        ids=TimeOrderedIds(),
    )

    def work(tx: RecordingTx) -> list[str]:
        tx.begin_log()
        for name in names:
            getattr(tx, name)
        return tx.log

    return operations.run(service_caller("ground", uuid4()), work)


def test_a_part_that_nobody_asks_for_is_neither_made_nor_flushed(ground: Ground) -> None:
    assert log_of(ground) == ["always flushed"]


@pytest.mark.parametrize(
    "asked", [("first", "third"), ("third", "first"), ("third",) * 2 + ("first",)]
)
def test_parts_are_made_once_and_flushed_as_declared_whichever_is_asked_for_first(
    ground: Ground, asked: tuple[str, ...]
) -> None:
    made = [f"{name} made" for name in dict.fromkeys(asked)]
    flushed = ["always flushed", "first flushed", "third flushed"]
    assert log_of(ground, *asked) == [*made, *flushed]


def test_a_part_that_a_flush_asks_for_is_flushed_in_its_turn(ground: Ground) -> None:
    assert log_of(ground, "asking", "second") == [
        "asking made",
        "second made",
        "always flushed",
        "asking flushed",
        "third made",
        "second flushed",
        "third flushed",
    ]


def test_no_part_is_flushed_twice_when_a_flush_asks_for_one_that_comes_before(
    ground: Ground,
) -> None:
    assert log_of(ground, "asking_back") == [
        "asking back made",
        "always flushed",
        "asking back flushed",
        "first made",
    ]


def test_parts_that_were_made_in_work_that_failed_apart_forget_what_they_knew(
    ground: Ground,
) -> None:
    operations = Operations(
        ground.database,
        RecordingTx,
        facts=FactEncoder({}),
        clock=SystemClock(),
        ids=TimeOrderedIds(),
    )

    def fail(tx: RecordingTx) -> None:
        assert tx.third is tx.third
        raise ZeroDivisionError

    def work(tx: RecordingTx) -> list[str]:
        tx.begin_log()
        with pytest.raises(ZeroDivisionError):
            tx.apart(lambda: fail(tx))
        return list(tx.log)

    log = operations.run(service_caller("ground", uuid4()), work)
    assert log == ["always flushed", "third made", "always forgets", "third forgets"]
