"""A line of NDJSON can say that a person is nobody's, as an export of everybody does."""

from __future__ import annotations

from uuid import uuid4

from services.contacts.tests.imports.conftest import Contacts, Importing

NOBODYS = b'{"full_name": "Mary", "owner_id": null}\n'


def test_an_app_enters_people_who_are_nobodys(importing: Importing) -> None:
    address = importing.upload(NOBODYS)
    assert importing.run(address)["created"] == 1
    assert [person["owner_id"] for person in importing.people()] == [None]


def test_a_line_that_is_nobodys_goes_past_the_owner_of_the_others(importing: Importing) -> None:
    address, owner = importing.upload(NOBODYS + b'{"full_name": "Tom"}\n'), str(uuid4())
    importing.map(address, {}, owner_id=owner)
    importing.run(address)
    assert [person["owner_id"] for person in importing.people()] == [None, owner]


def test_whoever_sees_their_own_people_enters_none_whom_they_would_not_see(
    contacts: Contacts,
) -> None:
    tenant, user = contacts.new_tenant(), uuid4()
    grants = {"contacts.imports.*": "own", "contacts.people.*": "own"}
    seller = Importing(contacts, contacts.user_client(tenant, grants, user_id=user))
    refused = seller.upload(NOBODYS)
    assert seller.run(refused)["failed"] == 1
    assert seller.codes(refused) == {1: ["owner_out_of_reach"]}
    left_out = seller.upload(NOBODYS)
    seller.map(left_out, {}, invalid_values="leave_out")
    assert seller.run(left_out)["created"] == 1
    assert [person["owner_id"] for person in seller.people()] == [str(user)]
