"""What the desks share at which those work who run the platform: past the API, with the database's logins."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass

from pydantic import SecretStr

from chassis.domain import Invalid
from chassis.storage.database import Database
from identity.operators import is_operator_name, login_name


@dataclass(frozen=True, slots=True)
class DeskAccess:
    """The logins that an operator uses: connections for one command."""

    database_url: SecretStr
    database_system_url: SecretStr
    database_pool_size: int = 2
    database_statement_timeout_ms: int = 60_000


@contextmanager
def opened(access: DeskAccess) -> Iterator[Database]:
    """Identity's database for one command."""
    with closing(Database(access, "identity")) as database:
        yield database


def at_the_desk(operator: str | None) -> str:
    """Under which name the operator acts: whoever is logged in here unless said.

    Raises `Invalid` for a name that the audit log would confuse.
    """
    name = login_name() if operator is None else operator
    if not is_operator_name(name):
        raise Invalid(f"{name!r} is not 1 to 64 letters, digits and ._@-", code="operator_name")
    return name
