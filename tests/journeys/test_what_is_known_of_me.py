"""Somebody asks what is known of them: one archive, through the gateway, of all services."""

from __future__ import annotations

import hashlib
import io
import zipfile
from functools import partial
from typing import Any

import httpx
import orjson
import pytest

from deploy.demo.belonging.club import open_club
from deploy.demo.belonging.membership import Membership

from .serving import at_once
from .telling import has_heard
from .world import Organisation, World, soon

PATIENCE = 60
EXPORTS = "/v1/contacts/data-exports"


@pytest.fixture(scope="module")
def organisation(world: World) -> Organisation:
    """A tenant of these tests' own."""
    return world.organisation()


@pytest.fixture(scope="module")
def life(world: World, organisation: Organisation) -> Membership:
    """Lin Mei, who is a member, has an order with points, a ticket, a mail and a consent."""
    life = Membership(open_club(organisation.admin))
    life.enter("mei", "美", "林")
    life.ids["member"] = life.join("mei")["id"]
    person = life.ids["mei"]
    life.buy("mei", "1250")
    life.has("pending", 125)
    admin = organisation.admin
    consent = {"state": "granted", "legal_basis": "contract", "source": "web form", "proof": "表單"}
    admin.put(f"/v1/contacts/people/{person}/consents/service/email", consent)
    ticket = {
        "subject": "咖啡機漏水",
        "person_id": person,
        "channel": "phone",
        "message": {"text": "機器底部漏水。"},
    }
    life.ids["ticket"] = admin.post("/v1/desk/tickets", ticket)["id"]
    message = {
        "person_id": person,
        "channel": "email",
        "purpose": "service",
        "template": "message",
        "variables": {"subject": "您好", "text": "謝謝您。"},
    }
    life.ids["message"] = admin.post("/v1/notifications/messages", message)["id"]
    path = f"/v1/notifications/messages/{life.ids['message']}"
    soon(lambda: admin.get(path)["state"] == "sent", PATIENCE, "the mail goes out")
    assert has_heard(world, "loyalty", "sales", PATIENCE)
    assert has_heard(world, "identity", "contacts", PATIENCE)
    return life


def export_of(organisation: Organisation, person: str) -> dict[str, Any]:
    """Ask for all that is known of somebody, and wait until it is there."""
    begun = organisation.admin.post(f"/v1/contacts/people/{person}/data-exports", {})
    path = f"{EXPORTS}/{begun['id']}"
    soon(lambda: organisation.admin.get(path)["state"] == "ready", PATIENCE, "the archive is there")
    found: dict[str, Any] = organisation.admin.get(path)
    return found


def archive_of(organisation: Organisation, export_id: str) -> zipfile.ZipFile:
    """The archive, downloaded."""
    token = organisation.admin.tokens.token()
    address = f"{organisation.gateway}{EXPORTS}/{export_id}/archive"
    answer = httpx.get(address, headers={"Authorization": f"Bearer {token}"}, timeout=PATIENCE)
    assert answer.status_code == 200, answer.text
    assert answer.headers["Content-Type"] == "application/zip"
    return zipfile.ZipFile(io.BytesIO(answer.content))


def records(archive: zipfile.ZipFile, path: str) -> list[dict[str, Any]]:
    """The records of one kind."""
    return [orjson.loads(line) for line in archive.read(path).splitlines()]


def test_an_archive_has_what_all_services_know_and_its_checksums_agree(
    organisation: Organisation, life: Membership
) -> None:
    person = life.ids["mei"]
    export = export_of(organisation, person)
    assert {part["state"] for part in export["parts"]} == {"complete"}
    archive = archive_of(organisation, export["id"])
    manifest = orjson.loads(archive.read("manifest.json"))
    assert {one["path"] for one in manifest["files"]} == set(archive.namelist()) - {"manifest.json"}
    for one in manifest["files"]:
        content = archive.read(one["path"])
        assert (len(content), hashlib.sha256(content).hexdigest()) == (one["bytes"], one["sha256"])
    services = {one["service"] for one in manifest["files"]}
    assert services == {"contacts", "sales", "desk", "loyalty", "notifications", "identity"}
    (told,) = records(archive, "contacts/person.ndjson")
    assert (told["id"], told["given_name"], told["family_name"]) == (person, "美", "林")
    consents = records(archive, "contacts/consent.ndjson")
    assert ("service", "granted") in {(one["purpose"], one["state"]) for one in consents}
    assert [one["person_id"] for one in records(archive, "sales/order.ndjson")] == [person]
    tickets = records(archive, "desk/ticket.ndjson")
    assert [(one["id"], one["subject"]) for one in tickets] == [(life.ids["ticket"], "咖啡機漏水")]
    assert "機器底部漏水。" in archive.read("desk/message.ndjson").decode()
    (member,) = records(archive, "loyalty/member.ndjson")
    assert member["id"] == life.ids["member"]
    assert [one["pending"] for one in records(archive, "loyalty/ledger_balance.ndjson")] == [125]
    mails = {one["id"] for one in records(archive, "notifications/message.ndjson")}
    assert life.ids["message"] in mails
    assert "謝謝您。" in archive.read("notifications/message_body.ndjson").decode()
    noted = records(archive, "identity/audit_entry.ndjson")
    assert {one["record_id"] for one in noted} == {person}
    assert "user:" not in archive.read("identity/audit_entry.ndjson").decode()


def test_only_whoever_may_gets_it_and_who_asks_twice_gets_one(
    world: World, organisation: Organisation, life: Membership
) -> None:
    person = life.ids["mei"]
    path = f"/v1/contacts/people/{person}/data-exports"
    clerk = organisation.colleague(
        organisation.role("Clerk", contacts_people_read="all", contacts_people_write="all")
    )
    assert clerk.app.ask("POST", path, json={}).status == 403
    stranger = world.organisation().admin
    assert stranger.ask("POST", path, json={}).status == 404
    begun = at_once(*[partial(organisation.admin.ask, "POST", path, json={})] * 3)
    assert {answer.status for answer in begun} == {202}
    ids = {answer.json["id"] for answer in begun}
    assert len(ids) <= 2, "those who came while one was on its way have that one"
    for one in ids:
        assert stranger.ask("GET", f"{EXPORTS}/{one}/archive").status == 404


def test_a_service_that_is_away_is_waited_for_and_an_erasure_ends_it_all(
    world: World, organisation: Organisation, life: Membership
) -> None:
    person, admin = life.ids["mei"], organisation.admin
    world.platform.parts["desk"].kill()
    try:
        begun = admin.post(f"/v1/contacts/people/{person}/data-exports", {})
        path = f"{EXPORTS}/{begun['id']}"
        soon(lambda: admin.get(path)["state"] == "waiting", PATIENCE, "desk is waited for")
        waited = {one["service"] for one in admin.get(path)["parts"] if one["detail"]}
        assert waited == {"desk"}
        refused = admin.ask("GET", f"{path}/archive")
        assert (refused.status, refused.json["code"]) == (409, "data_export_not_ready")
    finally:
        world.platform.up()
    soon(lambda: admin.get(path)["state"] == "ready", 120, "desk has told as well")
    assert "咖啡機漏水" in archive_of(organisation, begun["id"]).read("desk/ticket.ndjson").decode()
    admin.post(f"/v1/contacts/people/{person}/erase", {"reason": "asked by letter"})
    for gone in (path, f"{path}/archive"):
        assert admin.ask("GET", gone).status == 404
