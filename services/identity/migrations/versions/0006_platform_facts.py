"""Facts of no tenant from the system login: what happens to the signing keys, which no other sees."""

from __future__ import annotations

from chassis.storage.ddl import let_system_add_facts_of_no_tenant

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    """Let what is done to signing keys be told in the transaction that does it."""
    let_system_add_facts_of_no_tenant()
