"""For every operation: nobody without a token, nobody without the permission, nobody of another tenant."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from functools import cache
from uuid import uuid4

import pytest

from chassis.testing.client import ApiAnswer, ApiClient
from chassis.testing.tokens import TestTokens

from .estate import MARK, Estate, Services, unknown_to_all
from .examples import example_of
from .surface import Operation, all_operations

OPERATIONS = all_operations()
NOT_PUBLIC = [each for each in OPERATIONS if each.permission != "public"]
WITH_PERMISSION = [each for each in NOT_PUBLIC if each.permission != "signed_in"]
FOR_TENANTS = [each for each in NOT_PUBLIC if not each.is_for_operators]
WITH_IDS = [each for each in FOR_TENANTS if each.id_names]
Callers = Callable[[str, str], Sequence[ApiClient]]
every_operation = pytest.mark.parametrize("operation", NOT_PUBLIC, ids=lambda each: each.id)


def send(client: ApiClient, operation: Operation, owned: Estate) -> ApiAnswer:
    """A request that is right in all but who sends it, for the records of `owned`."""
    path = operation.path.format_map(owned.ids)
    query = {
        each["name"]: owned.ids.get(each["name"], "word")
        for each in operation.parameters
        if each["in"] == "query" and each.get("required")
    }
    if operation.takes_json:
        body = example_of(operation.body_schema, owned.ids)
        return client.send(operation.method, path, json=body, query_string=query)
    if operation.media_type is not None:
        headers = {"Content-Type": operation.media_type}
        return client.send(
            operation.method, path, data=b"{}\n", headers=headers, query_string=query
        )
    return client.send(operation.method, path, query_string=query)


def assert_problem(answer: ApiAnswer, status: int, code: str = "") -> None:
    assert answer.status_code == status, answer.text
    assert answer.headers["Content-Type"] == "application/problem+json"
    problem = answer.json
    assert problem["status"] == status
    assert not code or problem["code"] == code
    assert MARK not in answer.text


@pytest.fixture(scope="module")
def allowed_otherwise(services: Services, owned: Estate) -> Callers:
    """An app and a user who may do other things than what a permission says, in a service."""

    @cache
    def made(service: str, permission: str) -> Sequence[ApiClient]:
        harness, others = services[service].harness, f"{permission}_not"
        return (
            harness.app_client(owned.tenant_id, "elsewhere.*", others),
            harness.user_client(owned.tenant_id, {"elsewhere.*": "all", others: "all"}),
        )

    return made


def _needs_a_user(answer: ApiAnswer) -> bool:
    """Whether an app was refused because only users have such records."""
    return answer.status_code == 403 and answer.json["code"] == "user_needed"


def test_there_is_a_record_for_every_parameter_of_every_path(owned: Estate) -> None:
    named = {name for each in OPERATIONS for name in each.path_names}
    assert named - set(owned.ids) == set()


@every_operation
def test_without_a_good_token_nobody_gets_in(
    operation: Operation, services: Services, owned: Estate, tokens: TestTokens
) -> None:
    app = services[operation.service].harness.app
    anonymous = ApiClient(app, None)
    assert_problem(send(anonymous, operation, owned), 401, "token_missing")
    tenant, stranger = owned.tenant_id, TestTokens()
    claims = {"sub": "a", "client_id": "a", "tid": str(tenant), "scope": "*"}
    for token in (
        "nonsense",
        stranger.client(tenant, "*"),  # signed by somebody else
        tokens.sign(**claims, exp=int(time.time()) - 1),
        tokens.sign(**claims, aud="another"),
        tokens.sign(**claims, iss="http://another.example"),
        tokens.sign(**claims, typ="JWT"),  # an ID token
    ):
        answer = send(ApiClient(app, token), operation, owned)
        assert_problem(answer, 401, "token_invalid")
        assert answer.headers["WWW-Authenticate"].startswith("Bearer")


@pytest.mark.parametrize("operation", WITH_PERMISSION, ids=lambda each: each.id)
def test_without_the_permission_nobody_gets_further(
    operation: Operation, allowed_otherwise: Callers, owned: Estate
) -> None:
    before = owned.fingerprint(operation.service)
    for caller in allowed_otherwise(operation.service, operation.permission):
        answer = send(caller, operation, owned)
        assert_problem(answer, 403)
        assert answer.json["code"] in ("permission_missing", "operator_needed")
    assert owned.fingerprint(operation.service) == before


@every_operation
def test_another_tenants_records_are_not_there_and_stay_as_they_are(
    operation: Operation, services: Services, owned: Estate
) -> None:
    harness, other = services[operation.service].harness, uuid4()
    before = owned.fingerprint(operation.service)
    for caller in (harness.app_client(other, "*"), harness.user_client(other, {"*": "all"})):
        answer = send(caller, operation, owned)
        assert answer.status_code < 500, answer.text
        assert MARK not in answer.text
        if operation.is_for_operators:
            assert_problem(answer, 403, "operator_needed")
        elif operation.id_names and not _needs_a_user(answer):
            assert_problem(answer, 404)
    assert owned.fingerprint(operation.service) == before


@pytest.mark.parametrize("operation", FOR_TENANTS, ids=lambda each: each.id)
def test_an_operators_token_reaches_into_no_tenant(
    operation: Operation, services: Services, owned: Estate, tokens: TestTokens
) -> None:
    before = owned.fingerprint(operation.service)
    operator = ApiClient(services[operation.service].harness.app, tokens.operator("*"))
    assert_problem(send(operator, operation, owned), 403, "tenant_needed")
    assert owned.fingerprint(operation.service) == before


@pytest.mark.parametrize("operation", WITH_IDS, ids=lambda each: each.id)
def test_an_id_that_nobody_has_is_answered_as_another_tenants_is(
    operation: Operation, services: Services, owned: Estate
) -> None:
    """So nobody can find out which ids there are elsewhere."""
    caller = services[operation.service].harness.user_client(uuid4(), {"*": "all"})
    theirs = send(caller, operation, owned)
    ids = {**owned.ids, **{name: unknown_to_all() for name in operation.id_names}}
    nobodys = send(caller, operation, Estate(owned.services, owned.home, ids))
    assert (theirs.status_code, nobodys.status_code) == (404, 404)
    assert theirs.json["code"] == nobodys.json["code"]


def _reader(owned: Estate, operation: Operation) -> ApiClient:
    """Whoever may see what the operation reads: inboxes and factors are their users' alone."""
    to_users = operation.path.startswith(("/v1/notifications/inbox/", "/v1/identity/me/"))
    return owned.user(operation.service) if to_users else owned.owner(operation.service)


