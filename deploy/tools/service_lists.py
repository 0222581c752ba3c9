"""Puts a new service on every list of services in the checkout; a test holds that they are the same list."""

import ast
import re
from bisect import bisect
from collections.abc import Callable
from pathlib import Path

# The service whose entries show where a service is to be listed.
MODEL = "contacts"
_ROOMS = "api|domain|operations|queries|storage"
_ELEMENT = rf'"(?:services[/.])?{MODEL}(?:\.tests|\.\*\*\.(?:{_ROOMS}))?"'
_ARRAY = re.compile(rf"\[[^\[\]]*?{_ELEMENT}[^\[\]]*\]")


class ListNotFound(RuntimeError):
    """A list is not where it was expected; the message says which."""


def listed(root: Path, service: str) -> dict[Path, str]:
    """The files that list services, with the new one added, by their path below `root`.

    Raises ListNotFound.
    """
    edits: dict[str, Callable[[str, str], str]] = {
        "deploy/local/rapport_local/services.py": in_local_platform,
        "pyproject.toml": in_tools,
        "CODEOWNERS": in_owners,
        "README.md": in_readme,
    }
    return {
        Path(path): edit((root / path).read_text(encoding="utf-8"), service)
        for path, edit in edits.items()
        if (root / path).exists()
    }


def in_local_platform(text: str, service: str) -> str:
    """The definition that ports, databases, streams and users follow from, as the last one."""
    for node in ast.parse(text).body:
        names = node.targets if isinstance(node, ast.Assign) else []
        if [ast.unparse(name) for name in names] == ["SERVICES"] and node.end_lineno:
            lines = text.splitlines(keepends=True)
            definition = (
                f'    ServiceDefinition("{service}", consumes=("identity", "contacts"),'
                ' asks=("identity",)),\n'
            )
            lines.insert(node.end_lineno - 1, definition)
            return "".join(lines)
    raise ListNotFound("rapport_local/services.py has no SERVICES")


def in_tools(text: str, service: str) -> str:
    """The root's pyproject.toml: wherever the model is in a list, so is the service."""

    def extended(match: re.Match[str]) -> str:
        array = match[0]
        for element in re.findall(_ELEMENT, array):
            array = _inserted(array, element, element.replace(MODEL, service))
        return array

    changed, count = _ARRAY.subn(extended, text)
    if not count:
        raise ListNotFound(f"pyproject.toml lists no {MODEL}")
    return changed


def _inserted(array: str, model: str, element: str) -> str:
    """A TOML array with one more element: in its place if the others are sorted, else beside the model."""
    known = re.findall(r'"[^"]*"', array)
    place = bisect(known, element) if known == sorted(known) else known.index(model) + 1
    if "\n" in array:
        lines = array.splitlines(keepends=True)
        rows = [number for number, line in enumerate(lines) if line.lstrip().startswith('"')]
        lines.insert(rows[place] if place < len(rows) else rows[-1] + 1, f"    {element},\n")
        return "".join(lines)
    return f"[{', '.join([*known[:place], element, *known[place:]])}]"


def in_owners(text: str, service: str) -> str:
    """CODEOWNERS: the service's team owns its code, its routes and its contract."""
    lines = [
        f"{path:<31} @rapport/{service}"
        for path in (
            f"/services/{service}/",
            f"/gateway/routes/{service}.yml",
            f"/protos/rapport/{service}/",
        )
    ]
    return "\n".join([text.rstrip("\n"), "", f"# {service}", *lines, ""])


def in_readme(text: str, service: str) -> str:
    """The root's README: a line like the last one of those that show where a service is."""
    lines = text.splitlines(keepends=True)
    shown = [number for number, line in enumerate(lines) if f"services/{MODEL}" in line]
    if not shown:
        raise ListNotFound(f"README.md does not show where services/{MODEL} is")
    lines.insert(shown[-1] + 1, _like(lines[shown[-1]], service))
    return "".join(lines)


def _like(line: str, service: str) -> str:
    """A row of a table, an item of a list or a line of a drawing that says no more than where it is."""
    where = f"services/{service}/"
    if line.startswith("|"):
        cells = line.count("|") - 1
        return f"| [`{where}`]({where}README.md) |{' see its README |' if cells > 1 else ''}{' |' * (cells - 2)}\n"
    before = re.match(r"[\s*-]*", line)
    indent = before[0] if before else ""
    return f"{indent}{where}\n" if indent.isspace() or not indent else f"{indent}`{where}`\n"
