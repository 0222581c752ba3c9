"""What a withdrawn secret is still worth: nothing, although clients are kept for a second."""

from __future__ import annotations

from uuid import UUID

from chassis.access.directory import AccessEntry, remember
from chassis.testing.tokens import ISSUER
from identity.clients.operations import add_secret, withdraw_secret
from identity.oauth.issuing import TokenIssuer

from ..provider import App, Provider, Tokens


def is_refused(provider: Provider, token: str) -> bool:
    """Whether a token is worth nothing; one that holds lacks the permission only."""
    status = provider.api("GET", "/v1/identity/tenant", token).status_code
    assert status in (401, 403)
    return status == 401


def own_token(provider: Provider, app: App) -> Tokens:
    return Tokens(provider.ask(app, "/oauth/token", grant_type="client_credentials"))


def test_a_token_counts_as_issued_when_its_client_was_last_looked_at(provider: Provider) -> None:
    ada = provider.tenant()
    app = provider.app(ada.tenant_id)
    client = provider.parts.clients.find(app.client_id)
    assert client is not None
    now = provider.clock.now()
    issuer = TokenIssuer(
        provider.parts.ring, ISSUER, provider.clock, lambda: client.looked_up_at + 0.75
    )
    token = issuer.for_client(client, "contacts.*")["access_token"]
    assert provider.parts.ring.claims(token)["iat"] == round(now.timestamp() - 0.75, 6)
    # What was withdrawn half a second ago, after that look, is worth nothing.
    assert not is_refused(provider, token)
    revoked = AccessEntry("subject", app.client_id, 1, {"not_before": now.timestamp() - 0.5})
    with provider.service.database.tenant_transaction(ada.tenant_id) as connection:
        remember(connection, ada.tenant_id, revoked, now)
    assert is_refused(provider, token)


def test_the_other_secret_gets_a_token_that_holds_right_after_one_was_withdrawn(
    provider: Provider,
) -> None:
    ada = provider.tenant()
    app = provider.app(ada.tenant_id)
    client_id = UUID(app.client_id)
    added = provider.run(ada.tenant_id, add_secret, client_id)
    first = next(secret for secret in added.client.secrets if secret != added.secret)
    provider.run(ada.tenant_id, withdraw_secret, client_id, first.id)
    provider.parts.clients.forget()
    provider.move(milliseconds=200)  # the same second still
    moved = App(ada.tenant_id, app.client_id, added.text)
    assert not is_refused(provider, own_token(provider, moved).access)
