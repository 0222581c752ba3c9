"""The process that watches over a service's worker holds none of the service: it would be there twice."""

import json
import subprocess
import sys
from importlib import import_module
from typing import get_type_hints

import pytest

from .sources import service_names

_WATCHING = """
import json, sys
import chassis.command, chassis.serving, {name}.description, {name}.settings
json.dump(sorted(sys.modules), sys.stdout)
"""
_HEAVY = ("flask", "google", "grpc", "httpx", "psycopg", "sqlalchemy")


@pytest.mark.parametrize("name", service_names())
def test_what_watches_imports_the_description_and_the_settings_alone(name: str) -> None:
    command = [sys.executable, "-c", _WATCHING.format(name=name)]
    answer = subprocess.run(command, capture_output=True, text=True, check=True)
    modules = set(json.loads(answer.stdout))
    assert f"{name}.settings" in modules
    assert not modules & {*_HEAVY, f"{name}.app", f"{name}.reactions"}


@pytest.mark.parametrize("name", service_names())
def test_a_service_is_built_with_the_settings_that_are_read_for_it(name: str) -> None:
    build = import_module(f"{name}.app").build
    description = import_module(f"{name}.description").DESCRIPTION
    assert get_type_hints(build)["settings"] is description.kind_of_settings
