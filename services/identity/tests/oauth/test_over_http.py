"""The code flow over real sockets, with a real client's cookies, redirects and Basic credentials."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from ..forms import Form, read
from ..provider import Challenge, Provider, served


def form(page: httpx.Response) -> Form:
    """The form of a page."""
    found: Form = read(page.text).forms[0]
    return found


def test_the_code_flow_works_over_http(provider: Provider) -> None:
    ada = provider.tenant()
    app, challenge = provider.app(ada.tenant_id), Challenge()
    with served(provider.service.http.app) as address, httpx.Client(base_url=address) as browser:
        to_sign_in = browser.get(provider.authorize_address(app, challenge))
        asked = form(browser.get(to_sign_in.headers["Location"]))
        typed = {**asked.values, "email": ada.email, "password": ada.password}
        signed_in = browser.post(asked.action, data=typed)
        asked = form(browser.get(signed_in.headers["Location"]))
        agreed = browser.post(asked.action, data={**asked.values, "decision": "allow"})
        back = parse_qs(urlsplit(agreed.headers["Location"]).query)

        tokens = httpx.post(
            f"{address}/oauth/token",
            data={
                "grant_type": "authorization_code",
                "code": back["code"][0],
                "redirect_uri": "https://app.test/callback",
                "code_verifier": challenge.verifier,
            },
            auth=(app.client_id, app.secret or ""),
        ).json()
        bearer = {"Authorization": f"Bearer {tokens['access_token']}"}
        who = httpx.get(f"{address}/oauth/userinfo", headers=bearer).json()

    assert back["state"] == ["a state, ä & ="]
    assert who["email"] == ada.email


@pytest.mark.parametrize("path", ["/oauth/token", "/oauth/revoke", "/oauth/introspect"])
def test_an_endless_body_is_cut_off(provider: Provider, path: str) -> None:
    with served(provider.service.http.app) as address:
        answer = httpx.post(
            f"{address}{path}",
            content=b"a=" + b"x" * 200_000,
            headers={"Content-Type": "application/x-www-form-urlencoded"},
        )
    assert answer.status_code == 413
    assert answer.json()["error"] == "invalid_request"


def test_tokens_stay_out_of_the_logs(provider: Provider, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("DEBUG")
    ada = provider.tenant()
    app = provider.app(ada.tenant_id)
    tokens = provider.let_in(app, ada)
    provider.refresh(app, tokens.refresh)
    for secret in (tokens.access, tokens.refresh, app.secret or "?", ada.password):
        assert secret not in caplog.text
