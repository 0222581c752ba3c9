"""Records of another service are followed through merges and erasures, whatever they are called."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from typing import TypeVar
from uuid import UUID, uuid4

import pytest

from chassis.clock import SystemClock
from chassis.context import Caller
from chassis.embedded.databases import service_dsn
from chassis.embedded.postgres import PostgresServer
from chassis.storage.following import Following, Merge, Subject
from chassis.storage.migrate import migrate
from chassis.storage.statements import Statement
from chassis.storage.unit_of_work import UnitOfWork

from ..ground import SERVICE, Ground, make_ground

SHIPS = Subject("ship", "ships")
FOLLOWING = Following(SHIPS, (SHIPS.named_by("voyages", forget="note = ''", versioned=False),))
_TABLES = '''"""Voyages of ships that another service keeps."""
from alembic import op
from chassis.storage.ddl import create_following_tables, protect
revision = "0002"
down_revision = "0001"

def upgrade():
    create_following_tables("ship")
    op.execute(
        "CREATE TABLE voyages (tenant_id uuid NOT NULL, id uuid, ship_id uuid, note text,"
        " PRIMARY KEY (tenant_id, id))"
    )
    protect("voyages")
'''
_SAIL = Statement(
    "INSERT INTO voyages (tenant_id, id, ship_id, note)"
    " VALUES (%(tenant_id)s, %(id)s, %(ship_id)s, 'north')"
)
_VOYAGES = Statement(
    "SELECT ship_id, note FROM voyages WHERE tenant_id = %(tenant_id)s ORDER BY id"
)
R = TypeVar("R")


class Fleet:
    """A tenant's voyages."""

    def __init__(self, ground: Ground) -> None:
        self._operations = ground.operations(SystemClock())
        self.caller = Caller(uuid4(), "test")

    def run(self, work: Callable[[UnitOfWork], R]) -> R:
        """Do something in a transaction."""
        return self._operations.run(self.caller, work)

    def sail(self, ship: UUID) -> UUID:
        """A voyage of a ship, by whatever id it is known; gives the ship that it is of."""

        def work(tx: UnitOfWork) -> UUID:
            current = SHIPS.current(tx, ship)
            tx.write(_SAIL, {"tenant_id": tx.tenant_id, "id": tx.ids.new(), "ship_id": current})
            return current

        return self.run(work)

    def voyages(self) -> list[tuple[UUID | None, str]]:
        """Whose voyages there are, the oldest first, with their notes."""
        rows = self.run(lambda tx: tx.fetch_all(_VOYAGES, {"tenant_id": tx.tenant_id}))
        return [(row["ship_id"], row["note"]) for row in rows]

    def merge(self, merge: Merge) -> None:
        """Follow a merge."""

        def work(tx: UnitOfWork) -> None:
            survivor = FOLLOWING.note_merge(tx, merge)
            if survivor is not None:
                FOLLOWING.move(tx, merge, survivor)

        self.run(work)

    def undo(self, merge: Merge) -> None:
        """Follow that a merge was undone."""
        self.run(lambda tx: FOLLOWING.give_back(tx, merge, FOLLOWING.note_undoing(tx, merge)))


@pytest.fixture(scope="module")
def sea(postgres: PostgresServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ground]:
    """A service that names ships."""
    folder = tmp_path_factory.mktemp("following")
    with make_ground(postgres, "following_tests", folder) as ground:
        (folder / "versions" / "0002_voyages.py").write_text(_TABLES, encoding="utf-8")
        owner = f"{SERVICE}_owner"
        migrate(
            service_dsn(postgres.admin_dsn(), "following_tests", owner, "owner-of-ground"), folder
        )
        yield ground


@pytest.fixture
def fleet(sea: Ground) -> Fleet:
    """A tenant that nobody has used before."""
    return Fleet(sea)


def merged() -> Merge:
    """That two ships are one."""
    return Merge(uuid4(), uuid4(), uuid4())


def test_what_names_one_that_is_gone_names_the_one_that_is_left_until_the_merge_is_undone(
    fleet: Fleet,
) -> None:
    merge = merged()
    fleet.sail(merge.gone_id)
    fleet.sail(merge.survivor_id)
    fleet.merge(merge)
    assert fleet.sail(merge.gone_id) == merge.survivor_id, "by an id from before"
    assert [ship for ship, _ in fleet.voyages()] == [merge.survivor_id] * 3
    fleet.undo(merge)
    assert [ship for ship, _ in fleet.voyages()] == [
        merge.gone_id,
        merge.survivor_id,
        merge.survivor_id,
    ]
    assert fleet.sail(merge.gone_id) == merge.gone_id


def test_a_merge_that_was_undone_before_it_was_told_moves_nothing(fleet: Fleet) -> None:
    merge = merged()
    fleet.sail(merge.gone_id)
    fleet.undo(merge)
    fleet.merge(merge)
    assert [ship for ship, _ in fleet.voyages()] == [merge.gone_id]


def test_a_chain_of_merges_leads_to_the_last(fleet: Fleet) -> None:
    first = merged()
    second = Merge(uuid4(), uuid4(), first.survivor_id)
    fleet.merge(second)
    fleet.merge(first)
    assert fleet.sail(first.gone_id) == second.survivor_id
    known = fleet.run(lambda tx: SHIPS.known_as(tx, first.gone_id))
    assert known == second.survivor_id
    assert fleet.run(lambda tx: SHIPS.current_or_none(tx, None)) is None


def test_what_is_erased_is_named_by_nothing_and_its_rows_stay(fleet: Fleet) -> None:
    ship, other = uuid4(), uuid4()
    fleet.sail(ship)
    fleet.sail(other)
    texts = fleet.run(lambda tx: FOLLOWING.take_out(tx, [ship]))
    assert texts == [str(ship)]
    assert fleet.voyages() == [(None, ""), (other, "north")]


def test_other_tenants_merge_by_themselves(fleet: Fleet, sea: Ground) -> None:
    merge = merged()
    Fleet(sea).merge(merge)
    assert fleet.sail(merge.gone_id) == merge.gone_id


def test_what_is_stored_while_a_merge_is_followed_is_not_missed(fleet: Fleet) -> None:
    merge, stored, go_on = merged(), threading.Event(), threading.Event()

    def work(tx: UnitOfWork) -> None:
        current = SHIPS.current(tx, merge.gone_id)
        tx.write(_SAIL, {"tenant_id": tx.tenant_id, "id": tx.ids.new(), "ship_id": current})
        stored.set()
        assert go_on.wait(20)

    sailing = threading.Thread(target=fleet.run, args=(work,))
    merging = threading.Thread(target=fleet.merge, args=(merge,))
    sailing.start()
    assert stored.wait(20)
    merging.start()
    go_on.set()
    for thread in (sailing, merging):
        thread.join(20)
    assert [ship for ship, _ in fleet.voyages()] == [merge.survivor_id]
