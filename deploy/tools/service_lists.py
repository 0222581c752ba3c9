"""Puts a new service on every list of services in the checkout; a test holds that they are the same list."""

import ast
import re
from bisect import bisect
from collections.abc import Callable
from pathlib import Path

from deploy.tools.chart_lists import chart_lists
from deploy.tools.service_words import ServiceWords, WrongWord

# The service whose entries show where a service is to be listed.
MODEL = "contacts"
_ROOMS = "api|domain|operations|queries|storage"
_ELEMENT = rf'"(?:services[/.])?{MODEL}(?:\.tests|\.\*\*\.(?:{_ROOMS}))?"'
_ARRAY = re.compile(rf"\[[^\[\]]*?{_ELEMENT}[^\[\]]*\]")


class ListNotFound(RuntimeError):
    """A list is not where it was expected; the message says which."""


def listed(root: Path, words: ServiceWords) -> dict[Path, str]:
    """The files that list services, with the new one added, by their path below `root`.

    Raises ListNotFound, ChartListNotFound or WrongWord.
    """
    service, about = words.service, words.in_templates["many"]
    edits: dict[str, Callable[[str], str]] = {
        "deploy/local/rapport_local/services.py": lambda text: in_local_platform(text, service),
        "services/identity/identity/reactions.py": lambda text: in_audit_log(text, service),
        "tests/security/estate.py": lambda text: in_security_tests(text, words),
        "pyproject.toml": lambda text: in_tools(text, service),
        "CODEOWNERS": lambda text: in_owners(text, service),
        "README.md": lambda text: in_readme(text, service, about),
        **chart_lists(service),
    }
    return {
        Path(path): edit((root / path).read_text(encoding="utf-8")) for path, edit in edits.items()
    }


def in_local_platform(text: str, service: str) -> str:
    """The definition that ports, databases, streams and users follow from, as the last one."""
    definition = (
        f'ServiceDefinition("{service}", consumes=("identity", "contacts"), asks=("identity",)),'
    )
    return in_audit_log(_last_of(text, "SERVICES", definition), service)


def in_audit_log(text: str, service: str) -> str:
    """The services whose facts identity keeps in the audit log."""
    return _last_of(text, "AUDITED", f'"{service}",')


def in_security_tests(text: str, words: ServiceWords) -> str:
    """How these tests make a record, to see that no other tenant reaches it.

    Raises WrongWord when something else goes by this id: it would mean two things in the platform.
    """
    if f'"{words.thing}_id"' in text:
        raise WrongWord(f"{words.thing}_id means something else already: RESOURCE=… names another")
    path = f"/v1/{words.service}/{words.in_templates['path']}"
    return _last_of(text, "RECIPES", f'"{words.thing}_id": _posted("{path}", name=MARK),')


def _last_of(text: str, name: str, element: str) -> str:
    """A module with one more element, the last one, in the tuple or mapping of that name."""
    for node in ast.parse(text).body:
        target = getattr(node, "target", None) or next(iter(getattr(node, "targets", ())), None)
        if isinstance(target, ast.Name) and target.id == name and node.end_lineno:
            lines = text.splitlines(keepends=True)
            lines.insert(node.end_lineno - 1, f"    {element}\n")
            return "".join(lines)
    raise ListNotFound(f"there is no {name} to put this into: {element}")


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
    """CODEOWNERS: the service's team owns its code, its routes, its contract and its chart."""
    lines = [
        f"{path:<31} @rapport/{service}"
        for path in (
            f"/services/{service}/",
            f"/gateway/routes/{service}.yml",
            f"/protos/rapport/{service}/",
            f"/helm/{service}/",
        )
    ]
    return "\n".join([text.rstrip("\n"), "", f"# {service}", *lines, ""])


def in_readme(text: str, service: str, about: str) -> str:
    """The root's README: a row below the model's, in the table of where things are."""
    row = re.search(rf"^\| `services/{MODEL}` \|.*\n", text, re.MULTILINE)
    if row is None:
        raise ListNotFound(f"README.md has no row for services/{MODEL}")
    return f"{text[: row.end()]}| `services/{service}` | {about} |\n{text[row.end() :]}"
