import hashlib
import hmac
from datetime import timedelta

import pytest

from merchants.webhooks.errors import WrongEndpointAddress
from merchants.webhooks.rules import PAUSES, Target, is_outside, pause_after, signature, target_of


@pytest.mark.parametrize("address", ["93.184.216.34", "2606:2800:220:1:248:1893:25c8:1946"])
def test_the_public_internet_may_be_called(address: str) -> None:
    assert is_outside(address)


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1", "127.8.8.8", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "0.0.0.0", "224.0.0.1",
        "255.255.255.255", "240.0.0.1", "192.0.2.1", "198.18.0.1", "::1", "::", "fe80::1", "fe80::1%eth0", "fc00::1", "fd12::1",
        "ff02::1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "64:ff9b::5db8:d822", "64:ff9b::7f00:1", "64:ff9b::a9fe:a9fe", "2002:7f00:1::", "2002:a00:1::",
        "2001:db8::1",
    ],
)  # fmt: skip
def test_nothing_inside_is_called_however_it_is_written(address: str) -> None:
    assert not is_outside(address)


def test_an_address_is_taken_apart() -> None:
    assert target_of("https://accounting.example/a/b?c=d", allows_plain=False) == Target(
        "accounting.example", 443, "/a/b?c=d", True
    )
    assert target_of(" https://accounting.example:8443 ", allows_plain=False) == Target("accounting.example", 8443, "/", True)
    assert target_of("http://127.0.0.1:80/x", allows_plain=True) == Target("127.0.0.1", 80, "/x", False)


@pytest.mark.parametrize(
    ("address", "fault"),
    [
        ("http://accounting.example/", "scheme"), ("ftp://accounting.example/", "scheme"), ("file:///etc/passwd", "form"), ("", "form"),
        ("https://", "form"), ("https://user:word@accounting.example/", "form"), ("https://accounting.example/#x", "form"),
        ("https://accounting.example:99999/", "form"), ("https://a b/", "form"), ("https://accounting.example/\r\nHost: x", "form"),
        ("https://accounting.example/" + "x" * 300, "form"),
    ],
)  # fmt: skip
def test_an_address_that_is_none_is_refused(address: str, fault: str) -> None:
    with pytest.raises(WrongEndpointAddress) as refused:
        target_of(address, allows_plain=False)
    assert refused.value.facts == {"field": "address", "fault": fault}


def test_the_signature_is_what_a_receiver_computes() -> None:
    expected = hmac.new(b"whsec_x", b'1764121200.{"id":"1"}', hashlib.sha256).hexdigest()
    assert signature("whsec_x", 1764121200, b'{"id":"1"}') == f"v1={expected}"
    assert signature("whsec_x", 1764121201, b'{"id":"1"}') != f"v1={expected}"


def test_pauses_grow_and_end() -> None:
    pauses = [pause_after(tries) for tries in range(1, len(PAUSES) + 1)]
    assert pauses == sorted(pauses)
    assert sum(pauses, timedelta()) > timedelta(days=1)
    assert pause_after(len(PAUSES) + 1) is None
