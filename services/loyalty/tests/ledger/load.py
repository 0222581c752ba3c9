"""Earns and spends points as fast as it goes, beside a bare double entry; a program of its own for each process.

`python -m services.loyalty.tests.ledger.load operations|bare`, with what it needs as JSON on its standard
input; it prints how many it has done a second.
"""

from __future__ import annotations

import random
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any
from uuid import UUID, uuid4

import orjson
import psycopg

from chassis.context import service_caller
from chassis.process import settle_in
from chassis.service import Service
from chassis.testing.access import FakeAccessSource
from chassis.testing.harness import TestDatabase, settings_for
from loyalty.app import build
from loyalty.ledger.domain import Cause
from loyalty.ledger.operations import earn, spend
from loyalty.members.domain import MemberSource
from loyalty.members.operations import enrol
from loyalty.programs.domain import ExpiryKind, ExpiryPolicy, Policies, ProgramTerms
from loyalty.programs.operations import create_program, open_program
from loyalty.settings import LoyaltySettings
from loyalty.transaction import LoyaltyTx

_BARE_TABLES = """
CREATE TABLE IF NOT EXISTS bare_transactions (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    member_id uuid NOT NULL,
    kind text COLLATE "C" NOT NULL,
    key text COLLATE "C" NOT NULL,
    at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, id),
    UNIQUE (tenant_id, member_id, kind, key)
);
CREATE TABLE IF NOT EXISTS bare_entries (
    tenant_id uuid NOT NULL,
    transaction_id uuid NOT NULL,
    line integer NOT NULL,
    account text COLLATE "C" NOT NULL,
    points bigint NOT NULL,
    PRIMARY KEY (tenant_id, transaction_id, line),
    FOREIGN KEY (tenant_id, transaction_id) REFERENCES bare_transactions
);
"""
_BARE_TRANSACTION = "INSERT INTO bare_transactions VALUES (%s, %s, %s, %s, %s, now())"
_BARE_ENTRIES = "INSERT INTO bare_entries VALUES (%s, %s, 1, %s, %s), (%s, %s, 2, %s, %s)"
_SURE_TO_LAST = 50
_ELSEWHERE = {
    "contacts_grpc": "127.0.0.1:1",
    "sealing_secret": "seals codes, of which there are none here",
}
"""Settings of what is not used here."""


@dataclass(frozen=True, slots=True)
class Load:
    """What one process is to do: for so long, in so many threads, on these members."""

    database: Mapping[str, str]
    tenant_id: UUID
    members: Sequence[UUID]
    threads: int
    seconds: float


def prepared(database: TestDatabase, members: int) -> tuple[UUID, list[UUID]]:
    """A tenant with a program whose points expire after a year, and members who have some."""
    tenant_id, service = uuid4(), _service(database)
    with psycopg.connect(database.admin_url, autocommit=True) as admin:
        admin.execute(_BARE_TABLES)
    terms = ProgramTerms(
        "Club", "TWD", policies=Policies(expiry=ExpiryPolicy(ExpiryKind.AFTER_MONTHS, 12))
    )

    def program(tx: LoyaltyTx) -> UUID:
        made = create_program(tx, "club", terms)
        open_program(tx, made.id)
        return made.id

    def enrolled(tx: LoyaltyTx) -> list[UUID]:
        made = [enrol(tx, program_id, uuid4(), MemberSource.API).id for _ in range(members)]
        tx.flush()
        for member_id in made:
            earn(tx, member_id, _SURE_TO_LAST, Cause("earning", "welcome"))
        return made

    caller = service_caller("loyalty", tenant_id)
    program_id = service.operations.run(caller, program)
    made = service.operations.run(caller, enrolled)
    service.stop()
    return tenant_id, made


def per_second(mode: str, loads: Sequence[Load]) -> float:
    """How many operations, or bare double entries, processes have done a second between them."""
    command = [sys.executable, "-m", "services.loyalty.tests.ledger.load", mode]
    running = [
        subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) for _ in loads
    ]
    for process, load in zip(running, loads, strict=True):
        assert process.stdin is not None
        process.stdin.write(orjson.dumps(asdict(load)))
        process.stdin.close()
        process.stdin = None
    return sum(float(process.communicate(timeout=load.seconds + 60)[0]) for process in running)


def _operations(load: Load) -> float:
    service = _service(TestDatabase(**load.database))
    caller = service_caller("loyalty", load.tenant_id)

    def thread() -> Callable[[], object]:
        chance = random.Random()  # noqa: S311 - which member is next
        run = service.operations.run

        def one() -> None:
            member_id, cause = chance.choice(load.members), Cause("earning", str(uuid4()))
            run(caller, earn, member_id, 10, cause)
            run(caller, spend, member_id, 5, Cause("redemption", cause.key))

        return one

    return 2 * _counted(load, thread)


def _bare(load: Load) -> float:
    def thread() -> Callable[[], object]:
        connection = psycopg.connect(load.database["admin_url"])
        chance = random.Random()  # noqa: S311 - which member is next

        def one() -> None:
            tenant, id_ = load.tenant_id, uuid4()
            about = (tenant, id_, chance.choice(load.members), "earning", str(uuid4()))
            connection.execute(_BARE_TRANSACTION, about)
            lines = (tenant, id_, "issued", -10, tenant, id_, "available", 10)
            connection.execute(_BARE_ENTRIES, lines)
            connection.commit()

        return one

    return _counted(load, thread)


def _counted(load: Load, make: Callable[[], Callable[[], object]]) -> float:
    """How often a second threads have done their one thing, after a moment to get going."""
    settle_in()
    counts = [0] * load.threads
    warm, end = time.monotonic() + 1, time.monotonic() + 1 + load.seconds

    def work(place: int) -> None:
        one = make()
        while (now := time.monotonic()) < end:
            one()
            counts[place] += now >= warm

    threads = [threading.Thread(target=work, args=(place,)) for place in range(load.threads)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    return sum(counts) / load.seconds


def _service(database: TestDatabase) -> Service[LoyaltyTx]:
    settings = LoyaltySettings(**settings_for(database, database_pool_size=20, **_ELSEWHERE))
    return build(settings, access=FakeAccessSource())


def main(mode: str) -> None:
    """Do what is asked for, and print how much it was."""
    asked: dict[str, Any] = orjson.loads(sys.stdin.buffer.read())
    load = Load(
        asked["database"],
        UUID(asked["tenant_id"]),
        [UUID(one) for one in asked["members"]],
        asked["threads"],
        asked["seconds"],
    )
    print({"operations": _operations, "bare": _bare}[mode](load))  # noqa: T201


if __name__ == "__main__":
    main(sys.argv[1])
