"""Settings that stop the start, and say why."""

from __future__ import annotations

import subprocess
import sys

import pytest

from chassis.settings import WrongSettings
from portal.settings import read_settings

GOOD = {
    "RAPPORT_HTTP_PORT": "8001",
    "RAPPORT_PUBLIC_URL": "https://crm.example.com/",
    "RAPPORT_SERVICES": "identity=http://a:1/, contacts=http://b:2",
}


def test_services_keep_their_order_and_addresses_lose_their_slash() -> None:
    settings = read_settings(GOOD)

    assert list(settings.services.items()) == [
        ("identity", "http://a:1"),
        ("contacts", "http://b:2"),
    ]
    assert settings.public_url == "https://crm.example.com"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("RAPPORT_HTTP_PORT", "0"),
        ("RAPPORT_HTTP_PORT", "many"),
        ("RAPPORT_PUBLIC_URL", "crm.example.com"),
        ("RAPPORT_SERVICES", ""),
        ("RAPPORT_SERVICES", "identity"),
        ("RAPPORT_SERVICES", "identity=ftp://a"),
        ("RAPPORT_SERVICES", "Identity=http://a"),
        ("RAPPORT_SERVICES", "identity=http://a,identity=http://b"),
        ("RAPPORT_REFRESH_SECONDS", "0"),
        ("RAPPORT_SERVICE", "identity=http://a"),
    ],
)
def test_a_wrong_or_unknown_variable_is_named(name: str, value: str) -> None:
    with pytest.raises(WrongSettings, match=f"^{name}: "):
        read_settings(GOOD | {name: value})


@pytest.mark.parametrize("name", GOOD)
def test_a_missing_variable_is_named(name: str) -> None:
    with pytest.raises(WrongSettings, match=name):
        read_settings({key: value for key, value in GOOD.items() if key != name})


def test_the_process_ends_with_one_clear_message() -> None:
    ended = subprocess.run(
        [sys.executable, "-m", "portal"],
        env={"RAPPORT_HTTP_PORT": "8001"},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )

    assert ended.returncode == 2
    assert "RAPPORT_PUBLIC_URL" in ended.stderr
    assert "RAPPORT_SERVICES" in ended.stderr
    assert "Traceback" not in ended.stderr
