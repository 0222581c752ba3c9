"""What customers own, over REST: noted, changed, given to others, replaced (DE-8)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from chassis.clock import MovableClock
from chassis.context import service_caller
from chassis.storage.scope import EVERYTHING
from chassis.testing.client import ApiClient
from desk.assets.queries import asset_for
from rapport.desk.events.v1 import asset_events_pb2 as events
from services.desk.tests.builders import Desk, at_once, facts, good, lasting_app, places, refused
from services.desk.tests.knowing import ASSETS, MODELS, assets_of, model


def owned(client: ApiClient, **more: Any) -> dict[str, Any]:
    """Something that somebody owns."""
    said = {"product_sku": "X-100", "name": "Machine", "person_id": str(uuid4())}
    return good(client.post(ASSETS, {**said, **more}))


def test_listing_needs_a_token(desk: Desk) -> None:
    assert refused(desk.anonymous().get(ASSETS)) == (401, "token_missing")


def test_who_may_read_may_not_write(desk: Desk) -> None:
    reader = desk.app_client(desk.new_tenant(), "desk.assets.read")
    assert reader.get(ASSETS).json["items"] == []
    assert reader.post(ASSETS, {"product_sku": "A"}).status_code == 403
    assert reader.post(MODELS, {"product_sku": "A", "name": "A"}).status_code == 403


def test_another_tenants_things_are_invisible(desk: Desk, app: ApiClient) -> None:
    asset, known = owned(app), model(app)
    stranger = desk.app_client(desk.new_tenant())
    assert stranger.get(ASSETS).json["items"] == []
    for path in (f"{ASSETS}/{asset['id']}", f"{MODELS}/{known['id']}"):
        assert stranger.get(path).status_code == 404
    for step in ("return", "scrap", "reactivate"):
        assert stranger.post(f"{ASSETS}/{asset['id']}/{step}").status_code == 404
    assert stranger.get(f"{ASSETS}/{asset['id']}/history").status_code == 404


def test_a_serial_number_is_found_however_it_is_written(app: ApiClient) -> None:
    asset = owned(app, serial_number=" sn-00 12/a ")
    assert asset["serial_number"] == "sn-00 12/a"
    assert [each["id"] for each in assets_of(app, serial="\uff33\uff2e0012A")] == [asset["id"]]
    assert assets_of(app, serial="SN0012B") == []
    assert app.get(ASSETS, query_string={"serial": "--"}).status_code == 400


def test_a_serial_number_is_there_once_for_each_product(app: ApiClient) -> None:
    owned(app, serial_number="SN-1")
    again = {"product_sku": "X-100", "name": "M", "person_id": str(uuid4()), "serial_number": "sn1"}
    assert refused(app.post(ASSETS, again)) == (409, "serial_taken")
    assert app.post(ASSETS, {**again, "product_sku": "Y"}).status_code == 201


def test_two_who_note_one_serial_number_at_once_do_not_both_succeed(app: ApiClient) -> None:
    said = {"product_sku": "X", "name": "M", "person_id": str(uuid4()), "serial_number": "SN-1"}
    assert at_once(*[lambda: app.post(ASSETS, said)] * 2) == [201, 409]


@pytest.mark.parametrize(
    ("more", "place"),
    [
        ({"person_id": None}, ("/person_id", "owner_missing")),
        ({"serial_number": "-"}, ("/serial_number", "serial_invalid")),
        ({"serial_number": "A1", "quantity": 2}, ("/quantity", "quantity_impossible")),
        (
            {"bought_on": "2026-01-02", "warranty_until": "2026-01-01"},
            ("/warranty_until", "warranty_impossible"),
        ),
        ({"name": " "}, ("/name", "name_missing")),
    ],
)
def test_what_cannot_be_is_refused(
    app: ApiClient, more: dict[str, Any], place: tuple[str, str]
) -> None:
    said = {"product_sku": "X-100", "name": "Machine", "person_id": str(uuid4())}
    assert places(app.post(ASSETS, {**said, **more})) == [place]


def test_a_thing_of_a_model_takes_its_name(app: ApiClient) -> None:
    model(app)
    assert owned(app, name="")["name"] == "Espresso machine"


def test_a_replacement_has_the_rest_of_the_warranty(desk: Desk, app: ApiClient) -> None:
    asset = owned(app, serial_number="OLD", bought_on="2026-01-01", warranty_until="2027-12-31")
    path = f"{ASSETS}/{asset['id']}"
    other = good(app.post(f"{path}/replace", {"serial_number": "NEW"}))
    assert (other["warranty_until"], other["person_id"]) == ("2027-12-31", asset["person_id"])
    replaced = good(app.get(path))
    assert (replaced["status"], replaced["replaced_by_id"]) == ("replaced", other["id"])
    assert refused(app.post(f"{path}/return")) == (409, "asset_not_in_state")
    assert [each.replaced_by_id for each in facts(desk, app, events.AssetReplaced)] == [other["id"]]


def test_what_happened_to_a_thing_is_kept(app: ApiClient) -> None:
    asset = owned(app)
    path = f"{ASSETS}/{asset['id']}"
    good(app.patch(path, {"notes": "Leaks", "serial_number": "A1"}))
    good(app.post(f"{path}/transfer", {"company_id": str(uuid4())}))
    good(app.post(f"{path}/return"))
    good(app.post(f"{path}/return"))
    good(app.post(f"{path}/reactivate"))
    good(app.post(f"{path}/scrap"))
    entries = good(app.get(f"{path}/history"))["items"]
    steps = ["added", "changed", "transferred", "returned", "active", "scrapped"]
    assert [entry["what"] for entry in entries] == steps
    assert entries[1]["fields"] == ["notes", "serial_number"]
    assert good(app.get(path))["version"] == len(steps)


def test_two_who_return_and_replace_at_once_leave_one_of_both(app: ApiClient) -> None:
    asset = owned(app)
    path = f"{ASSETS}/{asset['id']}"
    statuses = at_once(lambda: app.post(f"{path}/return"), lambda: app.post(f"{path}/replace", {}))
    assert statuses in ([200, 409], [201, 409])


def test_a_warranty_ends_with_its_last_day(timed: Desk, clock: MovableClock) -> None:
    app = lasting_app(timed, clock)
    today = clock.now().date()
    asset = owned(app, warranty_until=str(today))
    path = f"{ASSETS}/{asset['id']}"
    assert asset["under_warranty"] is True
    clock.move(timedelta(days=1))
    assert good(app.get(path))["under_warranty"] is False


def test_a_ticket_is_about_the_only_thing_that_somebody_has(desk: Desk, app: ApiClient) -> None:
    person = uuid4()
    first = owned(app, person_id=str(person), serial_number="A1")

    def found(sku: str = "X-100", who: UUID = person) -> UUID | None:
        assert app.tenant_id is not None
        caller = service_caller("desk", app.tenant_id)
        return desk.service.operations.read(caller, EVERYTHING, asset_for, who, sku)

    assert found() == UUID(first["id"])
    assert found("Y") is None
    assert found(who=uuid4()) is None
    second = owned(app, person_id=str(person), serial_number="A2")
    assert found() is None
    good(app.post(f"{ASSETS}/{second['id']}/return"))
    assert found() == UUID(first["id"])


def test_a_model_is_there_once_and_stays_when_archived(app: ApiClient) -> None:
    known = model(app)
    path = f"{MODELS}/{known['id']}"
    assert refused(app.post(MODELS, {"product_sku": "X-100", "name": "M"})) == (
        409,
        "asset_model_exists",
    )
    good(app.post(f"{path}/archive"))
    assert refused(app.patch(path, {"name": "Other"})) == (409, "asset_model_archived")
    assert app.get(MODELS).json["items"] == []
    assert good(app.post(f"{path}/restore"))["archived_at"] is None


@pytest.mark.parametrize("day", ["0000-01-01", "10000-01-01", "2026-02-30", 20260101])
def test_a_day_that_there_is_not_is_refused(app: ApiClient, day: Any) -> None:
    said = {"product_sku": "X", "name": "M", "person_id": str(uuid4()), "bought_on": day}
    assert app.post(ASSETS, said).status_code == 422


def test_a_warranty_at_the_end_of_the_calendar_ends_there(app: ApiClient) -> None:
    asset = owned(app, bought_on="9999-12-31", warranty_until="9999-12-31")
    assert asset["under_warranty"] is True
