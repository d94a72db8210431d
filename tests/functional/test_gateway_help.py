"""Somebody is lost: 0200 970100 through the real gateway, the reader agent's screen, and the web till."""

import io
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from cardbank.cards.rules import BlockReason
from cardbank.cards.services import block_card, unblock_card
from cardbank.reasons import Reason
from identity.permissions import Identity
from kernel.settings import load_settings
from pos_gateway.help import SPOKEN, TEXTS
from pos_gateway.wire.codec import Message
from pos_gateway.wire.presence import check_presence
from pos_gateway.wire.tlv import Tag
from reader_agent.sale import Ask, SaleQueue
from reader_agent.screen import Screen
from reader_agent.tap import CardProof
from reader_agent.till import Result
from reader_agent.till import Till as Agent
from reservations.help.queries import views_of
from reservations.help.rules import MOST_AN_HOUR, Shows, Wish
from reservations.help.services import keep_help_card
from tests import factories
from tests.functional.bank import Bank
from tests.functional.test_gateway_doors import Place, on_screen, told
from tests.functional.test_gateway_reader_agent import opened
from tests.functional.test_web_till_tap import tap
from tests.functional.till import Till, wait_until
from tests.functional.till_page import TillPage

LEADER = "+989151234567"
SECRETS = ("Zahra Q", "Ali Q", LEADER, "diabetes Q")
FULL = Wish(True, True, frozenset(Shows), "Zahra Q", "Ali Q", LEADER, "diabetes Q")


def keep(bank: Bank, who: Identity, wish: Wish = FULL) -> None:
    with bank.session() as session:
        keep_help_card(session, who, who.person_id, wish)
        session.commit()


@pytest.fixture
def lost(bank: Bank) -> tuple[Identity, dict[str, Any]]:
    place = Place.__new__(Place)
    place.bank = bank
    return place.pilgrim()


def call(till: Till, proof: bytes) -> Message:
    fields = till.fields(de3="970100", de22="071")
    return Message("0200", fields | {48: {Tag.CARD_AUTHENTICATION: proof}})  # type: ignore[dict-item]


def test_any_terminal_shows_what_was_allowed_and_the_log_nothing(
    bank: Bank, till: Till, lost: tuple[Identity, dict[str, Any]]
) -> None:
    who, card = lost
    chip = bank.chip(card)
    refused = till.ask(call(till, till.prove(chip)))
    check_presence(refused.message)
    assert (refused.code, refused.reason, told(refused)) == ("05", Reason.HELP_NOT_ALLOWED, TEXTS["fa"]["refused"])
    assert Tag.SEALED_SCREEN not in refused.tags
    keep(bank, who)
    asked = call(till, till.prove(chip))
    reply = till.ask(asked)
    check_presence(reply.message)
    assert (reply.code, told(reply)) == ("00", TEXTS["fa"]["calls"])
    shown = on_screen(till, asked, reply)
    assert shown == {"name": "Zahra Q", "language": "انگلیسی", "leader": "Ali Q", "mobile": LEADER, "alert": "diabetes Q"}
    again = till.ask(till.again(asked))
    assert (again.code, again.tags[Tag.REPLAYED]) == ("00", "1")
    with bank.session() as session:
        assert [row.view.outcome for row in views_of(session, who.person_id)] == ["shown", "refused"]
        block_card(session, factories.ACTOR, card["card_id"], BlockReason.HOLDER)
        session.commit()
    assert till.ask(call(till, till.prove(chip))).code == "00", "a card that its holder stopped still helps"
    assert till.ask(call(till, till.prove(chip)[:9] + bytes(32))).reason == Reason.CARD_PROOF_REFUSED
    with bank.session() as session:
        unblock_card(session, factories.ACTOR, card["card_id"], "found")
        block_card(session, factories.ACTOR, card["card_id"], BlockReason.LOST)
        session.commit()
    wait_until(lambda: till.ask(call(till, till.prove(chip))).code == "41")
    log = (bank.folder / "gateway.log").read_text()
    assert "970100" in log
    assert [secret for secret in SECRETS if secret in log] == []


