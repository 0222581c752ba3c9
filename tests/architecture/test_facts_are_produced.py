"""Rule 9: every fact in the contracts is recorded by the service that owns it, and by no other name."""

import ast
import re
from collections.abc import Iterator, Mapping
from pathlib import Path

from .sources import ROOT, Source, sample

MESSAGE = re.compile(r"^message (\w+) \{", re.MULTILINE)
# What became of something is told as it stands, where no verb says it: MessageUncertain.
PAST_TENSE = re.compile(
    r"(?:ed|edUp|Sent|Won|Lost|Paid|Met|Begun|Left|Put|Set|Taken|Written|Held|HeldBack|Uncertain|Built|Done|Undone|Withdrawn|Broken|Kept|Made|Split|Given)$"
)


def declared_facts(protos: Path) -> dict[str, set[str]]:
    """The facts that each service declares, by the service's name."""
    facts: dict[str, set[str]] = {}
    for path in sorted(protos.glob("rapport/*/events/v*/*_events.proto")):
        service = path.relative_to(protos).parts[1]
        facts.setdefault(service, set()).update(MESSAGE.findall(path.read_text(encoding="utf-8")))
    return facts


def unproduced_facts(facts: Mapping[str, set[str]], sources: list[Source]) -> Iterator[str]:
    """Facts that nothing in their own service turns into protobuf."""
    for service, messages in sorted(facts.items()):
        named: set[str] = set()
        for source in sources:
            if source.path.name == "facts.py" and source.path.is_relative_to(
                Path("services", service, service)
            ):
                named |= made(source)
        for message in sorted(messages - named):
            yield f"no facts.py of services/{service}/{service} makes {message}"


def made(source: Source) -> set[str]:
    """The names of everything that a file makes by calling it."""
    calls = (node.func for node in ast.walk(source.tree) if isinstance(node, ast.Call))
    return {func.attr if isinstance(func, ast.Attribute) else ast.unparse(func) for func in calls}


def test_there_are_facts_to_look_at() -> None:
    assert {"contacts", "identity"} <= declared_facts(ROOT / "protos").keys()


def test_every_declared_fact_has_a_producer(sources: list[Source]) -> None:
    assert list(unproduced_facts(declared_facts(ROOT / "protos"), sources)) == []


def test_facts_are_named_in_the_past_tense() -> None:
    names = [name for names in declared_facts(ROOT / "protos").values() for name in names]
    assert [name for name in sorted(names) if not PAST_TENSE.search(name)] == []


def test_a_fact_without_a_producer_is_found() -> None:
    made_up = [
        sample(
            "services/sales/sales/quotes/facts.py",
            "x = events_pb2.QuoteAccepted(y=1)\nz = {QuoteSent: x}\n",
        )
    ]
    assert list(unproduced_facts({"sales": {"QuoteAccepted", "QuoteSent"}}, made_up)) == [
        "no facts.py of services/sales/sales makes QuoteSent"
    ]


def test_a_producer_in_another_service_does_not_count() -> None:
    made_up = [sample("services/desk/desk/facts.py", "x = events_pb2.QuoteAccepted()\n")]
    assert len(list(unproduced_facts({"sales": {"QuoteAccepted"}}, made_up))) == 1
