"""Reading the addresses that tenants give."""

from __future__ import annotations

import pytest

from chassis.outbound.errors import OutboundRefused
from chassis.outbound.url import Target, read_target


@pytest.mark.parametrize(
    ("url", "target"),
    [
        ("https://Example.com", Target(secure=True, host="example.com", port=443, path="/")),
        (
            "https://example.com:8443/a?b=c",
            Target(secure=True, host="example.com", port=8443, path="/a?b=c"),
        ),
        ("http://127.0.0.1:9000/x", Target(secure=False, host="127.0.0.1", port=9000, path="/x")),
        (
            "https://[2606:4700::1111]/",
            Target(secure=True, host="2606:4700::1111", port=443, path="/"),
        ),
        (
            "https://例子.tw/hook",
            Target(secure=True, host="xn--fsqu00a.tw", port=443, path="/hook"),
        ),
    ],
)
def test_an_address_is_taken_apart(url: str, target: Target) -> None:
    assert read_target(url) == target


@pytest.mark.parametrize(
    "url",
    [
        "ftp://example.com/",
        "file:///etc/passwd",
        "//example.com/",
        "example.com",
        "https://",
        "https:///path",
        "https://user:secret@example.com/",
        "https://example.com@127.0.0.1/",
        "https://example.com/#fragment",
        "https://example.com/#",
        "https://example.com:99999/",
        "https://example.com\\@127.0.0.1/",
        "https://example.com/a b",
        "https://example.com/\r\nX-Injected: 1",
        "https://[::1/",
        "https://xn--a.invalid\u3002\u200b/",
        "https://example.com/" + "a" * 2048,
    ],
)
def test_what_is_no_plain_address_is_refused(url: str) -> None:
    with pytest.raises(OutboundRefused) as refused:
        read_target(url)
    assert refused.value.code == "not_a_url"


@pytest.mark.parametrize("port", [22, 25, 587, 993])
def test_ports_of_other_protocols_are_refused(port: int) -> None:
    with pytest.raises(OutboundRefused) as refused:
        read_target(f"https://example.com:{port}/")
    assert refused.value.code == "port_not_allowed"


def test_the_host_header_names_a_port_that_is_not_the_usual_one() -> None:
    assert read_target("https://example.com:443/").authority == "example.com"
    assert read_target("https://example.com:8443/").authority == "example.com:8443"
    assert read_target("https://[2606:4700::1111]:8443/").authority == "[2606:4700::1111]:8443"
