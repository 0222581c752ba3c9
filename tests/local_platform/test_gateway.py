"""The gateway's static configuration: placeholders filled in, the rest untouched."""

from pathlib import Path

import pytest

from rapport_local.errors import PlatformError
from rapport_local.gateway import fill_in, render_gateway

WHERE = Path("traefik.yml")


@pytest.mark.parametrize(
    ("text", "filled"),
    [
        ("port: ${PORT}", "port: 8080"),
        ("port: ${PORT:-80}", "port: 8080"),
        ("bind: ${BIND:-127.0.0.1}:${PORT}", "bind: 127.0.0.1:8080"),
        ("ips: [${IPS:-}]", "ips: []"),
        ("# ${NAME} stands for a name", "# ${NAME} stands for a name"),
        ("price: $5 {x}", "price: $5 {x}"),
    ],
)
def test_placeholders_are_filled_in(text: str, filled: str) -> None:
    assert fill_in(text, {"PORT": "8080"}, WHERE) == filled


def test_a_value_that_is_missing_is_named() -> None:
    with pytest.raises(PlatformError, match=r"traefik\.yml: \$\{PORT\} has no value"):
        fill_in("a: 1\nport: ${PORT}\n", {}, WHERE)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(PlatformError, match=r"traefik\.yml is missing"):
        render_gateway(tmp_path, tmp_path / "out.yml", {})