def test_a_terminal_is_stopped_after_so_many(bank: Bank, till: Till, lost: tuple[Identity, dict[str, Any]]) -> None:
    keep(bank, lost[0])
    chip = bank.chip(lost[1])
    codes = [till.ask(call(till, till.prove(chip))).code for _ in range(MOST_AN_HOUR + 1)]
    assert codes == [*["00"] * MOST_AN_HOUR, "65"]
    nobodys = bank.card()
    other = bank.till()
    assert other.ask(call(other, other.prove(bank.chip(nobodys)))).reason == Reason.HELP_NOT_ALLOWED
    other.close()


class Lying:
    """A card that lies on the reader and proves itself without one."""

    def __init__(self, uid: bytes) -> None:
        self.uid = uid

    def is_present(self) -> bool:
        return True

    def poll(self) -> "Lying":
        return self


def test_the_agent_shows_it_on_its_screen_and_reports_none_of_it(
    bank: Bank, lost: tuple[Identity, dict[str, Any]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    keep(bank, lost[0])
    till = bank.till()
    proof = till.prove(bank.chip(lost[1]))
    till.close()
    results, screen = list[Result](), io.StringIO()
    with opened(till.config, tmp_path) as terminal:
        for _ in range(till.counter + 1):  # the test's own terminal has used these up
            terminal._flash.next_counter()
        monkeypatch.setattr(Agent, "_prove", lambda *_: CardProof(proof[1:9], proof[9:]))
        Agent(Lying(b""), terminal, SaleQueue(None, sales=(Ask("help"),)), Screen("fa", screen), results.append).serve()  # type: ignore[arg-type]
    [result] = results
    assert (result["outcome"], result["what"], result["told"]) == ("approved", "help", TEXTS["fa"]["calls"])
    for line in (
        "نام: Zahra Q",
        "زبان: انگلیسی",
        "همراه: Ali Q",
        f"موبایل او: {LEADER}",
        "هشدار پزشکی: diabetes Q",
        TEXTS["fa"]["calls"],
    ):
        assert line in screen.getvalue()
    assert [secret for secret in SECRETS if secret in str(result)] == []


def test_every_language_says_everything_in_a_hundred_and_twenty_bytes() -> None:
    assert {frozenset(words) for words in TEXTS.values()} == {frozenset(TEXTS["fa"])}
    assert {frozenset(words) for words in SPOKEN.values()} == {frozenset(TEXTS)}
    assert all(len(text.encode()) <= 120 for words in TEXTS.values() for text in words.values())


def test_the_web_till_shows_it_to_who_holds_the_card_and_nothing_to_who_knows_a_number(
    till_page: TillPage, bank: Bank, lost: tuple[Identity, dict[str, Any]]
) -> None:
    who, card = lost
    keep(bank, who)
    chip, page = bank.chip(card), till_page.client
    assert (
        f"connect-src 'self' http://127.0.0.1:{load_settings().till_reader_port};"
        in page.get("/till/help").headers["Content-Security-Policy"]
    )
    form = {"key": str(uuid4())} | tap(till_page, chip)
    for _ in range(2):
        shown = page.post("/till/help", data=form)
        assert shown.status_code == 200
        assert [secret for secret in SECRETS if secret not in shown.text] == []
        assert "The companion is told that they are here." in shown.text
    with bank.session() as session:
        [row] = views_of(session, who.person_id)
        assert row.view.viewer_id is not None
    told = page.get(f"/till/help/told/{row.view.id}").text
    assert ("+98915•••••67" in told, "On its way" in told, [secret for secret in SECRETS if secret in told]) == (True, True, [])
    used = page.post("/till/help", data=form | {"key": str(uuid4())})
    assert (used.status_code, "hold the card to the reader again" in used.text) == (409, True)
    keyed = page.post("/till/help", data={"key": str(uuid4()), "number": card["card_number"]})
    assert (keyed.status_code, any(secret in keyed.text for secret in SECRETS)) == (422, False)
    keep(bank, who, Wish(False, False, frozenset(), "x", "", "", ""))
    off = page.post("/till/help", data={"key": str(uuid4())} | tap(till_page, chip))
    assert "shows no help card" in off.text
