"""Shows the logs of the parts, each line with the part it comes from."""

import time
from collections.abc import Callable
from pathlib import Path

from chassis.embedded.errors import last_lines
from rapport_local.errors import PlatformError
from rapport_local.platform import Platform

_POLL_SECONDS = 0.2
_BYTES_PER_LINE = 4096

Show = Callable[[str], None]


def show_logs(platform: Platform, part: str | None, lines: int, show: Show) -> dict[str, Path]:
    """Show the end of one part's log, or of all, and give the files by part.

    Raises `PlatformError` if there is no such part.
    """
    if not platform.exists:
        raise PlatformError(f"there is no platform in {platform.state.root}; `make up` starts one")
    if part is not None and part not in platform.parts:
        raise PlatformError(f"there is no part `{part}`; there are {', '.join(platform.parts)}")
    files = {name: platform.state.log(name) for name in ([part] if part else platform.parts)}
    for name, path in files.items():
        for line in last_lines(path, lines, lines * _BYTES_PER_LINE).splitlines():
            show(_labelled(name, line, files))
    return files


def follow_logs(files: dict[str, Path], show: Show) -> None:
    """Show what is added to the files, until interrupted."""
    positions = {name: path.stat().st_size if path.exists() else 0 for name, path in files.items()}
    while True:
        for name, path in files.items():
            positions[name] = _show_added(name, path, positions[name], files, show)
        time.sleep(_POLL_SECONDS)


def _show_added(name: str, path: Path, position: int, files: dict[str, Path], show: Show) -> int:
    """Show the complete lines after the position; a log that was set aside meanwhile is read from its start."""
    if not path.exists():
        return 0
    with path.open("rb") as log:
        log.seek(position if path.stat().st_size >= position else 0)
        begin = log.tell()
        added = log.read()
    complete = added[: added.rfind(b"\n") + 1]
    for line in complete.decode("utf-8", "replace").splitlines():
        show(_labelled(name, line, files))
    return begin + len(complete)


def _labelled(name: str, line: str, files: dict[str, Path]) -> str:
    if len(files) == 1:
        return line
    return f"{name:<{max(map(len, files))}}  {line}"
