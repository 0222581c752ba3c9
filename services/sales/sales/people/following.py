"""What follows people through merges and erasures: every table of sales that names a person.

Contacts decides who is who. When two people were one all along, all that names the one names the
other from then on; what was moved is remembered, so that it can go back when the merge is undone.
When a person is erased, rows stay for their sums and dates, without the person.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from chassis.storage.statements import Statement
from chassis.storage.unit_of_work import Reading, UnitOfWork


@dataclass(frozen=True, slots=True)
class NamingTable:
    """A table with `id` and a column that holds a person's id.

    `forget` is what else is set when the person is erased, as SQL of our own: free texts go;
    `%(now)s` is the time of it there. With
    `versioned`, each move raises the version, which is what callers know the record by. With
    `drop`, a row goes altogether with its person. `first_gone` are tables whose rows name a row of
    this one, as `lead_terms.lead_id`, and go with the person altogether; `first_blanked` are such
    whose rows stay, each with what of them goes.
    """

    name: str
    column: str = "person_id"
    forget: str = ""
    versioned: bool = True
    drop: bool = False
    first_gone: Sequence[str] = ()
    first_blanked: Sequence[tuple[str, str]] = ()

    @property
    def remember(self) -> Statement:
        """Notes what a merge is about to move."""
        return Statement(
            "INSERT INTO moved_records (tenant_id, merge_id, kind, record_id)"  # noqa: S608
            f" SELECT tenant_id, %(merge_id)s, '{self.name}.{self.column}', id FROM {self.name}"
            f" WHERE tenant_id = %(tenant_id)s AND {self.column} = %(gone_id)s"
            " ON CONFLICT DO NOTHING"
        )

    @property
    def move(self) -> Statement:
        """Has rows name the survivor."""
        return Statement(
            f"UPDATE {self.name} SET {self.column} = %(survivor_id)s{self._raised}"  # noqa: S608
            f" WHERE tenant_id = %(tenant_id)s AND {self.column} = %(gone_id)s"
        )

    @property
    def give_back(self) -> Statement:
        """Has rows name again whom they named before the merge."""
        return Statement(
            f"UPDATE {self.name} AS t SET {self.column} = %(back_id)s{self._raised}"  # noqa: S608
            " FROM moved_records AS m WHERE m.tenant_id = %(tenant_id)s"
            f" AND m.merge_id = %(merge_id)s AND m.kind = '{self.name}.{self.column}'"
            " AND t.tenant_id = %(tenant_id)s AND t.id = m.record_id"
            f" AND t.{self.column} = %(survivor_id)s"
        )

    @property
    def erase(self) -> Statement:
        """Takes the people out."""
        about = f"WHERE tenant_id = %(tenant_id)s AND {self.column} = ANY(%(person_ids)s)"
        if self.drop:
            return Statement(f"DELETE FROM {self.name} {about}")  # noqa: S608
        more = f", {self.forget}" if self.forget else ""
        return Statement(
            f"UPDATE {self.name} SET {self.column} = NULL{more}{self._raised} {about}"  # noqa: S608
        )

    @property
    def clear(self) -> Sequence[Statement]:
        """Take out what hangs on the rows and tells of the people, before they are taken out."""
        gone = [
            Statement(
                f"DELETE FROM {naming.split('.')[0]} AS c USING {self.name} AS t"  # noqa: S608
                f" WHERE {self._hangs_on(naming)}"
            )
            for naming in self.first_gone
        ]
        blanked = [
            Statement(
                f"UPDATE {naming.split('.')[0]} AS c SET {forget}, version = c.version + 1"  # noqa: S608
                f" FROM {self.name} AS t WHERE {self._hangs_on(naming)}"
            )
            for naming, forget in self.first_blanked
        ]
        return [*gone, *blanked]

    def _hangs_on(self, naming: str) -> str:
        return (
            f"t.tenant_id = %(tenant_id)s AND t.{self.column} = ANY(%(person_ids)s)"
            f" AND c.tenant_id = %(tenant_id)s AND c.{naming.split('.')[1]} = t.id"
        )

    @property
    def _raised(self) -> str:
        return ", version = version + 1" if self.versioned else ""


FORGET_ACTIVITY = (
    "subject = 'Erased', description = '', note = CASE WHEN note IS NULL THEN NULL ELSE '' END"
)
"""What goes of an activity when whom it was about is erased."""
FOLLOWING: Sequence[NamingTable] = (
    NamingTable("orders"),
    # Of a consumer's opportunity the name may be the consumer's own.
    NamingTable(
        "opportunities",
        # What colleagues said and shared about it may tell of the person.
        first_gone=(
            "comment_wordings.opportunity_id",
            "comments.opportunity_id",
            "shared_documents.opportunity_id",
        ),
        # A loss without words is told apart from one whose words are gone.
        forget="description = '', next_step = '', competitors = '[]',"
        " loss_note = CASE WHEN loss_note IS NULL THEN NULL ELSE '' END,"
        " lost_to = CASE WHEN lost_to IS NULL THEN NULL ELSE '' END,"
        " name = CASE WHEN company_id IS NULL THEN 'Erased' ELSE name END",
    ),
    NamingTable("involvements", drop=True),
    NamingTable(
        "leads",
        first_gone=("lead_terms.lead_id", "lead_external_ids.lead_id", "lead_assessments.lead_id"),
        first_blanked=(("activities.lead_id", FORGET_ACTIVITY),),
        forget="given_name = 'Erased', family_name = '', email = '', phone = '',"
        " company_name = '', job_title = '', postal_code = '', description = '',"
        " external_ids = '[]', decision_note = '',"
        # As `Lead.erase` has it: nobody is left to be called, so nothing is left to do.
        " archived_at = CASE WHEN state = 'open' THEN %(now)s ELSE archived_at END,"
        " state = CASE WHEN state = 'open' THEN 'archived' ELSE state END,"
        " erased_at = %(now)s, updated_at = %(now)s",
    ),
    NamingTable("customer_group_members", drop=True),
    NamingTable(
        "quotes", forget="conditions = '', answer = '', addressee = NULL, accepted_by = ''"
    ),
    NamingTable("quote_versions", forget="conditions = '', addressee = NULL", versioned=False),
    NamingTable(
        "subscriptions",
        forget="cancel_note = CASE WHEN cancel_note IS NULL THEN NULL ELSE '' END,"
        " name = CASE WHEN company_id IS NULL THEN 'Erased' ELSE name END",
    ),
    NamingTable("activities", forget=FORGET_ACTIVITY),
)
"""Every table that names a person; a test looks into the database for one that is missing here."""


def current_person(tx: UnitOfWork, person_id: UUID) -> UUID:
    """Who answers for a person now: the one whom they were merged into, or they themselves.

    Whoever stores a person's id asks this first, since callers may hold an id from before a merge.
    Until the commit no merge is followed in this tenant: what is about to be stored would be missed.
    """
    tx.fetch_one(_NO_MERGES_NOW, {"tenant_id": tx.tenant_id})
    row = tx.fetch_one(_CURRENT, {"tenant_id": tx.tenant_id, "person_id": person_id})
    return person_id if row is None else UUID(str(row["person_id"]))


def known_as(reading: Reading | UnitOfWork, person_id: UUID | None) -> UUID | None:
    """Who answers for a person now, for whoever only looks something up."""
    about = {"tenant_id": reading.caller.tenant_id, "person_id": person_id}
    row = None if person_id is None else reading.fetch_one(_CURRENT, about)
    return person_id if row is None else UUID(str(row["person_id"]))


def current_or_none(tx: UnitOfWork, person_id: UUID | None) -> UUID | None:
    """The same for a record that may name nobody."""
    return None if person_id is None else current_person(tx, person_id)


def follow_alone(tx: UnitOfWork) -> None:
    """Wait for whoever stores a person's id now, or follows a merge, and have all others wait."""
    tx.fetch_one(_ALONE, {"tenant_id": tx.tenant_id})


_KEY = "hashtextextended('people of ' || %(tenant_id)s::text, 0)"
_NO_MERGES_NOW = Statement(f"SELECT pg_advisory_xact_lock_shared({_KEY})")
_ALONE = Statement(f"SELECT pg_advisory_xact_lock({_KEY})")
_CURRENT = Statement(
    """
    WITH RECURSIVE way AS (
        SELECT person_id, 1 AS steps FROM person_merges
        WHERE tenant_id = %(tenant_id)s AND merged_person_id = %(person_id)s AND NOT undone
        UNION ALL
        SELECT m.person_id, way.steps + 1
        FROM way JOIN person_merges m ON m.tenant_id = %(tenant_id)s
            AND m.merged_person_id = way.person_id AND NOT m.undone
        WHERE way.steps < 100
    )
    SELECT person_id FROM way ORDER BY steps DESC LIMIT 1
    """
)
