"""A value that nobody can use is a row's own trouble: it never ends the import, and is never kept."""

from __future__ import annotations

import pytest

from services.contacts.tests.imports.conftest import Importing
from services.contacts.tests.imports.test_runs import csv_of

NO_ADDRESS = "http://[half"


def card(name: str, line: str) -> bytes:
    return f"BEGIN:VCARD\r\nVERSION:4.0\r\nFN:{name}\r\n{line}\r\nEND:VCARD\r\n".encode()


def test_a_profile_whose_address_is_none_is_a_handle_like_another(importing: Importing) -> None:
    table = csv_of(("Mary", NO_ADDRESS), ("Tom", "x.com:tom"), header=("Name", "Profile"))
    address = importing.upload(table)
    importing.map(address, {"Name": "full_name", "Profile": "social_handles"})
    importing.run(address)
    mary, _ = importing.people()
    assert [(one["network"], one["handle"]) for one in mary["handles"]] == [("web", NO_ADDRESS)]


def test_no_network_has_a_longer_name_than_can_be_entered(importing: Importing) -> None:
    host, word = "h" * 60, "w" * 60
    cells = f"https://{host}.example; {word}:tom"
    table = csv_of(("Tom", cells), header=("Name", "Profile"))
    address = importing.upload(table)
    importing.map(address, {"Name": "full_name", "Profile": "social_handles"})
    importing.run(address)
    (tom,) = importing.people()
    assert [(one["network"], one["handle"]) for one in tom["handles"]] == [
        ("web", f"https://{host}.example"),
        ("other", f"{word}:tom"),
    ]


@pytest.mark.parametrize(
    ("line", "code", "kept"),
    [
        (f"IMPP:{NO_ADDRESS}", None, {"handles": 1}),
        ("UID:a\x00b", None, {"external_ids": 1}),
        ("UID:\x00", None, {}),
        (f"UID:{'u' * 201}", "too_long", {}),
        (f"CATEGORIES:vip,{'t' * 101}", "too_long", {"tags": 1}),
        (f"IMPP:{'h' * 201}", "too_long", {}),
        (f"X-LINE:{'l' * 201}", "too_long", {}),
    ],
)
def test_a_card_brings_nothing_that_cannot_be_entered(
    importing: Importing, line: str, code: str | None, kept: dict[str, int]
) -> None:
    address = importing.upload(card("Mary", line) + card("Tom", "NICKNAME:T"))
    importing.map(address, {}, invalid_values="leave_out")
    assert importing.run(address)["created"] == 2
    assert importing.codes(address) == ({} if code is None else {1: [code]})
    mary, _ = importing.people()
    lists = ("handles", "external_ids", "tags")
    assert {name: len(mary[name]) for name in lists if mary[name]} == kept
