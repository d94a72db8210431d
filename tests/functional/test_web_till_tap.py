"""A card at the reader pays at the web till: the page's two visits, with the chip's answer in between."""

from typing import Any

import pytest

from kernel.settings import load_settings
from merchants.till.errors import ShiftNotFound
from tests.functional.bank import Bank
from tests.functional.till import Chip
from tests.functional.till_page import TillPage
from tests.merchants.till.shop import Shop


def challenged(page: TillPage, chip: Chip) -> Any:
    return page.client.post("/till/challenge", data={"uid": chip.uid.hex(), "challenge": chip.challenge().hex()})


def tap(page: TillPage, chip: Chip) -> dict[str, str]:
    """What the page's form carries after the card has answered."""
    said = challenged(page, chip).json
    return {"challenge": said["challenge"], "card-answer": chip.answer(bytes.fromhex(said["part2"])).hex()}


def test_a_tapped_card_pays_once(till_page: TillPage, bank: Bank, card: dict[str, Any]) -> None:
    before, chip = bank.balance(card), bank.chip(card)
    sale = till_page.begin(("زعفران", "1", "60000")).location
    proof = tap(till_page, chip)
    for _ in range(2):
        assert till_page.pay(sale, "", **proof).location == sale
    assert "Paid at" in till_page.see(sale)
    assert bank.balance(card) == before - 60_000
    other = till_page.begin(("", "1", "5000")).location
    refused = till_page.pay(other, "", **proof)
    assert "hold the card to the reader again" in till_page.see(refused.location)
    assert bank.balance(card) == before - 60_000


def test_a_copied_uid_pays_nothing(till_page: TillPage, bank: Bank, card: dict[str, Any]) -> None:
    before, chip = bank.balance(card), bank.chip(card)
    sale = till_page.begin(("", "1", "60000")).location
    forged = tap(till_page, chip) | {"card-answer": "00" * 32}
    declined = till_page.pay(sale, "", **forged)
    assert "Card could not prove itself" in till_page.see(declined.location)
    assert "60,000" in till_page.see(declined.location)
    assert bank.balance(card) == before


def test_a_challenge_serves_the_till_it_was_made_for(
    till_page: TillPage, bank: Bank, card: dict[str, Any], sit_down: Any, at: Shop
) -> None:
    from tests.merchants.till.shop import web_till

    with bank.session() as session:
        beside = web_till(session, at.branch.id)
        session.commit()
    elsewhere = sit_down()
    elsewhere.open(beside.code)
    proof = tap(elsewhere, bank.chip(card))
    sale = till_page.begin(("", "1", "1000")).location
    assert "Card could not prove itself" in till_page.see(till_page.pay(sale, "", **proof).location)


def test_an_unknown_card_is_told_in_a_sentence(till_page: TillPage, bank: Bank, card: dict[str, Any]) -> None:
    stranger = bank.chip(card)
    stranger.uid = bytes(7)
    answer = challenged(till_page, stranger)
    assert answer.status_code == 409
    assert answer.json["fault"].startswith("Unknown card.")


@pytest.mark.parametrize("sent", [{}, {"uid": "00", "challenge": "00" * 16}, {"uid": "zz" * 7, "challenge": "00" * 16}])
def test_what_no_reader_says_is_refused(till_page: TillPage, sent: dict[str, str]) -> None:
    assert till_page.client.post("/till/challenge", data=sent).status_code == 422
    sale = till_page.begin(("", "1", "1000")).location
    assert till_page.pay(sale, "", challenge="xx").status_code == 422


def test_only_pages_that_take_a_card_may_connect_to_the_reader(till_page: TillPage, sit_down: Any) -> None:
    reader = f"connect-src 'self' http://127.0.0.1:{load_settings().till_reader_port};"
    sale = till_page.begin(("", "1", "1000")).location
    for address in (sale, "/till", "/till/top-up"):
        assert reader in till_page.client.get(address).headers["Content-Security-Policy"]
    for address in ("/till/returns", "/account"):
        assert "connect-src 'self';" in till_page.client.get(address).headers["Content-Security-Policy"]
    idle = sit_down()
    assert idle.client.post("/till/challenge", data={"uid": "00" * 7, "challenge": "00" * 16}).status_code == ShiftNotFound.status
