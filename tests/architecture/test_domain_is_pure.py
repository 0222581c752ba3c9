"""Rule 1: a domain module is plain Python, with no input, output, clock or chance of its own."""

import ast
from collections.abc import Iterator

from .sources import Source, findings, sample

PURE = frozenset(
    """
    __future__ abc base64 binascii bisect calendar collections copy dataclasses datetime decimal enum
    fractions functools graphlib hashlib heapq hmac ipaddress itertools math operator re statistics
    string struct textwrap types typing unicodedata uuid zoneinfo
    """.split()
)
PURE_MODULES = frozenset({"chassis.domain", "chassis.money", "collections.abc", "urllib.parse"})
CLOCKS_AND_CHANCE = frozenset(
    {
        ("datetime", "now"),
        ("datetime", "today"),
        ("datetime", "utcnow"),
        ("date", "today"),
        ("uuid", "uuid1"),
        ("uuid", "uuid4"),
        ("uuid", "uuid7"),
    }
)


def impure_imports(source: Source) -> Iterator[str]:
    """Imports of anything but pure standard modules, chassis.domain and the slice's own domain."""
    if source.path.name != "domain.py":
        return
    own_slice = ".".join(source.path.parts[2:-1])
    for module, line in source.imports():
        allowed = module in PURE_MODULES or module in PURE or module == f"{own_slice}.domain"
        if not allowed and not _is_domain_of_same_service(module, source):
            yield f"{source.path}:{line}: a domain module may not import {module}"


def _is_domain_of_same_service(module: str, source: Source) -> bool:
    """Whether `module` is another slice's domain, which this rule holds to the same purity."""
    return module.startswith(f"{source.path.parts[2]}.") and module.endswith(".domain")


def own_time_or_ids(source: Source) -> Iterator[str]:
    """Calls that read the clock or draw an id, where an injected clock or factory is due."""
    if source.path.name != "domain.py" or source.path.parts[:2] == ("services", "chassis"):
        return
    for node in ast.walk(source.tree):
        if not isinstance(node, ast.Call):
            continue
        called = node.func
        if isinstance(called, ast.Attribute) and isinstance(called.value, ast.Name | ast.Attribute):
            owner = called.value.id if isinstance(called.value, ast.Name) else called.value.attr
            if (owner, called.attr) in CLOCKS_AND_CHANCE:
                yield f"{source.path}:{node.lineno}: {owner}.{called.attr}() must be injected"


def test_domain_modules_import_only_what_is_pure(sources: list[Source]) -> None:
    assert findings(impure_imports, sources) == []


def test_domain_modules_read_no_clock_and_draw_no_ids(sources: list[Source]) -> None:
    assert findings(own_time_or_ids, sources) == []


def test_an_impure_import_is_found_wherever_it_stands() -> None:
    text = "import os\nfrom decimal import Decimal\n\ndef f():\n    from sqlalchemy import select\n"
    found = findings(impure_imports, [sample("services/sales/sales/quotes/domain.py", text)])
    assert [line.rpartition(" ")[2] for line in found] == ["os", "sqlalchemy"]


def test_another_room_of_the_slice_is_no_pure_import() -> None:
    text = "from .storage import QUOTES\nfrom sales.leads.domain import Lead\n"
    found = findings(impure_imports, [sample("services/sales/sales/quotes/domain.py", text)])
    assert [line.rpartition(" ")[2] for line in found] == ["sales.quotes.storage"]


def test_the_domain_of_another_service_is_no_pure_import() -> None:
    text = "from contacts.people.domain import Person\nfrom chassis.domain import Aggregate\n"
    found = findings(impure_imports, [sample("services/sales/sales/quotes/domain.py", text)])
    assert [line.rpartition(" ")[2] for line in found] == ["contacts.people.domain"]


def test_a_clock_read_in_a_domain_module_is_found() -> None:
    text = "import datetime\nNOW = datetime.datetime.now(datetime.UTC)\nTHEN = NOW.date()\n"
    found = findings(own_time_or_ids, [sample("services/sales/sales/quotes/domain.py", text)])
    assert len(found) == 1
    assert ":2: datetime.now()" in found[0]
