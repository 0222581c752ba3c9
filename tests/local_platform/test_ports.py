"""Ports: all follow from one number, and stay where they were."""

import json
from pathlib import Path

import pytest

from rapport_local.errors import PlatformError
from rapport_local.ports import DEFAULT_PORTS_FROM, plan_ports, remembered_ports
from rapport_local.services import ServiceDefinition

TWO = (ServiceDefinition("identity"), ServiceDefinition("contacts"))
THREE = (*TWO, ServiceDefinition("sales"))


def stopped() -> bool:
    """Nothing runs."""
    return False


def running() -> bool:
    """Something runs."""
    return True


@pytest.mark.parametrize("ports_from", [0, 1024, 18000])
def test_no_two_parts_get_the_same_port(ports_from: int) -> None:
    ports = [port for _, port in plan_ports(ports_from, THREE).named()]

    assert len(ports) == 19
    assert len(set(ports)) == 19


def test_ports_follow_from_one_number() -> None:
    ports = plan_ports(18000, TWO)

    assert ports.gateway == 18000
    assert [s.http for s in ports.services.values()] == [18101, 18111]


@pytest.mark.parametrize("ports_from", [-1, 80, 65500])
def test_ports_that_do_not_exist_or_need_root_are_refused(ports_from: int) -> None:
    with pytest.raises(PlatformError, match="--ports-from must be 0 or between 1024 and"):
        plan_ports(ports_from, TWO)


def test_free_ports_stay_the_same_the_next_time(tmp_path: Path) -> None:
    first = remembered_ports(tmp_path / "p.json", 0, TWO, stopped)

    assert remembered_ports(tmp_path / "p.json", None, TWO, running) == first
    assert remembered_ports(tmp_path / "p.json", 0, TWO, running) == first


@pytest.mark.parametrize("ports_from", [0, 20000])
def test_a_platform_of_before_there_were_jobs_keeps_its_ports(
    tmp_path: Path, ports_from: int
) -> None:
    path = tmp_path / "p.json"
    before = remembered_ports(path, ports_from, TWO, stopped)
    content = json.loads(path.read_text(encoding="utf-8"))
    for ports in content["services"].values():
        del ports["jobs"]
    path.write_text(json.dumps(content), encoding="utf-8")

    after = remembered_ports(path, None, TWO, running)
    for name, ports in after.services.items():
        known = before.services[name]
        assert (ports.http, ports.grpc, ports.stream) == (known.http, known.grpc, known.stream)
        assert ports.jobs not in (ports.http, ports.grpc, ports.stream)
        assert ports_from == 0 or ports.jobs == known.jobs


def test_a_platform_of_before_there_was_mail_keeps_its_ports(tmp_path: Path) -> None:
    path = tmp_path / "p.json"
    before = remembered_ports(path, 20000, TWO, stopped)
    content = json.loads(path.read_text(encoding="utf-8"))
    del content["mail"]
    path.write_text(json.dumps(content), encoding="utf-8")

    assert remembered_ports(path, None, TWO, running) == before


@pytest.mark.parametrize("ports_from", [0, 20000])
def test_a_new_service_gets_ports_and_moves_nobody(tmp_path: Path, ports_from: int) -> None:
    before = remembered_ports(tmp_path / "p.json", ports_from, TWO, stopped)
    after = remembered_ports(tmp_path / "p.json", None, THREE, running)

    assert after.services["contacts"] == before.services["contacts"]
    assert (after.postgres, after.gateway) == (before.postgres, before.gateway)
    assert after.services["sales"].http not in dict(before.named()).values()


def test_other_ports_are_taken_only_while_nothing_runs(tmp_path: Path) -> None:
    path = tmp_path / "p.json"
    assert remembered_ports(path, None, TWO, stopped).ports_from == DEFAULT_PORTS_FROM

    with pytest.raises(PlatformError, match="runs with ports from 18000"):
        remembered_ports(path, 20000, TWO, running)
    assert remembered_ports(path, 20000, TWO, stopped).gateway == 20000


def test_a_damaged_file_is_named(tmp_path: Path) -> None:
    (tmp_path / "p.json").write_text("{")

    with pytest.raises(PlatformError, match=r"p\.json cannot be read"):
        remembered_ports(tmp_path / "p.json", None, TWO, stopped)
