"""The version before and this one, side by side under load in any mixture: no failed request, no lost or doubled fact."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from click.testing import CliRunner

from chassis.testing.waiting import eventually
from deploy.demo.oauth import ClientCredentials
from deploy.demo.tenant import Tenant, administrator, new_tenant, register_app
from deploy.tools.releases import Release, last_release
from rapport_local.trial import stopped_if_this_process_ends
from rapport_operator.cli import cli
from tests.reliability.bus import backlog, unpublished
from tests.reliability.checks.check import Check, Evidence
from tests.reliability.checks.dead_letters import check_dead_letters
from tests.reliability.checks.effects import check_signs_of_life
from tests.reliability.checks.facts import check_facts_published, check_facts_told
from tests.reliability.checks.followers import check_audit, check_timelines
from tests.reliability.checks.writes import check_writes
from tests.reliability.client import Client
from tests.reliability.estate import Estate
from tests.reliability.ledger import Kind, Ledger, Outcome
from tests.reliability.load import WEIGHTS, Load, Reader, Writer
from tests.reliability.wires import laid_wires
from tests.upgrade.passage import BEFORE, NOW, Passage
from tests.upgrade.previous import NoPreviousVersion, PreviousVersion, build

pytestmark = [pytest.mark.slow, pytest.mark.journey]

CHECKS: tuple[Check, ...] = (
    check_writes,
    check_facts_told,
    check_facts_published,
    check_signs_of_life,
    check_timelines,
    check_audit,
    check_dead_letters,
)
BOTH = [BEFORE, NOW]
MIXTURES: tuple[Mapping[str, list[str]], ...] = (
    {"identity": BOTH, "contacts": BOTH},
    {"identity": [NOW], "contacts": [BEFORE]},
    {"identity": [BEFORE], "contacts": [NOW]},
    {"identity": [NOW], "contacts": [NOW]},
)
"""Which versions answer; the one before them is that where nothing of this version runs yet."""
AFTERWARDS = (
    "dead-letters replay --all",
    "events replay --service contacts --since 1d",
)
"""What the guide has operators do at the end of an upgrade; the release before gave facts up that only this one knows."""
_SCOPES = ("contacts.*", "identity.teams.*")
_SCOPES_NOW = (*_SCOPES, "notifications.messages.read")
_SECONDS = 5.0
"""How long a mixture is under load once it has come about."""


@pytest.fixture(scope="module")
def previous(tmp_path_factory: pytest.TempPathFactory) -> PreviousVersion:
    """The version before, built from its commit; that it cannot be had fails the test."""
    try:
        return build(last_release(), tmp_path_factory.mktemp("previous"))
    except NoPreviousVersion as error:
        pytest.fail(str(error))


@pytest.fixture
def passage(tmp_path: Path, previous: PreviousVersion) -> Iterator[Passage]:
    """A platform of the version before, up."""
    with laid_wires() as wires:
        made = Passage(tmp_path, previous, wires)
        with stopped_if_this_process_ends(made.platform.state.root):
            try:
                made.start_before()
                yield made
            finally:
                made.stop_before()
                made.platform.down()


def test_no_request_fails_and_no_fact_is_lost_on_the_way_to_this_version(passage: Passage) -> None:
    gateway, ledger = passage.platform.gateway_url, Ledger()
    tenant = new_tenant(gateway, passage.operator_token(), "Upgrade")
    with under_load(gateway, tenant, ledger):
        last(_SECONDS)
        # Migrations and everything of this version, while the version before is at work.
        passage.platform.up()
        passage.ask_over_grpc(of=BEFORE, whom=NOW)
        for mixture in MIXTURES:
            go_over(passage, mixture)
            last(_SECONDS)
        passage.ask_over_grpc(of=NOW, whom=NOW)
        passage.stop_before()
        last(_SECONDS)

    assert len(ledger.writes) > 100
    assert refused_or_unanswered(ledger) == []
    estate = passage.estate
    settled(estate)
    for words in AFTERWARDS:
        rapport(passage, words)
    settled(estate)
    with closing(reader(gateway, tenant)) as client:
        evidence = Evidence(estate, ledger, client, None, tenant.id)
        assert [what for check in CHECKS for what in check(evidence).violations] == []


def test_a_commit_that_is_not_in_the_clone_is_said_and_not_passed_over(tmp_path: Path) -> None:
    nowhere = Release("9.9.9", "0" * 40, {"contacts": "0001"})
    with pytest.raises(NoPreviousVersion, match="git fetch --unshallow"):
        build(nowhere, tmp_path)


def settled(estate: Estate) -> None:
    """Wait until every fact is published and done with."""
    eventually(lambda: not (unpublished(estate) or backlog(estate)), seconds=90)


def rapport(passage: Passage, words: str) -> None:
    """Run the operator's command."""
    described = str(passage.platform.state.operator)
    result = CliRunner().invoke(cli, ["--deployment", described, *words.split(), "--json"])
    assert result.exit_code == 0, result.output


