"""The service's own tokens: asked for once, kept, renewed before they end."""

from __future__ import annotations

import base64
import json
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs
from uuid import uuid4

import pytest

from chassis.domain import Unavailable
from chassis.embedded.postgres import PostgresServer
from chassis.embedded.processes import free_port, wait_until
from chassis.rpc.service_tokens import ServiceTokens
from services.chassis.tests.ground import ground_settings


class TokenEndpoint(ThreadingHTTPServer):
    """Stands in for identity's `/oauth/token` over real HTTP, with `token-1`, `token-2` and so on."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.forms: list[dict[str, list[str]]] = []
        self.credentials: list[str] = []
        self.status = 200
        self.answer: dict[str, object] | None = None
        self.hold = threading.Event()
        self.hold.set()
        self.count = threading.Lock()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/oauth/token"


class _Handler(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        endpoint = self.server
        assert isinstance(endpoint, TokenEndpoint)
        with endpoint.count:
            endpoint.forms.append(parse_qs(body))
            endpoint.credentials.append(self.headers.get("Authorization", ""))
            number = len(endpoint.forms)
        endpoint.hold.wait(10)
        default = {"access_token": f"token-{number}", "expires_in": 300}
        content = json.dumps(endpoint.answer or default).encode()
        self.send_response(endpoint.status)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_args: object) -> None:
        """Nothing."""


@pytest.fixture
def endpoint() -> Iterator[TokenEndpoint]:
    server = TokenEndpoint()
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    yield server
    server.hold.set()
    server.shutdown()
    thread.join(5)
    server.server_close()


class Watch:
    """A monotonic clock that a test moves."""

    at = 1000.0

    def __call__(self) -> float:
        return self.at


@pytest.fixture
def watch() -> Watch:
    return Watch()


@pytest.fixture
def own(endpoint: TokenEndpoint, watch: Watch) -> Iterator[ServiceTokens]:
    tokens = ServiceTokens(endpoint.url, "contacts", "the secret", monotonic=watch)
    yield tokens
    tokens.close()


def test_the_service_shows_its_credential_and_names_the_tenant(
    own: ServiceTokens, endpoint: TokenEndpoint
) -> None:
    tenant = uuid4()

    assert own.token(tenant) == "token-1"

    assert endpoint.forms == [{"grant_type": ["client_credentials"], "tenant": [str(tenant)]}]
    scheme, _, credential = endpoint.credentials[0].partition(" ")
    assert (scheme, base64.b64decode(credential)) == ("Basic", b"contacts:the secret")


def test_a_token_is_kept_for_each_tenant(own: ServiceTokens, endpoint: TokenEndpoint) -> None:
    first, second = uuid4(), uuid4()

    given = [own.token(tenant) for tenant in (first, second, first, second)]

    assert given == ["token-1", "token-2", "token-1", "token-2"]
    assert len(endpoint.forms) == 2


def test_a_token_is_renewed_before_it_ends(own: ServiceTokens, watch: Watch) -> None:
    tenant = uuid4()
    own.token(tenant)
    watch.at += 224
    assert own.token(tenant) == "token-1"
    watch.at += 2

    assert own.token(tenant) == "token-2"


def test_many_threads_ask_for_a_tenants_token_once(
    own: ServiceTokens, endpoint: TokenEndpoint
) -> None:
    tenant = uuid4()
    endpoint.hold.clear()
    with ThreadPoolExecutor(8) as pool:
        asked = [pool.submit(own.token, tenant) for _ in range(8)]
        assert wait_until(lambda: len(endpoint.forms) == 1, 30)
        endpoint.hold.set()

        assert {one.result(5) for one in asked} == {"token-1"}
    assert len(endpoint.forms) == 1


def test_the_old_token_serves_while_the_new_one_is_asked_for(
    own: ServiceTokens, endpoint: TokenEndpoint, watch: Watch
) -> None:
    tenant = uuid4()
    own.token(tenant)
    watch.at += 250
    endpoint.hold.clear()
    with ThreadPoolExecutor(1) as pool:
        renewing = pool.submit(own.token, tenant)
        assert wait_until(lambda: len(endpoint.forms) == 2, 30)

        assert own.token(tenant) == "token-1"
        endpoint.hold.set()
        assert renewing.result(5) == "token-2"


def test_the_old_token_serves_while_identity_is_away(
    own: ServiceTokens, endpoint: TokenEndpoint, watch: Watch
) -> None:
    tenant = uuid4()
    own.token(tenant)
    endpoint.status = 503
    watch.at += 250
    assert own.token(tenant) == "token-1"
    watch.at += 46

    with pytest.raises(Unavailable):
        own.token(tenant)


def test_a_failure_is_told_at_once_to_those_who_ask_right_after_it(
    own: ServiceTokens, endpoint: TokenEndpoint, watch: Watch
) -> None:
    tenant, endpoint.status = uuid4(), 401
    for _ in range(5):
        with pytest.raises(Unavailable):
            own.token(tenant)
    assert len(endpoint.forms) == 1

    endpoint.status = 200
    watch.at += 1
    assert own.token(tenant) == "token-2"


@pytest.mark.parametrize("answer", [{"token": "x"}, {"access_token": "x", "expires_in": "soon"}])
def test_an_answer_that_makes_no_sense_is_no_token(
    own: ServiceTokens, endpoint: TokenEndpoint, answer: dict[str, object]
) -> None:
    endpoint.answer = answer

    with pytest.raises(Unavailable) as caught:
        own.token(uuid4())

    assert caught.value.code == "service_token_unavailable"


def test_without_identity_there_is_no_token() -> None:
    tokens = ServiceTokens(f"http://127.0.0.1:{free_port()}/oauth/token", "contacts", "secret")

    with pytest.raises(Unavailable):
        tokens.token(uuid4())
    tokens.close()


def test_a_forgotten_token_is_asked_for_anew(own: ServiceTokens) -> None:
    tenant = uuid4()
    own.token(tenant)
    own.forget(tenant)

    assert own.token(tenant) == "token-2"


def test_the_endpoint_stands_beside_the_keys(
    endpoint: TokenEndpoint, postgres: PostgresServer
) -> None:
    keys = endpoint.url.replace("/oauth/token", "/.well-known/jwks.json")
    tokens = ServiceTokens.of(ground_settings(postgres, "any", jwks_url=keys), "contacts")

    assert tokens.token(uuid4()) == "token-1"
    tokens.close()
