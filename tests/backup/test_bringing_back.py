"""A platform with data is backed up, lost and brought back: the same people, history and files; who was erased stays gone."""

from __future__ import annotations

import json
import random
import shutil
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from chassis.testing.waiting import eventually
from deploy.demo.external_app import ExternalApp
from deploy.demo.oauth import ClientCredentials, Credentials
from deploy.demo.tenant import (
    Tenant,
    administrator,
    app_of,
    new_tenant,
    operator_token,
    register_app,
)
from rapport_local.preparation import provision_database
from rapport_local.trial import stopped_if_this_process_ends
from rapport_operator.cli import cli
from tests.reliability.bus import backlog, unpublished
from tests.reliability.checks.check import Check, Evidence
from tests.reliability.checks.dead_letters import check_dead_letters
from tests.reliability.checks.effects import check_signs_of_life
from tests.reliability.checks.facts import check_facts_told
from tests.reliability.checks.followers import check_audit, check_timelines
from tests.reliability.client import Client
from tests.reliability.estate import Estate, WiredPlatform, lasting_ports
from tests.reliability.ledger import Ledger
from tests.reliability.load import Writer
from tests.reliability.wires import laid_wires

pytestmark = [pytest.mark.slow, pytest.mark.journey]

PEOPLE = "/v1/contacts/people"
CHECKS: tuple[Check, ...] = (
    check_facts_told,
    check_timelines,
    check_audit,
    check_signs_of_life,
    check_dead_letters,
)
_SCOPES = ("contacts.*", "desk.*", "identity.teams.*", "identity.audit.*", "notifications.*")
_PICTURE = b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 40
_WRITES = 60


@pytest.fixture
def estate(tmp_path: Path) -> Iterator[Estate]:
    """A platform of the test's own, up."""
    with laid_wires() as wires:
        platform = WiredPlatform(tmp_path / "rapport", ports_from=lasting_ports(), wires=wires)
        with stopped_if_this_process_ends(platform.state.root):
            try:
                platform.up()
                yield Estate(platform, wires)
            finally:
                platform.down()


def test_everything_is_there_again_after_all_databases_and_files_were_lost(
    estate: Estate, tmp_path: Path
) -> None:
    operator = operator_token(estate.platform.state.root, minutes=60)
    tenant, credentials, app = organisation(estate, operator, "Backup")
    _, _, forgetful = organisation(estate, operator, "Forgetful")
    forgotten = forgetful.post(PEOPLE, {"full_name": "Erased Later"})["id"]
    picture = told_with_a_picture(app)
    ledger = written(estate, credentials)
    settled(estate)
    somebody = next(one for one in everybody(app) if one["archived_at"] is None)
    before = all_of(app, somebody["id"], picture)

    backup = tmp_path / "backup"
    assert set(rapport(estate, "backup", "--to", backup)["services"]) == set(estate.services)
    app.post(PEOPLE, {"full_name": "Written After The Backup"})
    forgetful.post(f"{PEOPLE}/{forgotten}/erase", {"reason": "asked for it"})
    settled(estate)

    lose_everything(estate)
    rapport(estate, "restore", "--from", backup)
    estate.platform.up()
    assert [one["id"] for one in forgetful.get(PEOPLE)["items"]] == [forgotten]
    done = rapport(estate, "restore", "--from", backup, "--settle")

    assert done["erasures"]["contacts"] == 1
    settled(estate)
    assert all_of(app, somebody["id"], picture) == before
    eventually(lambda: forgetful.get(PEOPLE, archived="any")["items"] == [])
    # The history goes on where it was.
    visit(app, somebody["id"])
    eventually(lambda: len(timeline_of(app, somebody["id"])) == len(before.timeline) + 1)
    settled(estate)
    with client_of(estate, credentials) as client, closing(app), closing(forgetful):
        evidence = Evidence(estate, ledger, client, None, tenant.id)
        assert [what for check in CHECKS for what in check(evidence).violations] == []


