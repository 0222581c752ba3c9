"""The doctor: silent about what is well, one line with a remedy for what is not."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from nats.aio.client import Client
from nats.js import JetStreamContext

from chassis.clock import SystemClock
from rapport_operator.checks.services import check_certificates
from rapport_operator.deployment import Deployment, read_deployment
from services.chassis.tests.events.facts import Sold
from services.chassis.tests.events.world import Site, World, eventually

from .answers import answer
from .conftest import Rapport

Finding = dict[str, Any]


def findings(rapport: Rapport) -> dict[tuple[str, str], Finding]:
    """What the doctor says, by check and by what it is about; the gateway is away in these tests."""
    found = answer(rapport("doctor", "--json", exit_code=3))
    return {(one["check"], one["about"]): one for one in found}


@contextmanager
def broken(site: Site, harm: str, mend: str) -> Iterator[None]:
    """A database that is harmed for a while."""
    site.query(harm)
    try:
        yield
    finally:
        site.query(mend)


def test_databases_and_bus_are_well_as_they_are_provisioned(rapport: Rapport) -> None:
    found = findings(rapport)
    for name in ("shop", "office"):
        for check in (
            "database", "runtime login", "system login", "row-level security",
            "character type", "migrations", "outbox",
        ):  # fmt: skip
            assert found[check, name]["is_well"], found[check, name]
        assert found["clock", f"database of {name}"]["is_well"]
    for about in ("RAPPORT_SHOP", "RAPPORT_OFFICE", "RAPPORT_DEAD", "RAPPORT_REPLAYS"):
        assert found["stream", about]["is_well"]
    for about in ("office-shop", "office-replays"):
        assert found["consumer", about]["is_well"], found["consumer", about]
    assert found["dead letters", "all services"]["is_well"]
    assert found["clock", "broker"]["is_well"]


def test_what_does_not_answer_is_wrong_and_says_what_to_do(world: World, rapport: Rapport) -> None:
    found = findings(rapport)
    # The throw-away broker of the tests writes lazily, and nothing listens on port 1.
    for key in (
        ("synchronous writes", world.broker.url),
        ("service", "office"),
        ("gateway", "shop"),
        ("keys", "http://127.0.0.1:1/jwks.json"),
    ):
        assert not found[key]["is_well"], key
        assert found[key]["remedy"], key
    assert all(finding["remedy"] for finding in found.values() if not finding["is_well"])
    said = rapport("doctor", exit_code=3).stdout
    assert "set jetstream.sync_interval to always" in said
    assert f"{len(found)} checks" in said


def test_databases_that_are_not_as_they_should_be_are_found(world: World, rapport: Rapport) -> None:
    with (
        broken(
            world.office,
            "ALTER TABLE ledger DISABLE ROW LEVEL SECURITY",
            "ALTER TABLE ledger ENABLE ROW LEVEL SECURITY",
        ),
        broken(
            world.office,
            "ALTER ROLE office_runtime BYPASSRLS",
            "ALTER ROLE office_runtime NOBYPASSRLS",
        ),
        broken(
            world.shop,
            "ALTER TABLE ledger OWNER TO shop_runtime",
            "ALTER TABLE ledger OWNER TO shop_owner",
        ),
        broken(
            world.shop,
            "UPDATE alembic_version SET version_num = '0000'",
            "UPDATE alembic_version SET version_num = '0001'",
        ),
    ):
        found = findings(rapport)
    for check, about, said in (
        ("row-level security", "office", "no policy protects ledger"),
        ("runtime login", "office", "may bypass row-level security"),
        ("runtime login", "shop", "shop_runtime owns"),
        ("migrations", "shop", "the database is at 0000, and 0001 is the newest"),
    ):
        assert not found[check, about]["is_well"], (check, about)
        assert said in found[check, about]["said"]
        assert found[check, about]["remedy"]


def test_a_database_that_is_not_reached_is_found(described: Path, rapport: Rapport) -> None:
    content = json.loads(described.read_text())
    content["services"]["office"]["database_url"] = "postgresql://x:y@127.0.0.1:1/office"
    described.write_text(json.dumps(content))
    found = findings(rapport)

    assert "refused" in found["database", "office"]["said"]
    assert found["database", "shop"]["is_well"]


def test_streams_and_consumers_that_have_drifted_are_found(world: World, rapport: Rapport) -> None:
    async def drift(js: JetStreamContext, _: Client) -> None:
        config = (await js.stream_info("RAPPORT_SHOP")).config
        await js.update_stream(config.evolve(max_age=3600.0))
        await js.delete_consumer("RAPPORT_SHOP", "office-shop")
        await js.delete_stream("RAPPORT_DEAD")

    world.observe(drift)
    found = findings(rapport)

    assert "max_age is 3600.0, and should be 2592000.0" in found["stream", "RAPPORT_SHOP"]["said"]
    assert "shop provision" in found["stream", "RAPPORT_SHOP"]["remedy"]
    assert found["consumer", "office-shop"]["said"] == "there is none on RAPPORT_SHOP"
    assert found["stream", "RAPPORT_DEAD"]["said"] == "there is none"
    rapport("events", "restore", "--no-wait")
    mended = findings(rapport)
    for key in (
        ("stream", "RAPPORT_SHOP"),
        ("consumer", "office-shop"),
        ("stream", "RAPPORT_DEAD"),
    ):
        assert mended[key]["is_well"], mended[key]


def test_jobs_that_wait_while_none_runs_are_found_and_a_queue_behind_running_ones_is_not(
    world: World, rapport: Rapport
) -> None:
    def job(state: str, age: int, lease: int | None = None) -> None:
        world.shop.query(
            "INSERT INTO jobs (tenant_id, id, kind, state, created_by, arguments, progress,"
            " created_at, lease_until) VALUES (gen_random_uuid(), gen_random_uuid(), 'count', %s,"
            " 'user:ada', '{}', '{}', now() - make_interval(secs => %s),"
            " now() + make_interval(secs => %s))",
            state,
            age,
            lease,
        )

    job("queued", 5)
    assert findings(rapport)["jobs", "shop"]["is_well"]
    job("queued", 300)
    finding = findings(rapport)["jobs", "shop"]
    assert not finding["is_well"]
    assert finding["said"].startswith("2 jobs wait and none runs, the oldest for 30")
    assert "role jobs" in finding["remedy"]
    job("running", 3600, lease=60)
    assert findings(rapport)["jobs", "shop"]["is_well"]
    # Its worker has died, and nobody has taken it over.
    world.shop.query(
        "UPDATE jobs SET lease_until = now() - interval '2 minutes' WHERE lease_until IS NOT NULL"
    )
    assert not findings(rapport)["jobs", "shop"]["is_well"]


def test_facts_that_wait_too_long_in_an_outbox_are_found(world: World, rapport: Rapport) -> None:
    world.shop.record(Sold(1))
    assert findings(rapport)["outbox", "shop"]["is_well"]
    world.shop.query("UPDATE outbox SET occurred_at = now() - interval '5 minutes'")
    finding = findings(rapport)["outbox", "shop"]

    assert "1 facts wait, the oldest for 30" in finding["said"]
    assert "worker of shop" in finding["remedy"]


def test_a_dead_letter_is_found(world: World, rapport: Rapport) -> None:
    world.publish(1, tenant_id="me")
    world.consumers()
    eventually(lambda: world.count("RAPPORT_DEAD") == 1)
    finding = findings(rapport)["dead letters", "all services"]

    assert "the last of office: Undecodable: the header tenant-id is 'me'" in finding["said"]
    assert "dead-letters replay" in finding["remedy"]
    status = answer(rapport("status", "--json", exit_code=3))
    assert status["dead_letters"] == {"office": 1}


def test_a_certificate_that_ends_soon_is_found(described: Path, tmp_path: Path) -> None:
    known = read_deployment(described)
    good, soon, none = (tmp_path / name for name in ("good.pem", "soon.pem", "none.pem"))
    good.write_bytes(_certificate(SystemClock().now() + timedelta(days=90)))
    soon.write_bytes(_certificate(SystemClock().now() + timedelta(days=3)))
    watched: Deployment = known.model_copy(update={"certificates": (good, soon, none)})

    assert [one.is_well for one in check_certificates(watched)] == [True, False, False]


def _certificate(until: datetime) -> bytes:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "rapport.test")])
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(datetime(2020, 1, 1, tzinfo=UTC))
        .not_valid_after(until)
        .sign(key, hashes.SHA256())
    )
    return made.public_bytes(serialization.Encoding.PEM)
