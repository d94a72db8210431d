import os

import pytest

from kernel.errors import StartRefused
from kernel.settings import load_settings


@pytest.fixture(autouse=True)
def fresh() -> None:
    load_settings.cache_clear()


def test_an_unknown_key_stops_the_start_with_its_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PILGRIM_GATEWAY_BNID", "127.0.0.1:1")
    with pytest.raises(StartRefused, match="PILGRIM_GATEWAY_BNID"):
        load_settings()


def test_a_missing_key_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PILGRIM_SECRET_KEY")
    with pytest.raises(StartRefused, match="PILGRIM_SECRET_KEY"):
        load_settings()


def test_production_without_terminal_tls_does_not_start(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PILGRIM_ENVIRONMENT", "production")
    with pytest.raises(StartRefused, match="TLS"):
        load_settings()


@pytest.mark.parametrize(
    ("sheba", "bic", "said"),
    [
        ("IR979990000000000000000002", "PLGRIRTHXXX", "PILGRIM_PAYOUT_DEBTOR_SHEBA"),
        ("IR97", "PLGRIRTHXXX", "PILGRIM_PAYOUT_DEBTOR_SHEBA"),
        ("IR979990000000000000000001", "BANK", "PILGRIM_PAYOUT_DEBTOR_BIC"),
        ("IR979990000000000000000001", "", "set together or not at all"),
        ("", "PLGRIRTHXXX", "set together or not at all"),
    ],
)
def test_a_payer_that_no_bank_would_take_stops_the_start(monkeypatch: pytest.MonkeyPatch, sheba: str, bic: str, said: str) -> None:
    monkeypatch.setenv("PILGRIM_PAYOUT_DEBTOR_SHEBA", sheba)
    monkeypatch.setenv("PILGRIM_PAYOUT_DEBTOR_BIC", bic)
    with pytest.raises(StartRefused, match=said):
        load_settings()


def test_the_secret_stays_out_of_the_text_of_the_settings() -> None:
    assert os.environ["PILGRIM_SECRET_KEY"] not in repr(load_settings())