def organisation(
    estate: Estate, operator: str, name: str
) -> tuple[Tenant, Credentials, ExternalApp]:
    """A tenant with an app."""
    tenant = new_tenant(estate.gateway, operator, name)
    by = administrator(estate.gateway, tenant)
    credentials = register_app(by, name, _SCOPES)
    by.close()
    return tenant, credentials, app_of(estate.gateway, credentials)


def written(estate: Estate, credentials: Credentials) -> Ledger:
    """What an app writes in a while."""
    ledger = Ledger()
    with client_of(estate, credentials) as client:
        writer = Writer("w0", client, ledger, seeded(), 0.0)
        for _ in range(_WRITES):
            writer.write_something()
    return ledger


@contextmanager
def client_of(estate: Estate, credentials: Credentials) -> Iterator[Client]:
    """A client with an app's tokens."""
    tokens = ClientCredentials(estate.gateway, credentials)
    with closing(Client(estate.gateway, tokens, seeded(), 15.0)) as client:
        yield client


def settled(estate: Estate) -> None:
    """Wait until every fact is published and has had its effects."""
    eventually(lambda: not (unpublished(estate) or backlog(estate)), seconds=60)


@dataclass(frozen=True, slots=True)
class Kept:
    """What has to be the same afterwards."""

    people: list[dict[str, Any]]
    timeline: list[str]
    picture: bytes


def all_of(app: ExternalApp, person_id: str, picture: str) -> Kept:
    """Everybody, the history of one of them, and the file that is told of at a path."""
    return Kept(everybody(app), timeline_of(app, person_id), b"".join(app.stream(picture)))


def everybody(app: ExternalApp) -> list[dict[str, Any]]:
    """All people, archived or not."""
    found: list[dict[str, Any]] = app.get(PEOPLE, archived="any", page_size=200)["items"]
    return sorted(found, key=lambda one: str(one["id"]))


def timeline_of(app: ExternalApp, person_id: str) -> list[str]:
    """The ids of what is on somebody's timeline."""
    found = app.get(f"{PEOPLE}/{person_id}/timeline", page_size=200)
    return sorted(str(one["id"]) for one in found["items"])


def visit(app: ExternalApp, person_id: str) -> None:
    """Have somebody come to the shop."""
    body = {"kind": "visit", "person": {"id": person_id}, "channel": "shop"}
    app.post("/v1/contacts/interactions", {**body, "properties": {"mark": "after"}})


def told_with_a_picture(app: ExternalApp) -> str:
    """A ticket with what a customer said, and a file with it; gives the path of its content."""
    attachments = "/v1/desk/attachments"
    head = {"Content-Type": "application/octet-stream"}
    sent = app.send("POST", attachments, query={"name": "leak.png"}, content=_PICTURE, headers=head)
    opened = app.post("/v1/desk/tickets", {"subject": "It leaks", "channel": "phone"})
    said = {"text": "See the picture", "attachment_ids": [sent.json["id"]]}
    app.post(f"/v1/desk/tickets/{opened['id']}/customer-messages", said)
    return f"{attachments}/{sent.json['id']}/content"


def rapport(estate: Estate, *words: object) -> Any:
    """What the operator's command answers."""
    command = ["--deployment", str(estate.platform.state.operator), *map(str, words), "--json"]
    result = CliRunner().invoke(cli, command)
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


def lose_everything(estate: Estate) -> None:
    """Stop everything, and have empty databases in the place of those there were, and no files; the broker keeps its data."""
    platform = estate.platform
    platform.down()
    platform.postgres.start()
    for service in platform.services:
        platform.postgres.drop_database(service.database)
        provision_database(platform.postgres.admin_dsn(), service, platform.environments)
        for name in service.folders:
            shutil.rmtree(platform.state.folder(name))


seeded = partial(random.Random, 7)
