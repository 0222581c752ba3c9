"""Every kind of refusal that the code can give is in the list that the portal documents."""

from __future__ import annotations

import ast
import importlib
from collections.abc import Iterator
from pathlib import Path

import pytest

from .sources import Source, python_sources, service_names

CHASSIS = "chassis"
SERVICES = service_names()
# What a base class is called by when nobody has said anything better; never told to a caller.
# A command line tells the second, and no answer of a service.
NEVER_TOLD = {"error", "operator_name"}


def codes(source: Source) -> Iterator[str]:
    """The codes of the errors that a file makes: `code=` of a raised or listed error, and class attributes."""
    for node in ast.walk(source.tree):
        if isinstance(node, ast.Call):
            yield from _of_call(node)
        elif isinstance(node, ast.ClassDef) and _is_error(node):
            yield from _of_class(node)


ERRORS = {
    "Invalid",
    "NotFound",
    "Conflict",
    "Forbidden",
    "PreconditionFailed",
    "Unavailable",
    "DomainError",
}


def _is_error(node: ast.ClassDef) -> bool:
    return any(
        isinstance(base, ast.Name) and base.id in {*ERRORS, "Exception"} for base in node.bases
    )


def _of_call(node: ast.Call) -> Iterator[str]:
    name = getattr(node.func, "id", None)
    if name == "HttpProblem" and len(node.args) > 1 and isinstance(node.args[1], ast.Constant):
        yield str(node.args[1].value)
    if name in ERRORS:
        for keyword in node.keywords:
            if keyword.arg == "code" and isinstance(keyword.value, ast.Constant):
                yield str(keyword.value.value)


def _of_class(node: ast.ClassDef) -> Iterator[str]:
    for statement in node.body:
        target = getattr(statement, "target", None) or getattr(statement, "targets", [None])[0]
        value = getattr(statement, "value", None)
        if getattr(target, "id", None) == "code" and isinstance(value, ast.Constant):
            yield str(value.value)


def documented(package: str) -> set[str]:
    """The codes that a package's list of problems has, with those of the chassis."""
    known = importlib.import_module("chassis.http.problem_kinds").PLATFORM_PROBLEMS
    if package != CHASSIS:
        known = (*known, *importlib.import_module(f"{package}.problems").PROBLEMS)
    return {kind.code for kind in known}


@pytest.mark.parametrize("package", [CHASSIS, *SERVICES])
def test_every_code_that_is_used_is_documented(package: str) -> None:
    folder = Path("services") / package / package
    used = {
        (code, str(source.path))
        for source in python_sources()
        if source.path.is_relative_to(folder)
        for code in codes(source)
    }
    assert used
    missing = sorted(pair for pair in used if pair[0] not in documented(package) | NEVER_TOLD)
    assert missing == []


@pytest.mark.parametrize("package", [CHASSIS, *SERVICES])
def test_no_code_is_documented_twice(package: str) -> None:
    kinds = importlib.import_module("chassis.http.problem_kinds").PLATFORM_PROBLEMS
    if package != CHASSIS:
        kinds = (*kinds, *importlib.import_module(f"{package}.problems").PROBLEMS)
    listed = [kind.code for kind in kinds]
    assert sorted(listed) == sorted(set(listed))


def test_a_code_is_found_wherever_it_is_given() -> None:
    text = (
        "class Late(Conflict):\n    code = 'late'\n"
        "raise Invalid('no', code='odd')\n"
        "raise HttpProblem(400, 'strange', 'no')\n"
    )
    assert set(codes(Source(Path("services/x/x/y.py"), text))) == {"late", "odd", "strange"}
