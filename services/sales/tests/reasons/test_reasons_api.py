"""Reasons over REST, and those that a new tenant starts with."""

from __future__ import annotations

from uuid import uuid4

from chassis.testing.bus import Bus
from chassis.testing.client import ApiClient
from chassis.testing.waiting import eventually
from rapport.identity.events.v1.tenant_events_pb2 import TenantCreated
from services.sales.tests.builders import REASONS, Sales, at_once, define_reason, good, refused


def test_listing_needs_a_token_and_shows_no_other_tenants(sales: Sales, app: ApiClient) -> None:
    reason = define_reason(app, "loss")
    assert refused(sales.anonymous().get(REASONS)) == (401, "token_missing")
    stranger = sales.app_client(sales.new_tenant())
    assert stranger.get(REASONS).json["items"] == []
    assert stranger.get(f"{REASONS}/{reason['id']}").status_code == 404


def test_who_may_read_may_not_define(sales: Sales) -> None:
    reader = sales.app_client(sales.new_tenant(), "sales.reasons.read")
    body = {"kind": "loss", "key": "price", "name": {"en": "Price"}}
    assert reader.post(REASONS, body).status_code == 403


def test_a_key_is_unique_within_its_kind_also_at_the_same_time(app: ApiClient) -> None:
    body = {"kind": "loss", "key": "price", "name": {"en": "Price"}}
    assert at_once(*[lambda: app.post(REASONS, body)] * 2) == [201, 409]
    assert app.post(REASONS, {**body, "kind": "refund"}).status_code == 201


def test_an_archived_reason_is_listed_when_asked_for_and_can_be_restored(app: ApiClient) -> None:
    path = f"{REASONS}/{define_reason(app, 'loss')['id']}"
    assert app.delete(path).status_code == 204
    assert app.get(REASONS).json["items"] == []
    assert len(app.get(f"{REASONS}?archived=true").json["items"]) == 1
    assert good(app.post(f"{path}/restore"))["archived_at"] is None


def test_a_reason_can_be_renamed_and_not_left_without_a_name(app: ApiClient) -> None:
    path = f"{REASONS}/{define_reason(app, 'loss')['id']}"
    assert good(app.patch(path, {"name": {"zh-Hant": "價格"}}))["name"] == {"zh-Hant": "價格"}
    assert app.patch(path, {"name": {}}).status_code == 422
    assert app.patch(path, {"name": {"en": " "}}).status_code == 422


def test_a_new_tenant_starts_with_reasons_and_keeps_what_it_makes_of_them(
    sales: Sales, bus: Bus
) -> None:
    tenant = uuid4()
    app = sales.app_client(tenant)
    bus.say(TenantCreated(tenant_id=str(tenant), name="New"), tenant, tenant)
    given = eventually(lambda: app.get(f"{REASONS}?kind=loss").json["items"])
    assert "price" in [reason["key"] for reason in given]
    bus.say(TenantCreated(tenant_id=str(tenant), name="New"), tenant, tenant)
    eventually(bus.is_settled)
    assert app.get(f"{REASONS}?kind=loss").json["items"] == given
