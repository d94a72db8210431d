import pytest

from kernel.signing import is_signed, is_signed_by, public_key, sign
from tests.conftest import forget_settings


def test_a_signature_is_of_one_text_and_one_purpose() -> None:
    signature = sign("pass", b"text")
    assert is_signed("pass", b"text", signature)
    assert is_signed_by(public_key("pass"), b"text", signature)
    assert len(public_key("pass")) == 32
    assert not is_signed("pass", b"other", signature)
    assert not is_signed("list", b"text", signature)
    for broken in (b"", signature[:-1], bytes([signature[0] ^ 1]) + signature[1:]):
        assert not is_signed("pass", b"text", broken)
    assert not is_signed_by(b"short", b"text", signature)


def test_another_secret_key_signs_otherwise(monkeypatch: pytest.MonkeyPatch) -> None:
    signature = sign("pass", b"text")
    monkeypatch.setenv("PILGRIM_SECRET_KEY", "another-" + "y" * 32)
    forget_settings()
    assert not is_signed("pass", b"text", signature)
    monkeypatch.undo()
    forget_settings()
