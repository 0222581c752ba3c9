"""The gateway's static configuration with this machine's values in place of its placeholders."""

import re
from collections.abc import Mapping
from pathlib import Path

from rapport_local.errors import PlatformError

_PLACEHOLDER = re.compile(r"\$\{(?P<name>[A-Z][A-Z0-9_]*)(?P<default>:-(?P<value>[^}]*))?\}")


def fill_in(text: str, values: Mapping[str, str], where: Path) -> str:
    """The text with `${NAME}` and `${NAME:-default}` replaced; comments stay as they are.

    Raises `PlatformError` for a placeholder that has neither value nor default.
    """

    def replace(found: re.Match[str]) -> str:
        name = found["name"]
        if name in values:
            return values[name]
        if found["default"] is None:
            raise PlatformError(f"{where}: ${{{name}}} has no value; set {name} in the environment")
        return found["value"]

    lines = text.splitlines(keepends=True)
    return "".join(
        line if line.lstrip().startswith("#") else _PLACEHOLDER.sub(replace, line) for line in lines
    )


def render_gateway(source: Path, target: Path, values: Mapping[str, str]) -> None:
    """Write the gateway's own `traefik.yml` with these values.

    Raises `PlatformError` if the file is missing or a value is.
    """
    path = source / "traefik.yml"
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise PlatformError(
            f"{path} is missing: bring it back with `git checkout gateway`"
        ) from None
    target.write_text(fill_in(text, values, path), encoding="utf-8")