# What no record of the estate answers well, and where its isolation is shown instead.
IN_ANOTHER_STATE = {
    "sales_get_lead_conversion": (
        404,
        "a lead is converted with contacts' help: services/sales/tests/lead_conversions",
    ),
    "desk_get_article_link": (
        422,
        "everybody may read the article, without a link; another tenant's answer is 404",
    ),
    "identity_get_lockout": (
        404,
        "nobody has to wait: services/identity/tests/lockouts",
    ),
    "contacts_download_data_export": (
        409,
        "the export waits for the other services: services/contacts/tests/data_exports",
    ),
    "desk_get_job": (404, "jobs answer incidents: services/desk/tests/problem_answers"),
    "sales_get_quote_link": (409, "the quote was not sent; another tenant's answer is 404"),
}


def test_the_records_would_be_there_for_their_own_tenant(owned: Estate) -> None:
    """Else all the refusals above would prove nothing."""
    reads = [each for each in WITH_IDS if each.method == "GET"]
    found = {each.id: send(_reader(owned, each), each, owned).status_code for each in reads}
    assert found
    others = {each: status for each, status in found.items() if status != 200}
    assert others == {each: status for each, (status, _) in IN_ANOTHER_STATE.items()}


def test_a_change_of_one_row_would_be_noticed(owned: Estate) -> None:
    before = owned.fingerprint("contacts")
    path = f"/v1/contacts/people/{owned.ids['relative_id']}"
    assert owned.owner("contacts").patch(path, {"given_name": "Thetis"}).status_code == 200
    assert owned.fingerprint("contacts") != before