def go_over(passage: Passage, mixture: Mapping[str, list[str]]) -> None:
    """Lead requests as the mixture says, and wait until they come to whom they should and to nobody else."""
    passage.lead(dict(mixture))
    for service, versions in mixture.items():
        for version in BOTH:
            if version in versions:
                passage.until_asked(service, version)
            else:
                passage.until_left_alone(service, version)


@contextmanager
def under_load(gateway: str, tenant: Tenant, ledger: Ledger) -> Iterator[None]:
    """Two apps that write and two that read, all through a block."""
    weights: dict[Kind, int] = {
        kind: share for kind, share in WEIGHTS.items() if kind != Kind.SEND_MESSAGE
    }
    tokens = app_tokens(gateway, tenant, _SCOPES)
    clients = [Client(gateway, tokens, seeded(number), 15.0) for number in range(4)]
    load = Load(
        {
            **{
                name: Writer(name, client, ledger, seeded(ord(name[-1])), 0.1, weights=weights).work
                for name, client in zip(("w0", "w1"), clients, strict=False)
            },
            **{
                f"r-{service}": Reader(service, client, ledger, 0.1).work
                for service, client in zip(("identity", "contacts"), clients[2:], strict=True)
            },
        }
    )
    load.start()
    try:
        yield
    finally:
        load.stop()
        for client in clients:
            client.close()


def app_tokens(gateway: str, tenant: Tenant, scopes: tuple[str, ...]) -> ClientCredentials:
    """The tokens of a new app of the tenant."""
    by = administrator(gateway, tenant)
    tokens = ClientCredentials(gateway, register_app(by, "Upgrade", scopes))
    by.close()
    return tokens


def reader(gateway: str, tenant: Tenant) -> Client:
    """Somebody who looks at the end, also at what the version before did not have."""
    tokens = app_tokens(gateway, tenant, _SCOPES_NOW)
    return Client(gateway, tokens, seeded(0), 15.0)


def refused_or_unanswered(ledger: Ledger) -> list[str]:
    """Every request that was not answered at once as it should be."""
    found = [
        f"{write.kind} {write.mark}: {attempt.status} {attempt.said}"
        for write in ledger.writes
        for attempt in write.attempts
        if attempt.status is None or attempt.status >= 500 or attempt.status == 429
    ]
    found += [
        f"{write.kind} {write.mark}: {write.outcome}"
        for write in ledger.writes
        if write.outcome == Outcome.UNKNOWN
    ]
    for service in ("identity", "contacts"):
        readings = ledger.readings_between(service, 0.0, time.monotonic())
        assert len(readings) > 50
        found += [f"{service} answered {one.answered}" for one in readings if one.answered != "200"]
    return found


def seeded(number: int) -> random.Random:
    """Draws the same in every run."""
    return random.Random(number)  # noqa: S311 - nobody guesses


def last(seconds: float) -> None:
    """Let the load go on for so long."""
    threading.Event().wait(seconds)
