"""Puts a new service's chart on the lists of the other charts: who reads its facts, shows its documents, leads to it, installs it."""

import re
from collections.abc import Callable

# The service whose entries show where a service is to be listed.
MODEL = "contacts"


class ChartListNotFound(RuntimeError):
    """A list is not where it was expected in a chart; the message says which."""


def chart_lists(service: str) -> dict[str, Callable[[str], str]]:
    """The files of other charts that list services, with how the new one gets into each."""
    return {
        "helm/identity/values.yaml": lambda text: with_element(text, "consumes", service),
        "helm/portal/values.yaml": lambda text: with_element(text, "documents", service),
        "helm/gateway/values.yaml": lambda text: with_element(text, "services", service),
        "helm/rapport/Chart.yaml": lambda text: with_dependency(text, service),
        "helm/rapport/values.yaml": lambda text: with_part(text, service),
        "helm/rapport/README.md": lambda text: with_switch(text, service),
    }


def with_element(text: str, name: str, service: str) -> str:
    """Values with one more element, the last one, in a list on one line."""
    return _changed(text, rf"^({name}: \[.*{MODEL}.*)\]$", rf"\1, {service}]", name)


def with_dependency(text: str, service: str) -> str:
    """What the umbrella stands on, with the service beside the model."""
    line = rf"^(.*\bname: {MODEL}, .*)$"
    found = re.search(line, text, re.MULTILINE)
    if found is None:
        raise ChartListNotFound(f"the chart rapport does not depend on {MODEL}")
    return text.replace(found[1], f"{found[1]}\n{found[1].replace(MODEL, service)}")


def with_part(text: str, service: str) -> str:
    """The umbrella's values, with the service behind the model."""
    own = rf"\1{service}:\n  enabled: true\n"
    return _changed(text, rf"^({MODEL}:\n(?: .*\n)+)", own, "a part of the chart rapport")


def with_switch(text: str, service: str) -> str:
    """The umbrella's README, with the service among those that can be switched off."""
    beside = rf"\1, `{service}.enabled`"
    return _changed(text, rf"(`{MODEL}\.enabled`)", beside, "a row of helm/rapport/README.md")


def _changed(text: str, pattern: str, replacement: str, what: str) -> str:
    changed, count = re.subn(pattern, replacement, text, count=1, flags=re.MULTILINE)
    if not count:
        raise ChartListNotFound(f"{MODEL} is not in {what}")
    return changed
