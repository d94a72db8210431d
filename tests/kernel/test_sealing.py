import pytest

from kernel.sealing import SealBroken, open_sealed, seal
from tests.conftest import forget_settings


def test_a_sealed_text_opens_for_its_purpose_and_owner_only() -> None:
    sealed = seal("authenticator", "JBSWY3DP", "7")
    assert open_sealed("authenticator", sealed, "7") == "JBSWY3DP"
    assert b"JBSWY3DP" not in sealed
    assert seal("authenticator", "JBSWY3DP", "7") != sealed
    for purpose, owner in (("authenticator", "8"), ("webhook", "7")):
        with pytest.raises(SealBroken):
            open_sealed(purpose, sealed, owner)


def test_an_altered_or_cut_seal_does_not_open() -> None:
    sealed = seal("authenticator", "JBSWY3DP", "7")
    for broken in (b"", sealed[:20], sealed[:-1], bytes([sealed[0] ^ 1]) + sealed[1:], sealed[:-1] + bytes([sealed[-1] ^ 1])):
        with pytest.raises(SealBroken):
            open_sealed("authenticator", broken, "7")


def test_another_secret_key_opens_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    sealed = seal("authenticator", "JBSWY3DP", "7")
    monkeypatch.setenv("PILGRIM_SECRET_KEY", "another-" + "y" * 32)
    forget_settings()
    with pytest.raises(SealBroken):
        open_sealed("authenticator", sealed, "7")
    monkeypatch.undo()
    forget_settings()
