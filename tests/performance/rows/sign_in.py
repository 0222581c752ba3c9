"""Signing in: passwords against the bare hash, and tokens for apps."""

from __future__ import annotations

import base64
import time
from statistics import median
from urllib.parse import urlencode

from argon2.low_level import Type, hash_secret

from deploy.demo.browser import Browser
from identity.settings import IdentitySettings
from tests.performance.figure import Figure, Figures
from tests.performance.load import LoadRun, request_bytes
from tests.performance.subject import Subject

_SIGN_INS = 15
_SECONDS = 4.0


def measure(subject: Subject) -> Figures:
    """Sign-ins with a password, and tokens by client credentials."""
    yield _sign_ins(subject)
    yield _tokens(subject)


def _sign_ins(subject: Subject) -> Figure:
    """Sign in one after the other, and hash as often with the same parameters and nothing else."""
    hashes, forms = [], []
    for _ in range(_SIGN_INS):
        hashes.append(_seconds_of_a_hash())
        forms.append(_seconds_of_a_sign_in(subject))
    return Figure(
        "password sign-ins on one core",
        1 / median(forms),
        "per second",
        1 / median(hashes),
        0.9,
    )


def _seconds_of_a_hash() -> float:
    started = time.perf_counter()
    defaults = IdentitySettings.model_fields
    hash_secret(
        b"a password as people choose them",
        b"sixteen bytes of",
        defaults["password_passes"].default,
        defaults["password_memory_kib"].default,
        1,
        32,
        Type.ID,
    )
    return time.perf_counter() - started


def _seconds_of_a_sign_in(subject: Subject) -> float:
    """From sending the form to its answer; the pages before and after are not counted."""
    who = subject.tenant.administrator
    with Browser(subject.gateway) as browser:
        page = browser.open("/p/identity/sign-in")
        form = page.form_with("email", "password")
        answer = browser.send(page, form, email=who.email, password=who.password)
    if not answer.is_redirect:
        raise RuntimeError("the sign-in was refused")
    return answer.elapsed.total_seconds()


def _tokens(subject: Subject) -> Figure:
    known = f"{subject.credentials.client_id}:{subject.credentials.secret}"
    request = request_bytes(
        "POST",
        f"{subject.gateway}/oauth/token",
        headers={
            "Authorization": f"Basic {base64.b64encode(known.encode()).decode()}",
            "Content-Type": "application/x-www-form-urlencoded",
        },
        body=urlencode({"grant_type": "client_credentials", "scope": "contacts.*"}).encode(),
    )
    result = LoadRun(subject.gateway, lambda _: request, connections=4).saturate(_SECONDS)
    if set(result.statuses) != {200}:
        raise RuntimeError(f"tokens were refused: {result.statuses}")
    return Figure("client-credential tokens", result.per_second, "per second", reach=120)
