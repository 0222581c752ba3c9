"""Starting and stopping: all parts come up, again is harmless, only the dead are started anew."""

import os
import signal
import socket
from pathlib import Path

import httpx
import psycopg
import pytest

from chassis.embedded.processes import ProcessRecord, wait_until
from rapport_local.errors import PartDied, PlatformError, PortsTaken
from rapport_local.platform import Platform
from rapport_local.status import platform_status

from .conftest import MakePlatform


def calls(tmp_path: Path) -> list[str]:
    """What the stand-ins were asked to do since last time."""
    path = tmp_path / "calls"
    lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
    path.unlink(missing_ok=True)
    return lines


def pids(platform: Platform) -> dict[str, int | None]:
    """The process of each part."""
    return {line.part: line.pid for line in platform_status(platform)}


def test_all_parts_come_up_and_requests_go_through_the_gateway(
    make_platform: MakePlatform, tmp_path: Path
) -> None:
    platform = make_platform()
    report = platform.up()

    assert [line.state for line in platform_status(platform)] == ["ready"] * 6
    for service in ("identity", "contacts"):
        assert httpx.get(f"{platform.gateway_url}/v1/{service}/things").text == service
    assert report.first_tenant is not None
    assert report.first_tenant.password == "once"
    asked = calls(tmp_path)
    assert asked.index("contacts migrate") < asked.index("contacts serve --roles api,worker")
    assert {"identity provision", "contacts provision"} <= set(asked)


def test_up_again_changes_nothing_and_asks_for_nothing(
    make_platform: MakePlatform, tmp_path: Path
) -> None:
    platform = make_platform()
    platform.up()
    before, _ = pids(platform), calls(tmp_path)

    report = make_platform().up()

    assert report.started == ()
    assert pids(platform) == before
    assert calls(tmp_path) == []
    assert report.first_tenant is not None
    assert report.first_tenant.password is None


def test_the_first_tenants_password_and_nobody_elses_is_kept_in_no_readable_file(
    make_platform: MakePlatform,
) -> None:
    platform = make_platform()
    platform.up()
    root = platform.state.root

    with_password = [p.name for p in root.glob("*.json") if '"once"' in p.read_text()]
    assert with_password == []
    assert platform.state.secrets.stat().st_mode & 0o777 == 0o600
    assert platform.state.log("contacts").parent.stat().st_mode & 0o077 == 0


def test_only_a_dead_part_is_started_anew(make_platform: MakePlatform) -> None:
    platform = make_platform()
    platform.up()
    before = pids(platform)
    platform.parts["contacts"].kill()
    platform.parts["nats"].kill()

    report = make_platform().up()

    assert report.started == ("nats", "contacts")
    after = pids(platform)
    assert {part for part in before if after[part] != before[part]} == {"nats", "contacts"}


def test_down_stops_everything_and_up_finds_the_data_again(make_platform: MakePlatform) -> None:
    platform = make_platform()
    platform.up()
    with psycopg.connect(platform.postgres.admin_dsn("contacts")) as connection:
        connection.execute("INSERT INTO things VALUES (7)")
    running = [ProcessRecord.of(pid) for pid in pids(platform).values() if pid]

    assert make_platform().down() == [line.part for line in platform_status(platform)]
    assert [record for record in running if record and record.is_running()] == []
    assert make_platform().down() == []

    platform = make_platform()
    platform.up()
    with psycopg.connect(platform.postgres.admin_dsn("contacts")) as connection:
        assert connection.execute("SELECT id FROM things").fetchall() == [(7,)]


def test_reset_leaves_nothing(make_platform: MakePlatform) -> None:
    platform = make_platform()
    platform.up()

    platform.reset()

    assert not platform.state.root.exists()


def test_reset_deletes_no_folder_that_holds_no_platform(
    make_platform: MakePlatform, tmp_path: Path
) -> None:
    (tmp_path / "state").mkdir()
    (tmp_path / "state" / "thesis.txt").write_text("years of work", encoding="utf-8")

    with pytest.raises(PlatformError, match="holds no platform"):
        make_platform().reset()

    assert (tmp_path / "state" / "thesis.txt").exists()


def test_a_service_that_dies_is_named_with_the_end_of_its_log(
    make_platform: MakePlatform, tmp_path: Path
) -> None:
    (tmp_path / "fatal-contacts").write_text("the moon is full", encoding="utf-8")

    with pytest.raises(PartDied) as caught:
        make_platform().up()

    assert "contacts ended with exit code 1" in str(caught.value)
    assert "the moon is full" in str(caught.value)


def test_a_taken_port_is_named_before_anything_is_started(
    make_platform: MakePlatform, tmp_path: Path
) -> None:
    platform = make_platform()
    with socket.create_server(("127.0.0.1", platform_port(platform))):
        with pytest.raises(PortsTaken) as caught:
            make_platform().up()

        taken = str(platform.ports.services["contacts"].http)
        assert f"port {taken}, for contacts, is taken by" in str(caught.value)
        assert f"pid {os.getpid()}" in str(caught.value)
        assert calls(tmp_path) == []
        assert {line.state for line in platform_status(platform)} == {"stopped"}


def platform_port(platform: Platform) -> int:
    """The port that contacts is going to use."""
    platform.state.prepare()
    return platform.ports.services["contacts"].http


def test_other_ports_are_refused_while_it_runs(make_platform: MakePlatform, tmp_path: Path) -> None:
    make_platform().up()

    with pytest.raises(PlatformError, match="run `make down` first"):
        Platform(tmp_path / "state", ports_from=28000).up()


def test_a_frozen_service_counts_as_not_ready(make_platform: MakePlatform) -> None:
    platform = make_platform()
    platform.up()
    frozen = platform.parts["contacts"].process()
    assert frozen is not None
    os.kill(frozen.pid, signal.SIGSTOP)
    try:
        states = {line.part: line.state for line in platform_status(platform)}
    finally:
        os.kill(frozen.pid, signal.SIGCONT)

    assert states["contacts"] == "not ready"
    assert states["identity"] == "ready"
    assert wait_until(lambda: platform.parts["contacts"].not_ready_because() is None, 10.0)


def test_two_commands_do_not_start_it_at_the_same_time(make_platform: MakePlatform) -> None:
    platform = make_platform()
    with platform.state.locked(), pytest.raises(PlatformError, match="another command"):
        platform.up()
