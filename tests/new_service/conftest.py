"""A copy of the checkout in which a service was laid out."""

from __future__ import annotations

import pytest

from chassis.testing.fixtures import postgres, tokens

from .checkout import Checkout, copied

__all__ = ["postgres", "tokens"]


@pytest.fixture(scope="session")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Checkout:
    """The checkout with a new service that is called billing and keeps invoices."""
    copy = copied(tmp_path_factory.mktemp("checkout"))
    answer = copy.run("deploy.tools.new_service", "billing", "invoice")
    assert answer.returncode == 0, answer.stderr
    assert "services/billing/README.md" in answer.stdout
    return copy
