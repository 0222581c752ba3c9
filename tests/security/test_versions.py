"""For every operation that takes `If-Match`: a version that the record is not at is refused, and nothing changes."""

from __future__ import annotations

import pytest

from chassis.testing.client import ApiAnswer

from .estate import Estate
from .examples import example_of
from .surface import Operation, all_operations

CONDITIONAL = [
    each for each in all_operations() if any(one["name"] == "If-Match" for one in each.parameters)
]
NEVER = '"999999999999"'
"""A version that nothing is ever at."""
OF_USERS = {
    "identity_change_own_factor",
    "identity_change_own_profile",
    "identity_end_own_session",
    "sales_claim_lead",
}
"""What only users have, or do; no app."""


def _send(operation: Operation, owned: Estate) -> ApiAnswer:
    client = (owned.user if operation.id in OF_USERS else owned.owner)(operation.service)
    body = example_of(operation.body_schema, owned.ids) if operation.takes_json else None
    path = operation.path.format_map(owned.ids)
    return client.send(operation.method, path, json=body, headers={"If-Match": NEVER})


def test_there_are_operations_that_take_a_version() -> None:
    assert len(CONDITIONAL) > 100


@pytest.mark.parametrize("operation", CONDITIONAL, ids=lambda each: each.id)
def test_a_version_that_the_record_is_not_at_is_refused(
    operation: Operation, owned: Estate
) -> None:
    before = owned.fingerprint(operation.service)
    answer = _send(operation, owned)
    assert answer.status_code == 412, answer.text
    assert owned.fingerprint(operation.service) == before
