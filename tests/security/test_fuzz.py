"""Every operation, given all kinds of input that its schema allows and forbids, never answers with a 5xx.

The short run tries a part of the operations, and a few inputs for each: `SAMPLE` says how many. The
slow run tries all of them, with many. Answers have to be as the document says, too.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis.generation import GenerationMode
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from chassis.testing.client import ApiClient

from .estate import Estate, Services, estate
from .surface import Operation, all_operations, document

SAMPLE = 3
"""The short run tries every third operation; which ones does not change from run to run."""
FEW, MANY = 8, 60
OPERATIONS = all_operations()
CHECKS = [
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
]


@pytest.fixture(scope="module")
def victim(services: Services) -> Estate:
    """A tenant whose records are at the mercy of whatever is tried."""
    return estate(services)


@pytest.fixture(scope="module")
def schema() -> Any:
    """The document as schemathesis reads it."""
    loaded = schemathesis.openapi.from_dict(document())
    loaded.config.generation.update(modes=[GenerationMode.POSITIVE, GenerationMode.NEGATIVE])
    return loaded


def needs_a_peer(response: Any) -> bool:
    """Whether a service refuses for now because it would have to ask another, which is not here."""
    if response.status_code != 503 or "retry-after" not in response.headers:
        return False
    return bool(response.json()["code"] == "service_token_unavailable")


@schemathesis.serializer("application/x-ndjson", "message/rfc822")
def lines(_context: Any, value: Any) -> bytes:
    """A body of lines, or a mail, is whatever bytes come."""
    return value if isinstance(value, bytes) else str(value).encode("utf-8", "surrogatepass")


def attempts(operation: Operation, schema: Any, victim: Estate) -> Callable[[st.DataObject], None]:
    """One attempt: any input, half of the time with the ids of records that there are."""
    described = schema[operation.path][operation.method]
    under_test = victim.services[operation.service]
    callers = [
        victim.owner(operation.service),
        victim.home.administrator(),
        ApiClient(under_test.harness.app, under_test.harness.tokens.operator("*")),
    ]
    chosen = callers[2:] if operation.is_for_operators else callers[:2]
    strategies = [
        described.as_strategy(generation_mode=mode)
        for mode in (GenerationMode.POSITIVE, GenerationMode.NEGATIVE)
    ]

    def attempt(data: st.DataObject) -> None:
        case = data.draw(st.sampled_from(strategies).flatmap(lambda strategy: strategy))
        if data.draw(st.booleans()):
            known = {name: victim.ids[name] for name in operation.path_names}
            case.path_parameters = {**(case.path_parameters or {}), **known}
        caller = data.draw(st.sampled_from(chosen))
        response = case.call(
            app=under_test.harness.app, headers={"Authorization": f"Bearer {caller.token}"}
        )
        assert response.status_code < 500 or needs_a_peer(response), case.as_curl_command()
        case.validate_response(response, checks=CHECKS)

    return attempt


def fuzz(operation: Operation, schema: Any, victim: Estate, *, examples: int) -> None:
    attempt = attempts(operation, schema, victim)

    @settings(
        max_examples=examples,
        deadline=None,
        derandomize=True,
        database=None,
        suppress_health_check=list(HealthCheck),
        phases=[Phase.explicit, Phase.generate],
    )
    @given(st.data())
    def tried(data: st.DataObject) -> None:
        attempt(data)

    tried()


@pytest.mark.parametrize("operation", OPERATIONS[::SAMPLE], ids=lambda each: each.id)
def test_a_sample_of_the_operations_answers_whatever_comes_as_the_document_says(
    operation: Operation, schema: Any, victim: Estate
) -> None:
    fuzz(operation, schema, victim, examples=FEW)


@pytest.mark.slow
@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda each: each.id)
def test_every_operation_answers_whatever_comes_as_the_document_says(
    operation: Operation, schema: Any, victim: Estate
) -> None:
    fuzz(operation, schema, victim, examples=MANY)
