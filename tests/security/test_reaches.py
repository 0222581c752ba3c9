"""The catalogue of permissions tells truly for which of them the reach makes a difference (ID-4)."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from identity.permissions.catalogue import all_permissions

from .estate import Services, estate
from .reaching import Shown, shown_by
from .test_isolation import WITH_PERMISSION, send

Found = Mapping[str, Mapping[Shown, str]]
BY_OWNER = {each.name for each in all_permissions() if len(each.reaches) > 1}
WHOLE = {each.name for each in all_permissions() if len(each.reaches) == 1}
NOT_SHOWN_HERE = {
    "contacts.companies.export": "a stream; services/contacts/tests/exports",
    "contacts.people.export": "a stream; services/contacts/tests/exports",
    "contacts.interactions.write": "who is met is named in the body; services/contacts/tests/interactions",
    "identity.audit.export": "a stream; services/identity/tests/audit",
    "identity.lockouts.read": "nobody waits in the estate; services/identity/tests/lockouts",
    "identity.lockouts.write": "nobody waits in the estate; services/identity/tests/lockouts",
    "sales.commission_statements.close": "the person is named in the body; services/sales/tests",
    "sales.forecasts.write": "the person is named in the body; services/sales/tests/forecasts",
}
"""By owner, though no request for a record of the estate shows it; and where that is shown."""


@pytest.fixture(scope="module")
def found(services: Services) -> Found:
    """What the services show, of an estate of this module's own: what is asked for here changes it."""
    operations = [each for each in WITH_PERMISSION if not each.is_for_operators]
    return shown_by(operations, estate(services), send)


def test_what_is_narrowed_to_owners_is_said_to_be(found: Found) -> None:
    narrowed = {
        name: shown[Shown.NARROWED] for name, shown in found.items() if Shown.NARROWED in shown
    }
    assert len(narrowed) > 60
    assert {name: how for name, how in narrowed.items() if name not in BY_OWNER} == {}


def test_what_is_said_to_be_narrowed_to_owners_is(found: Found) -> None:
    shown = {name for name in BY_OWNER if Shown.NARROWED in found.get(name, {})}
    assert sorted(BY_OWNER - shown) == sorted(NOT_SHOWN_HERE)


def test_what_needs_reach_over_all_or_shows_all_is_said_to_have_no_other(found: Found) -> None:
    whole = {name for name, shown in found.items() if shown and Shown.NARROWED not in shown}
    assert len(whole) > 60
    assert whole - WHOLE == set()
