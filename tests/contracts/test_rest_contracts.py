"""The REST contract of each service is valid, and breaks nothing that was released."""

import copy
import re

import pytest
from openapi_spec_validator import OpenAPIV31SpecValidator

from deploy.tools.openapi_documents import document_of
from deploy.tools.release_contracts import (
    REST_SNAPSHOTS,
    ContractsError,
    check_rest_compatible,
    released_services,
    service_documents,
)

from .conftest import ROOT

SERVICES = sorted(path.parent.name for path in (ROOT / "services").glob("*/*/app.py"))
_SUCCESS = re.compile(r"\b20[0-9]\b")
RELEASED = sorted(path.stem for path in REST_SNAPSHOTS.glob("*.json"))


@pytest.fixture(scope="module", params=SERVICES)
def service(request: pytest.FixtureRequest) -> str:
    """Each service that serves REST."""
    return str(request.param)


def test_a_services_document_is_valid_openapi(service: str) -> None:
    errors = [
        error.message for error in OpenAPIV31SpecValidator(document_of(service)).iter_errors()
    ]
    assert errors == []


def test_every_success_that_an_operation_speaks_of_is_among_its_answers(service: str) -> None:
    missing = [
        f"{method} {path}: {status}"
        for path, operations in document_of(service)["paths"].items()
        for method, operation in operations.items()
        if "BatchOut" not in str(operation["responses"])  # which has a status for each item
        for status in set(
            _SUCCESS.findall(f"{operation['summary']} {operation.get('description')}")
        )
        if status not in operation["responses"]
    ]
    assert missing == []


def test_a_service_breaks_nothing_that_was_released(service: str) -> None:
    check_rest_compatible(service, document_of(service))


@pytest.mark.parametrize("service", RELEASED)
def test_a_route_that_is_taken_away_is_found(service: str) -> None:
    document = copy.deepcopy(document_of(service))
    path = next(iter(document["paths"]))
    del document["paths"][path]
    with pytest.raises(ContractsError, match="removed"):
        check_rest_compatible(service, document)


def test_every_service_of_the_release_was_released_with_its_rest_contract() -> None:
    assert {"contacts", "identity"} <= released_services()
    assert sorted(released_services()) == RELEASED
    assert sorted(service_documents()) == SERVICES


def test_a_service_that_is_newer_than_the_release_breaks_nothing() -> None:
    check_rest_compatible("barter", {"paths": {}})
