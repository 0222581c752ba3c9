"""Identity's OpenAPI document: valid, with each operation named once and guarded by a permission."""

from __future__ import annotations

from collections import Counter

from openapi_spec_validator import validate

from chassis.testing.harness import ServiceHarness
from identity.transaction import IdentityTx


def test_the_document_is_valid(identity: ServiceHarness[IdentityTx]) -> None:
    validate(identity.service.document())


def test_every_operation_has_a_name_of_its_own(identity: ServiceHarness[IdentityTx]) -> None:
    paths = identity.service.document()["paths"].values()
    names = Counter(operation["operationId"] for path in paths for operation in path.values())
    assert [name for name, times in names.items() if times > 1] == []


def test_no_operation_is_open_to_everybody(identity: ServiceHarness[IdentityTx]) -> None:
    paths = identity.service.document()["paths"].values()
    permissions = [operation["x-permission"] for path in paths for operation in path.values()]
    assert permissions
    assert "public" not in permissions
