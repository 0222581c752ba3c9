"""Jobs over REST: whose they are, what is shown of them, and how they are cancelled."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from chassis.access.authenticator import Authenticator
from chassis.access.directory import AccessDirectory
from chassis.access.tokens import TokenVerifier
from chassis.clock import MovableClock, SystemClock
from chassis.http.address import Addresses, networks_of
from chassis.http.app import HttpFace
from chassis.http.call import Call
from chassis.http.page_token import PageTokens
from chassis.http.rate_limit import AddressLimits, RateLimiter
from chassis.http.routes import SIGNED_IN, Routes
from chassis.storage.database import Database
from chassis.storage.unit_of_work import Operations, UnitOfWork
from chassis.testing.access import FakeAccessSource
from chassis.testing.client import ApiClient
from chassis.testing.tokens import ISSUER, TestTokens
from chassis.work.job_runner import JobRunner
from chassis.work.jobs import JobRun, start_job
from chassis.work.jobs_api import job_accepted, job_routes
from services.chassis.tests.ground import SERVICE

JOBS = f"/v1/{SERVICE}/jobs"


@pytest.fixture
def directory(database: Database, access: FakeAccessSource) -> AccessDirectory:
    return AccessDirectory(database, access, SystemClock().now, time.monotonic)


@pytest.fixture
def face(
    directory: AccessDirectory, operations: Operations[UnitOfWork], tokens: TestTokens
) -> HttpFace:
    verifier = TokenVerifier(tokens.key_source(), ISSUER, SystemClock())
    authenticator = Authenticator(verifier, directory)
    limiter, pages = RateLimiter(1_000_000, time.monotonic), PageTokens("secret " * 8)
    addresses = Addresses(networks_of("127.0.0.0/8"))
    made = HttpFace(
        SERVICE,
        operations,
        authenticator,
        limiter,
        pages,
        addresses,
        address_limits=AddressLimits(1_000_000, time.monotonic),
    )
    made.add(job_routes(SERVICE), counting())
    return made


def counting() -> Routes:
    """A resource whose creation is long work."""
    routes = Routes(f"/v1/{SERVICE}/counts", "counts")

    @routes.post("", permission=SIGNED_IN, status=202)
    def count(call: Call[Any]) -> object:
        """Count."""
        return call.run(
            lambda tx: start_job(tx, "count", {"secret": "of the handler"}),
            lambda tx, job_id: job_accepted(tx, SERVICE, job_id),
        )

    return routes


MakeUser = Callable[..., ApiClient]


@pytest.fixture
def make_user(
    face: HttpFace,
    directory: AccessDirectory,
    tokens: TestTokens,
    access: FakeAccessSource,
    tenant: UUID,
) -> MakeUser:
    """Users of the tenant, each with one role."""

    def make(permission: str = "contacts.people.read", reach: str = "all") -> ApiClient:
        role = access.role(tenant, {permission: reach})
        directory.forget(tenant)
        return ApiClient(face.app, tokens.user(tenant, uuid4(), roles=[role]), tenant)

    return make


@pytest.fixture
def user(make_user: MakeUser) -> ApiClient:
    return make_user()


def begun(client: ApiClient) -> str:
    """The address of a job that the client began."""
    response = client.post(f"/v1/{SERVICE}/counts")
    assert response.status_code == 202
    return str(response.headers["Location"])


def test_a_request_that_begins_a_job_tells_where_to_watch_it(user: ApiClient) -> None:
    response = user.post(f"/v1/{SERVICE}/counts")

    job = response.json
    assert response.headers["Location"] == f"{JOBS}/{job['id']}"
    assert job["state"] == "queued"
    assert user.get(response.headers["Location"]).json == job


def test_progress_and_result_are_shown_and_what_the_handler_keeps_is_not(
    user: ApiClient, database: Database, clock: MovableClock
) -> None:
    def handler(run: JobRun) -> dict[str, int]:
        run.progress(2, 2, details={"created": 2}, state={"cursor": "hidden"})
        return {"counted": 2}

    address = begun(user)
    JobRunner(database, SERVICE, {"count": handler}, clock).run_next()

    response = user.get(address)
    job = response.json
    assert (job["state"], job["result"], job["error"]) == ("succeeded", {"counted": 2}, None)
    assert job["progress"] == {"done": 2, "total": 2, "details": {"created": 2}}
    assert "hidden" not in response.text
    assert "secret" not in response.text


def test_a_job_is_cancelled_and_a_second_time_too(user: ApiClient) -> None:
    address = begun(user)

    answers = [user.post(f"{address}/cancel") for _ in range(2)]

    assert [answer.status_code for answer in answers] == [200, 200]
    assert answers[0].json["state"] == "cancelled"


def test_a_job_that_has_ended_is_a_conflict(
    user: ApiClient, database: Database, clock: MovableClock
) -> None:
    address = begun(user)
    JobRunner(database, SERVICE, {"count": lambda _run: None}, clock).run_next()

    response = user.post(f"{address}/cancel")

    assert (response.status_code, response.json["code"]) == (409, "job_finished")


def test_jobs_need_a_token(face: HttpFace) -> None:
    anonymous = ApiClient(face.app, None)

    assert anonymous.get(JOBS).status_code == 401
    assert anonymous.get(f"{JOBS}/{uuid4()}").status_code == 401
    assert anonymous.post(f"{JOBS}/{uuid4()}/cancel").status_code == 401


def test_another_tenants_jobs_do_not_exist(
    face: HttpFace, user: ApiClient, tokens: TestTokens
) -> None:
    address = begun(user)
    stranger = ApiClient(face.app, tokens.client(uuid4(), "*"))

    assert stranger.get(JOBS).json["items"] == []
    assert stranger.get(address).status_code == 404
    assert stranger.post(f"{address}/cancel").status_code == 404
    assert user.get(address).json["state"] == "queued"


def test_jobs_of_others_need_the_permission_for_all(user: ApiClient, make_user: MakeUser) -> None:
    address = begun(user)
    colleague = make_user(f"{SERVICE}.jobs.read", "team")
    reader = make_user(f"{SERVICE}.jobs.read")
    writer = make_user(f"{SERVICE}.jobs.write")

    assert [c.get(address).status_code for c in (colleague, reader, writer)] == [404, 200, 404]
    assert len(reader.get(JOBS).json["items"]) == 1
    assert colleague.get(JOBS).json["items"] == []
    assert reader.post(f"{address}/cancel").status_code == 404
    assert writer.post(f"{address}/cancel").status_code == 200


def test_the_list_has_pages_the_newest_first_and_filters(
    user: ApiClient, clock: MovableClock, database: Database
) -> None:
    addresses = []
    for _ in range(3):
        addresses.append(begun(user))
        clock.move(timedelta(seconds=1))
    JobRunner(database, SERVICE, {"count": lambda _run: None}, clock).run_next()

    first = user.get(JOBS, query_string={"page_size": 2}).json
    token = {"page_size": 2, "page_token": first["next_page_token"]}
    second = user.get(JOBS, query_string=token).json
    queued = user.get(JOBS, query_string={"state": "queued", "count": "true"}).json

    listed = [f"{JOBS}/{job['id']}" for job in first["items"] + second["items"]]
    assert listed == addresses[::-1]
    assert second["next_page_token"] is None
    assert [f"{JOBS}/{job['id']}" for job in queued["items"]] == addresses[:0:-1]
    assert queued["total_count"] == 2
    assert user.get(JOBS, query_string={"state": "lost"}).status_code == 400


def test_an_operator_without_a_tenant_has_no_jobs(face: HttpFace, tokens: TestTokens) -> None:
    operator = ApiClient(face.app, tokens.operator("*"))

    assert operator.get(JOBS).status_code == 403
