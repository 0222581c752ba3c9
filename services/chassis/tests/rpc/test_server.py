"""The gRPC face: who gets in, what refusals look like, how it starts and stops."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from typing import cast
from uuid import uuid4

import grpc
import pytest
from google.rpc.error_details_pb2 import BadRequest, ErrorInfo, RetryInfo
from grpc_health.v1 import health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha import reflection_pb2, reflection_pb2_grpc
from grpc_status import rpc_status

from chassis.embedded.processes import wait_until
from chassis.rpc.call import Servicer
from chassis.rpc.declaration import RpcService, WrongRpcService, declared
from chassis.storage.unit_of_work import UnitOfWork
from chassis.testing.access import FakeAccessSource
from chassis.testing.tokens import TestTokens
from rapport.contacts.v1 import contacts_service_pb2 as pb
from rapport.contacts.v1 import contacts_service_pb2_grpc as contacts_grpc
from services.chassis.tests.rpc.conftest import (
    READ,
    Loopback,
    ObedientServicer,
    Serve,
    obedient_service,
)

TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"


def bearer(token: str) -> tuple[tuple[str, str], ...]:
    return (("authorization", f"Bearer {token}"),)


def ask(
    at: Loopback,
    token: str | None,
    person_id: str = "any",
    timeout: float = 5,
    metadata: tuple[tuple[str, str], ...] = (),
) -> pb.GetPersonResponse:
    """A call by a client that knows nothing of the chassis."""
    sent = metadata if token is None else (*metadata, *bearer(token))
    with grpc.insecure_channel(at.address) as channel:
        return contacts_grpc.ContactsServiceStub(channel).GetPerson(
            pb.GetPersonRequest(person_id=person_id), timeout=timeout, metadata=sent
        )


def refusal(at: Loopback, token: str | None, person_id: str = "any") -> grpc.Call:
    """The error of a call."""
    with pytest.raises(grpc.RpcError) as caught:
        ask(at, token, person_id)
    return cast("grpc.Call", caught.value)


def info_of(call: grpc.Call) -> ErrorInfo:
    """The `ErrorInfo` of a refusal."""
    info = ErrorInfo()
    status = rpc_status.from_call(call)
    assert any(detail.Unpack(info) for detail in status.details)
    return info


def test_a_call_without_a_token_is_unauthenticated(serve: Serve) -> None:
    failure = refusal(serve(), None)

    assert failure.code() is grpc.StatusCode.UNAUTHENTICATED
    assert (info_of(failure).domain, info_of(failure).reason) == ("rapport", "token_missing")


def test_a_bare_tenant_id_is_unauthenticated(serve: Serve) -> None:
    at, tenant = serve(), str(uuid4())

    with pytest.raises(grpc.RpcError) as caught:
        ask(at, None, metadata=(("tenant-id", tenant),))
    assert caught.value.code() is grpc.StatusCode.UNAUTHENTICATED
    assert refusal(at, tenant).code() is grpc.StatusCode.UNAUTHENTICATED
    assert at.servicer.calls == 0


def test_a_token_signed_by_another_is_unauthenticated(serve: Serve) -> None:
    failure = refusal(serve(), TestTokens().client(uuid4(), "*"))

    assert failure.code() is grpc.StatusCode.UNAUTHENTICATED
    assert info_of(failure).reason == "token_invalid"


def test_an_operator_without_a_tenant_is_refused(serve: Serve, tokens: TestTokens) -> None:
    failure = refusal(serve(), tokens.operator("*"))

    assert failure.code() is grpc.StatusCode.PERMISSION_DENIED
    assert info_of(failure).reason == "tenant_needed"


def test_a_caller_without_the_permission_is_refused(serve: Serve, tokens: TestTokens) -> None:
    at = serve()
    failure = refusal(at, tokens.client(uuid4(), "contacts.companies.read"))

    assert failure.code() is grpc.StatusCode.PERMISSION_DENIED
    assert READ in str(failure.details())
    assert at.servicer.calls == 0


def test_a_user_gets_in_with_the_reach_of_the_role(
    serve: Serve, tokens: TestTokens, access: FakeAccessSource
) -> None:
    tenant, user = uuid4(), uuid4()
    role = access.role(tenant, {READ: "team"})

    answer = ask(serve(), tokens.user(tenant, user, roles=[role]))

    assert answer.person.display_name.startswith(f"user:{user} TEAM ")


def test_a_method_for_services_refuses_a_user_who_may_do_everything(
    serve: Serve, tokens: TestTokens
) -> None:
    at, tenant = serve(), uuid4()
    with grpc.insecure_channel(at.address) as channel:
        find = contacts_grpc.ContactsServiceStub(channel).FindPeople
        with pytest.raises(grpc.RpcError) as caught:
            find(pb.FindPeopleRequest(), metadata=bearer(tokens.client(tenant, "*")))
        served = find(pb.FindPeopleRequest(), metadata=bearer(tokens.service(tenant, "loyalty")))

    assert caught.value.code() is grpc.StatusCode.PERMISSION_DENIED
    assert list(served.people) == []


def test_the_trace_of_the_caller_goes_on(serve: Serve, tokens: TestTokens) -> None:
    sent = (("traceparent", f"00-{TRACE}-00f067aa0ba902b7-01"),)

    answer = ask(serve(), tokens.client(uuid4(), "*"), metadata=sent)

    assert answer.person.display_name.endswith(TRACE)


def test_a_domain_error_comes_with_its_code_and_its_violations(
    serve: Serve, tokens: TestTokens
) -> None:
    failure = refusal(serve(), tokens.client(uuid4(), "*"), "wrong")
    bad = BadRequest()
    assert any(detail.Unpack(bad) for detail in rpc_status.from_call(failure).details)

    assert failure.code() is grpc.StatusCode.INVALID_ARGUMENT
    assert info_of(failure).reason == "invalid_value"
    (violation,) = bad.field_violations
    assert (violation.field, violation.reason) == ("/person_id", "not_a_uuid")


@pytest.mark.parametrize(
    ("person_id", "status"),
    [
        ("missing", grpc.StatusCode.NOT_FOUND),
        ("taken", grpc.StatusCode.ALREADY_EXISTS),
        ("busy", grpc.StatusCode.ABORTED),
    ],
)
def test_an_errors_category_or_code_decides_its_status(
    serve: Serve, tokens: TestTokens, person_id: str, status: grpc.StatusCode
) -> None:
    assert refusal(serve(), tokens.client(uuid4(), "*"), person_id).code() is status


def test_an_error_that_passes_says_when_to_try_again(serve: Serve, tokens: TestTokens) -> None:
    failure = refusal(serve(), tokens.client(uuid4(), "*"), "busy")
    retry = RetryInfo()

    assert any(detail.Unpack(retry) for detail in rpc_status.from_call(failure).details)
    assert retry.retry_delay.ToMilliseconds() == 1500


def test_a_bug_is_internal_and_tells_nothing(serve: Serve, tokens: TestTokens) -> None:
    failure = refusal(serve(), tokens.client(uuid4(), "*"), "broken")

    assert failure.code() is grpc.StatusCode.INTERNAL
    assert "Ada" not in str(failure)


def test_a_call_that_waited_past_its_deadline_is_not_begun(
    serve: Serve, tokens: TestTokens
) -> None:
    at, token = serve(grpc_threads=1), tokens.client(uuid4(), "*")
    with ThreadPoolExecutor(1) as pool:
        first = pool.submit(ask, at, token, "slow")
        assert wait_until(lambda: at.servicer.calls == 1, 30)
        with pytest.raises(grpc.RpcError) as caught:
            ask(at, token, timeout=0.2)
        at.servicer.release.set()
        first.result(5)

    assert caught.value.code() is grpc.StatusCode.DEADLINE_EXCEEDED
    assert ask(at, token).person.person_id == "any"  # the thread took the late one before this
    assert at.servicer.calls == 2


def test_a_message_above_four_megabytes_is_refused(serve: Serve, tokens: TestTokens) -> None:
    failure = refusal(serve(), tokens.client(uuid4(), "*"), "x" * (4 * 1024 * 1024 + 1))

    assert failure.code() is grpc.StatusCode.RESOURCE_EXHAUSTED


def test_the_health_service_follows_readiness(serve: Serve) -> None:
    at = serve()
    with grpc.insecure_channel(at.address) as channel:
        check = health_pb2_grpc.HealthStub(channel).Check
        name = "rapport.contacts.v1.ContactsService"
        ready = [check(health_pb2.HealthCheckRequest(service=s)).status for s in ("", name)]
        at.ready[0] = False
        unready = check(health_pb2.HealthCheckRequest()).status
        with pytest.raises(grpc.RpcError) as caught:
            check(health_pb2.HealthCheckRequest(service="rapport.unknown"))

    serving, not_serving = (
        health_pb2.HealthCheckResponse.ServingStatus.Value(word)
        for word in ("SERVING", "NOT_SERVING")
    )
    assert (ready, unready) == ([serving, serving], not_serving)
    assert caught.value.code() is grpc.StatusCode.NOT_FOUND


def test_reflection_lists_the_services(serve: Serve) -> None:
    with grpc.insecure_channel(serve().address) as channel:
        stub = reflection_pb2_grpc.ServerReflectionStub(channel)
        asked = iter([reflection_pb2.ServerReflectionRequest(list_services="")])
        (answer,) = list(stub.ServerReflectionInfo(asked))

    names = {service.name for service in answer.list_services_response.service}
    assert {"rapport.contacts.v1.ContactsService", "grpc.health.v1.Health"} <= names


def test_a_stop_lets_the_calls_that_are_begun_finish(serve: Serve, tokens: TestTokens) -> None:
    at = serve()
    with ThreadPoolExecutor(1) as pool:
        begun = pool.submit(ask, at, tokens.client(uuid4(), "*"), "slow")
        assert wait_until(lambda: at.servicer.calls == 1, 30)
        stopping = threading.Thread(target=at.server.stop, args=(5,))
        stopping.start()
        assert wait_until(lambda: not at.server.is_healthy(), 30)
        at.servicer.release.set()

        assert begun.result(5).person.person_id == "slow"
        stopping.join(5)
        assert not stopping.is_alive()


def test_a_taken_port_stops_the_start_with_its_address(serve: Serve) -> None:
    at = serve()

    with pytest.raises(RuntimeError, match=rf"gRPC cannot listen on 127\.0\.0\.1:{at.port}"):
        serve(port=at.port)


def test_a_method_without_a_permission_stops_the_start() -> None:
    service = obedient_service(ObedientServicer(), GetPerson="", Misspelt=READ)

    with pytest.raises(WrongRpcService) as caught:
        declared([service])

    assert str(caught.value).splitlines() == [
        "rapport.contacts.v1.ContactsService/Misspelt: there is no such method",
        "rapport.contacts.v1.ContactsService/GetPerson: no permission is declared",
    ]


def test_a_method_that_the_servicer_does_not_answer_stops_the_start() -> None:
    class Half(Servicer[UnitOfWork], contacts_grpc.ContactsServiceServicer):
        def GetPerson(self, _request: object, _context: object) -> pb.GetPersonResponse:  # noqa: N802
            return pb.GetPersonResponse()

    whole = obedient_service(ObedientServicer())
    half = RpcService(whole.descriptor, whole.register, Half(), whole.permissions)  # type: ignore[abstract]

    with pytest.raises(WrongRpcService, match="FindPeople: the servicer does not answer it"):
        declared([half])
