"""Starting and stopping: all parts come up, again is harmless, only the dead are started anew."""

import os
import signal
import socket
from dataclasses import replace

import httpx
import psycopg
import pytest

from chassis.embedded.processes import ProcessRecord, wait_until
from rapport_local.errors import PartDied, PlatformError, PortsTaken
from rapport_local.platform import Platform
from rapport_local.status import platform_status

from .conftest import Ground


def pids(platform: Platform) -> dict[str, int | None]:
    """The process of each part."""
    return {line.part: line.pid for line in platform_status(platform)}


def states(platform: Platform) -> dict[str, str]:
    """The state of each part."""
    return {line.part: line.state for line in platform_status(platform)}


def test_all_parts_come_up_and_requests_go_through_the_gateway(ground: Ground) -> None:
    platform = ground.platform()
    report = platform.up()

    assert set(states(platform).values()) == {"ready"}
    assert report.started == (
        "postgres",
        "nats",
        "identity",
        "contacts",
        "mail",
        "portal",
        "gateway",
    )
    for service in ("identity", "contacts"):
        assert httpx.get(f"{platform.gateway_url}/v1/{service}/things").text == service
    assert report.first_tenant is not None
    assert report.first_tenant.password == "once"
    calls = ground.calls()
    for service in ("identity", "contacts"):
        assert calls.index(f"{service} prepare") < calls.index(
            f"{service} serve --roles api,worker"
        )


def test_it_is_up_only_once_every_service_is_documented(running_ground: Ground) -> None:
    late = running_ground.document_late("contacts")
    said: list[str] = []
    platform = running_ground.platform()
    platform.tell = said.append

    platform.up()

    assert not late.exists()
    assert said[-1] == "the documentation of contacts is ready"


def test_up_again_changes_nothing_and_asks_for_nothing(running_ground: Ground) -> None:
    before = pids(running_ground.platform())
    running_ground.calls()

    report = running_ground.platform().up()

    assert report.started == ()
    assert pids(running_ground.platform()) == before
    assert running_ground.calls() == []
    assert report.first_tenant is not None
    assert report.first_tenant.password is None


def test_the_first_tenants_password_is_kept_nowhere(running_ground: Ground) -> None:
    state = running_ground.platform().state

    assert state.first_tenant.exists()
    assert [path for path in state.root.glob("*.json") if '"once"' in path.read_text()] == []


def test_others_may_read_neither_secrets_nor_logs(running_ground: Ground) -> None:
    state = running_ground.platform().state

    assert state.secrets.stat().st_mode & 0o777 == 0o600
    assert state.log("contacts").parent.stat().st_mode & 0o077 == 0
    assert (state.nats / "nats-server.conf").stat().st_mode & 0o077 == 0


def test_only_dead_parts_are_started_anew(running_ground: Ground) -> None:
    platform = running_ground.platform()
    before = pids(platform)
    platform.parts["contacts"].kill()
    platform.parts["nats"].kill()

    report = running_ground.platform().up()

    assert report.started == ("nats", "contacts")
    after = pids(platform)
    assert {part for part in before if after[part] != before[part]} == {"nats", "contacts"}


def test_other_ports_are_refused_while_it_runs(running_ground: Ground) -> None:
    platform = running_ground.platform()

    with pytest.raises(PlatformError, match="run `make down` first"):
        Platform(platform.state.root, ports_from=28000, services=platform.services).down()


def test_a_frozen_service_counts_as_not_ready(running_ground: Ground) -> None:
    platform = running_ground.platform()
    contacts = platform.parts["contacts"]
    process = contacts.process()
    assert process is not None
    os.kill(process.pid, signal.SIGSTOP)
    try:
        found = states(platform)
    finally:
        os.kill(process.pid, signal.SIGCONT)

    assert (found["contacts"], found["identity"]) == ("not ready", "ready")
    assert wait_until(lambda: contacts.not_ready_because() is None, 10.0)


def test_the_memory_of_every_part_is_shown(running_ground: Ground) -> None:
    lines = platform_status(running_ground.platform())

    assert min(line.memory_bytes for line in lines) > 2**20


def test_down_stops_everything_and_up_finds_the_data_again(ground: Ground) -> None:
    platform = ground.platform()
    platform.up()
    with psycopg.connect(platform.postgres.admin_dsn("contacts")) as connection:
        connection.execute("INSERT INTO things VALUES (7)")
    running = [ProcessRecord.of(pid) for pid in pids(platform).values() if pid]

    assert ground.platform().down() == list(platform.parts)
    assert [record for record in running if record and record.is_running()] == []
    assert ground.platform().down() == []

    platform = ground.platform()
    platform.up()
    with psycopg.connect(platform.postgres.admin_dsn("contacts")) as connection:
        assert connection.execute("SELECT id FROM things").fetchall() == [(7,)]
    platform.reset()
    assert not platform.state.root.exists()


def test_what_runs_can_be_stopped_though_a_program_is_gone(ground: Ground) -> None:
    ground.platform().up()
    crippled = replace(ground.platform(), gateway_program="a-gateway-that-is-gone")

    with pytest.raises(PlatformError, match="the program `a-gateway-that-is-gone` is missing"):
        crippled.up()
    assert "gateway" in crippled.down()


def test_reset_deletes_no_folder_that_holds_no_platform(ground: Ground) -> None:
    root = ground.folder / "state"
    root.mkdir()
    (root / "thesis.txt").write_text("years of work", encoding="utf-8")

    with pytest.raises(PlatformError, match="holds no platform"):
        ground.platform().reset()

    assert (root / "thesis.txt").exists()


def test_a_service_that_dies_is_named_with_the_end_of_its_log(ground: Ground) -> None:
    ground.let_fail("contacts", "the moon is full")

    with pytest.raises(PartDied) as caught:
        ground.platform().up()

    assert "contacts ended with exit code 1" in str(caught.value)
    assert "the moon is full" in str(caught.value)


def test_a_taken_port_is_named_before_anything_is_started(ground: Ground) -> None:
    platform = ground.platform()
    platform.state.prepare()
    port = platform.ports.services["contacts"].http
    with socket.create_server(("127.0.0.1", port)):
        with pytest.raises(PortsTaken) as caught:
            ground.platform().up()

        assert f"port {port}, for contacts, is taken by" in str(caught.value)
        assert f"pid {os.getpid()}" in str(caught.value)
        assert ground.calls() == []
        assert set(states(platform).values()) == {"stopped"}


def test_a_missing_package_is_named_before_anything_is_started(ground: Ground) -> None:
    platform = ground.platform()
    platform.portal_module = "no_such_portal"

    with pytest.raises(
        PlatformError, match=r"`no_such_portal` is not installed .* `make clean setup`"
    ):
        platform.up()

    assert not platform.state.root.exists()


def test_two_commands_do_not_start_it_at_the_same_time(ground: Ground) -> None:
    platform = ground.platform()
    with platform.state.locked(), pytest.raises(PlatformError, match="another command"):
        platform.up()
