"""Providers over REST: set up, tried out, changed, removed; secrets go in and never come out."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID, uuid4

from flask import Response

from chassis.context import Caller
from chassis.domain import Clock, NotFound
from chassis.http.call import Call
from chassis.http.reply import Reply
from chassis.http.routes import Routes
from chassis.outbound.errors import OutboundRefused
from chassis.sealing import Sealer
from chassis.storage.listing import Listing
from notifications.delivery.choosing import Chosen
from notifications.messages.addresses import check_address
from notifications.providers import operations, queries
from notifications.providers.domain import ConfiguredProvider
from notifications.providers.kinds import provider_kinds
from notifications.providers.making import ProviderMaker
from notifications.providers.models import (
    ProviderIn,
    ProviderKindsOut,
    ProviderOut,
    ProviderPatch,
    TestIn,
    TestOut,
    changed,
    kind_shown,
    settings_in,
)
from notifications.providers.port import Accepted, Outcome, Outgoing, Refused, TryLater
from notifications.secrecy import Secrecy
from notifications.transaction import NotificationsTx

READ = "notifications.providers.read"
WRITE = "notifications.providers.write"


def provider_routes(maker: ProviderMaker, secrecy: Secrecy, clock: Clock) -> Routes:
    """The routes."""
    routes = Routes("/v1/notifications/providers", tag="providers")
    _reads(routes)
    _changes(routes, maker, secrecy.sealer)
    _trial(routes, maker, clock)
    return routes


def _reads(routes: Routes) -> None:
    @routes.get("", permission=READ, listing=queries.PROVIDERS, returns=ProviderOut)
    def list_providers(call: Call[NotificationsTx], listing: Listing) -> Reply:
        """List the providers in use, in the order in which they are asked."""
        return Reply(call.read(queries.list_providers, listing))

    @routes.get("/<uuid:provider_id>", permission=READ, returns=ProviderOut)
    def get_provider(call: Call[NotificationsTx], provider_id: UUID) -> Reply:
        """Get a provider, without its secrets."""
        provider = call.read(queries.get_provider, provider_id)
        return Reply(provider, version=provider["version"])


def _changes(routes: Routes, maker: ProviderMaker, sealer: Sealer) -> None:
    @routes.post("", permission=WRITE, body=ProviderIn, returns=ProviderOut, status=201)
    def define_provider(call: Call[NotificationsTx], body: ProviderIn) -> Response:
        """Set a provider up; its secrets are not shown again."""
        settings = settings_in(body, maker, sealer, _tenant(call.caller))

        def reply(tx: NotificationsTx, made: ConfiguredProvider) -> Reply:
            shown = queries.get_provider(tx, made.id)
            return Reply.created(f"{routes.prefix}/{made.id}", shown, made.version)

        return call.run(lambda tx: operations.define_provider(tx, settings), reply)

    @routes.patch("/<uuid:provider_id>", permission=WRITE, body=ProviderPatch, returns=ProviderOut)
    def redefine_provider(
        call: Call[NotificationsTx], body: ProviderPatch, provider_id: UUID
    ) -> Response:
        """Change a provider; secrets that are not given stay as they are."""
        tenant_id = _tenant(call.caller)
        return call.run(
            lambda tx: operations.redefine_provider(
                tx, provider_id, lambda old: changed(old, body, maker, sealer, tenant_id)
            ),
            lambda tx, made: Reply(queries.get_provider(tx, made.id), version=made.version),
        )

    @routes.delete("/<uuid:provider_id>", permission=WRITE)
    def remove_provider(call: Call[NotificationsTx], provider_id: UUID) -> Response:
        """Use a provider no longer; its secrets are forgotten."""
        return call.run(
            lambda tx: operations.remove_provider(tx, provider_id),
            lambda _tx, _nothing: Reply.nothing(),
        )


def _trial(routes: Routes, maker: ProviderMaker, clock: Clock) -> None:
    @routes.post("/<uuid:provider_id>/test", permission=WRITE, body=TestIn, returns=TestOut)
    def test_provider(call: Call[NotificationsTx], body: TestIn, provider_id: UUID) -> Reply:
        """Send a test message at once, past the queue, and tell what the provider says."""
        settings = call.read(queries.provider_settings, provider_id)
        check_address(settings.channel, body.to, "/to")
        provider = maker(call.caller, Chosen(provider_id, settings))
        now = clock.now()
        outgoing = _test_message(_tenant(call.caller), body.to, now)
        try:
            outcome = provider.send(outgoing, lambda: None)
        except OutboundRefused as refused:
            outcome = Refused(refused.message)
        return Reply(_told(outcome))


provider_kind_routes = Routes("/v1/notifications/provider-kinds", tag="providers")


@provider_kind_routes.get("", permission=READ, returns=ProviderKindsOut)
def list_provider_kinds(call: Call[NotificationsTx]) -> Reply:
    """List the kinds of providers, with the JSON schemas of what each needs."""
    del call
    return Reply({"items": [kind_shown(kind) for kind in provider_kinds().values()]})


def _tenant(caller: Caller) -> UUID:
    if caller.tenant_id is None:
        raise NotFound("An operator has no providers.")
    return caller.tenant_id


def _test_message(tenant_id: UUID, address: str, now: datetime) -> Outgoing:
    message_id = uuid4()
    return Outgoing(
        tenant_id=tenant_id,
        message_id=message_id,
        idempotency_key=str(uuid4()),
        address=address,
        name="",
        subject="Test",
        text="This is a test of a message provider. 這是訊息服務的測試。",
        html="",
        language="",
        purpose="",
        transactional=True,
        unsubscribe_url="",
        written_at=now,
    )


def _told(outcome: Outcome) -> dict[str, str]:
    if isinstance(outcome, Accepted):
        return {"outcome": "accepted", "detail": outcome.reference}
    words = {Refused: "refused", TryLater: "try_later"}
    return {"outcome": words.get(type(outcome), "unknown"), "detail": outcome.detail}
