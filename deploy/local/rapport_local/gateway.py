"""The gateway's configuration with this machine's addresses."""

from collections.abc import Mapping
from pathlib import Path

import yaml

from rapport_local.errors import PlatformError


def render_gateway(source: Path, target: Path, addresses: Mapping[str, int]) -> None:
    """Copy `traefik.yml` with these ports for its entry points, and with the absolute path of its routes.

    Raises `PlatformError` if the file is missing, is no YAML, or has other entry points than those that have a port.
    """
    path = source / "traefik.yml"
    try:
        configuration = yaml.safe_load(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise PlatformError(
            f"{path} is missing: bring it back with `git checkout gateway`"
        ) from None
    except yaml.YAMLError as error:
        raise PlatformError(f"{path} is no YAML: {' '.join(str(error).split())}") from None
    entry_points = configuration.get("entryPoints", {}) if isinstance(configuration, dict) else {}
    if set(entry_points) != set(addresses):
        raise PlatformError(
            f"{path} must have the entry points {sorted(addresses)}, not {sorted(entry_points)}"
        )
    for name, port in addresses.items():
        entry_points[name]["address"] = f"127.0.0.1:{port}"
    configuration.setdefault("providers", {}).setdefault("file", {})["directory"] = str(
        (source / "routes").resolve()
    )
    target.write_text(yaml.safe_dump(configuration, sort_keys=False), encoding="utf-8")
