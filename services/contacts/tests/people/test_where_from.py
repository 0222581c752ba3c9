"""From where a change came: kept with its fact, as the gateway says it and nobody else."""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid4

import pytest
import sqlalchemy as sa

from chassis.storage.tables import outbox
from chassis.testing.client import ApiClient
from chassis.testing.harness import ServiceHarness
from contacts.transaction import ContactsTx

Contacts = ServiceHarness[ContactsTx]
PEOPLE = "/v1/contacts/people"


def origin_of_the_fact(contacts: Contacts, tenant_id: UUID) -> dict[str, Any]:
    """What is kept beside the one fact of a tenant."""
    columns = outbox.c
    with contacts.service.database.tenant_transaction(tenant_id) as connection:
        row = connection.execute(
            sa.select(
                columns.actor, columns.client_id, columns.session_id, columns.address, columns.cause
            ).where(columns.tenant_id == tenant_id)
        ).one()
    return dict(row._mapping)


def create(client: ApiClient, remote: str, forwarded: str | None) -> None:
    """Create a person over a connection from `remote`."""
    response = client.post(
        PEOPLE,
        {"full_name": "王小明"},
        headers={} if forwarded is None else {"X-Forwarded-For": forwarded},
        environ_base={"REMOTE_ADDR": remote},
    )
    assert response.status_code == 201


def test_a_users_change_names_app_session_and_address(
    contacts: Contacts,
) -> None:
    tenant, user = contacts.new_tenant(), uuid4()
    client = contacts.user_client(tenant, {"contacts.*": "all"}, user_id=user)
    create(client, "127.0.0.1", "203.0.113.9")

    origin = origin_of_the_fact(contacts, tenant)
    assert isinstance(origin.pop("session_id"), UUID)
    assert origin == {
        "actor": f"user:{user}",
        "client_id": "test-console",
        "address": "203.0.113.9",
        "cause": None,
    }


@pytest.mark.parametrize(
    ("remote", "forwarded", "address"),
    [
        ("127.0.0.1", "10.9.9.9, 203.0.113.9", "203.0.113.9"),
        ("127.0.0.1", "203.0.113.9, <script>", "127.0.0.1"),
        ("198.51.100.7", "203.0.113.9", "198.51.100.7"),
        ("198.51.100.7", None, "198.51.100.7"),
        ("127.0.0.1", "2001:db8::1\t", "2001:db8::1"),
        ("", "203.0.113.9", None),
    ],
)
def test_what_a_caller_says_of_itself_does_not_count(
    contacts: Contacts, remote: str, forwarded: str | None, address: str | None
) -> None:
    tenant = contacts.new_tenant()
    create(contacts.app_client(tenant), remote, forwarded)

    assert origin_of_the_fact(contacts, tenant)["address"] == address
