"""What a new service and its first resource are called: checked, and in every form that its files need."""

import importlib.util
import keyword
import re
import sys
from dataclasses import dataclass
from pathlib import Path

_SERVICE = re.compile(r"[a-z][a-z0-9]{1,29}")
_THING = re.compile(r"[a-z]+(?:_[a-z]+)*")
_LONGEST_THING = 30
# Names of the platform's own parts: NATS users, hosts, variables, folders of the checkout.
_PARTS = frozenset(
    "common database gateway jwks nats otlp platform postgres provisioner public service".split()
)
# What the chassis, SQL or the laid-out code itself calls something else already.
_OTHER_THINGS = frozenset(
    """
    access aggregate app body call conflict envelope event fact job listing name owner person query reading reference
    reply response route scope service settings table tenant timer token transaction value version
    """.split()
)


class WrongWord(ValueError):
    """A name that no service, or no resource, can have; the message says why."""


@dataclass(frozen=True)
class ServiceWords:
    """The names of a service and of its first resource, both singular and plural."""

    service: str
    thing: str
    things: str

    @classmethod
    def of(
        cls, service: str, thing: str | None = None, things: str | None = None
    ) -> "ServiceWords":
        """Raises WrongWord. Without a `thing` it is what the service is called after, or an item."""
        _check_service(service)
        thing = thing or (service[:-1] if re.fullmatch(r"[a-z]{3,}[^s]s", service) else "item")
        things = things or plural_of(thing)
        for word in (thing, things):
            _check_thing(word)
        if thing == things:
            raise WrongWord(f"{thing}: say what several are called, with another word")
        return cls(service, thing, things)

    @property
    def in_templates(self) -> dict[str, str]:
        """The placeholders of the templates, and what they stand for."""
        words, many = self.thing.replace("_", " "), self.things.replace("_", " ")
        a_thing = f"{'an' if words[0] in 'aeiou' else 'a'} {words}"
        return {
            "service": self.service,
            "Service": self.service.capitalize(),
            "SERVICE": self.service.upper(),
            "thing": self.thing,
            "Thing": _camel(self.thing),
            "things": self.things,
            "Things": _camel(self.things),
            "THINGS": self.things.upper(),
            "path": self.things.replace("_", "-"),
            "words": words,
            "many": many,
            "Many": many.capitalize(),
            "a_thing": a_thing,
            "A_thing": a_thing[0].upper() + a_thing[1:],
        }

    def in_path(self, path: str) -> Path:
        """Where a template's file belongs: the words in capitals stand for these names."""
        for placeholder, word in (
            ("SERVICE", self.service),
            ("THINGS", self.things),
            ("THING", self.thing),
        ):
            path = path.replace(placeholder, word)
        return Path(path)


def plural_of(noun: str) -> str:
    """What several are called, by the rules of English; irregular nouns are said by whoever asks."""
    if re.search(r"[^aeiou]y$", noun):
        return f"{noun[:-1]}ies"
    if re.search(r"(?:s|x|z|ch|sh)$", noun):
        return f"{noun}es"
    return f"{noun}s"


def _check_service(name: str) -> None:
    if not _SERVICE.fullmatch(name):
        raise WrongWord(
            f"{name!r} is no name of a service: one word of 2 to 30 small letters and digits is"
        )
    if keyword.iskeyword(name) or name in sys.stdlib_module_names:
        raise WrongWord(f"{name!r} is a word of Python's own; a package cannot be called that")
    if name in _PARTS:
        raise WrongWord(f"{name!r} is what a part of the platform is called")


def _check_thing(word: str) -> None:
    if not _THING.fullmatch(word) or len(word) > _LONGEST_THING:
        raise WrongWord(
            f"{word!r} is no name of a resource: small letters are, with _ between words, 30 at most"
        )
    if keyword.iskeyword(word) or word in _OTHER_THINGS:
        raise WrongWord(f"{word!r} means something else in a service already; take another word")


def refuse_taken(root: Path, service: str) -> None:
    """Raises WrongWord when there is a service, or anything else that Python imports, of this name."""
    for place in (
        f"services/{service}",
        f"gateway/routes/{service}.yml",
        f"protos/rapport/{service}",
        f"helm/{service}",
        f"tests/contracts/released/{service}.json",
    ):
        if (root / place).exists():
            raise WrongWord(f"{service!r} is taken: there is {place} already; nothing was changed")
    if (root / service).exists() or importlib.util.find_spec(service) is not None:
        raise WrongWord(f"{service!r} is what another package is called, which is installed here")


def _camel(words: str) -> str:
    return "".join(word.capitalize() for word in words.split("_"))
