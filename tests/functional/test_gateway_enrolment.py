"""A card issued at the till: 0100 and 0220 940000, and 0100 980000, through the real gateway and database."""

import os
from collections.abc import Iterator
from datetime import timedelta
from itertools import count
from typing import Any

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from cardbank.cards.queries import card_profile, cards_of_person, find_by_uid
from cardbank.cards.rules import BlockReason, CardStatus
from cardbank.cards.services import stock_card
from cardbank.issuing.services import end_limit, set_limit
from cardbank.reasons import Reason
from identity.queries import person_of_document
from identity.rules import national_id_check_digit
from kernel import clock
from merchants.enrolment.models import TillEnrolment
from merchants.enrolment.rules import MOST_A_DAY
from merchants.enrolment.services import expire_overdue
from pos_gateway.wire.codec import Message
from pos_gateway.wire.dukpt import Usage
from pos_gateway.wire.presence import check_presence
from pos_gateway.wire.tlv import Tag
from tests import factories
from tests.functional.bank import Bank
from tests.functional.till import Reply, Till

_people = count(11_234_567)


@pytest.fixture
def at(bank: Bank) -> Iterator[Till]:
    terminal = bank.till(language="en")
    yield terminal
    terminal.close()


@pytest.fixture
def uid(bank: Bank) -> bytes:
    return stocked(bank)


def stocked(bank: Bank) -> bytes:
    """The chip of a card that nobody holds yet."""
    chip = b"\x04" + os.urandom(6)
    with bank.session() as session:
        stock_card(session, bank.keystore, factories.ACTOR, chip)
        session.commit()
    return chip


def form(**changes: str) -> dict[int, str]:
    """A pilgrim who is on no record."""
    nine = f"0{next(_people):08d}"
    said = {
        "kind": "N",
        "number": f"{nine}{national_id_check_digit(nine)}",
        "called": "Zahra",
        "mobile": f"0915{next(_people):07d}"[:11],
    }
    said |= changes
    tags = {"kind": 0xDF71, "number": 0xDF72, "country": 0xDF73, "called": 0xDF74, "mobile": 0xDF75}
    return {tags[name]: text for name, text in said.items() if text}


def begin(till: Till, uid: bytes, said: dict[int, str], consent: bytes = b"\x01") -> Message:
    fields = till.fields(de3="940000", de22="071")
    clear = b"".join(tag.to_bytes(2, "big") + bytes([len(text.encode())]) + text.encode() for tag, text in said.items())
    counter, nonce = 3, os.urandom(12)
    bound = f"{fields[41]}{fields[7]}{fields[11]}".encode()
    sealed = AESGCM(till._keys.derive(counter, Usage.DATA_TO_HOST)).encrypt(nonce, clear, bound)
    tags = {Tag.ENCRYPTED_IDENTITY: counter.to_bytes(4, "big") + nonce + sealed, Tag.CHIP_UID: uid, Tag.CONSENT: consent}
    return Message("0100", fields | {48: tags})  # type: ignore[dict-item]


def confirm(till: Till, uid: bytes, code: str) -> Message:
    fields = till.fields(de3="940000", de4="0" * 12, de22="071", de38=code)
    return Message("0220", fields | {48: {Tag.CHIP_UID: uid}})  # type: ignore[dict-item]


def of_chip(bank: Bank, uid: bytes) -> Any:
    with bank.session() as session:
        return find_by_uid(session, uid)


def told(reply: Reply) -> str:
    return str(reply.tags[Tag.CAMPAIGN_TEXT])


def test_a_pilgrim_walks_away_with_a_card_that_pays(bank: Bank, at: Till, uid: bytes) -> None:
    said = form()
    message = begin(at, uid, said)
    begun = at.ask(message)
    check_presence(begun.message)
    assert (begun.code, told(begun)) == ("00", "Please hand the card to its holder.")
    assert of_chip(bank, uid).status is CardStatus.STOCK
    again = at.ask(message)
    assert (again.code, again[38]) == ("00", begun[38])
    handed = at.ask(confirm(at, uid, begun[38]))
    check_presence(handed.message)
    assert (handed.mti, handed.code) == ("0230", "00")
    assert at.ask(confirm(at, uid, begun[38])).code == "00"
    card = of_chip(bank, uid)
    assert (card.status, card.masked, card.language) == (CardStatus.ACTIVE, handed.tags[Tag.MASKED_CARD], "en")
    with bank.session() as session:
        assert person_of_document(session, "national_id", "IRN", said[0xDF72]) == card.person_id
        assert [one.card_id for one in cards_of_person(session, card.person_id)] == [card.card_id]
        row = session.query(TillEnrolment).filter_by(card_id=card.card_id).one()
        assert (row.state, row.identity_sealed, row.document_digest) == ("confirmed", None, None)
    assert said[0xDF72] not in (bank.folder / "gateway.log").read_text()
    known = at.ask(begin(at, stocked(bank), said))
    assert (known.code, told(known)) == ("05", "This document is on record already: a desk helps.")
    shared = at.ask(begin(at, stocked(bank), form(mobile=said[0xDF75])))
    assert (shared.reason, told(shared)) == (
        Reason.ENROLMENT_PERSON_KNOWN, "This mobile number is on record already: a desk helps.",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("said", "consent", "reason", "text"),
    [
        ({"number": "0011234567"}, 1, Reason.ENROLMENT_IDENTITY_WRONG, "The document's number is wrong: read it again."),
        ({"called": ""}, 1, Reason.ENROLMENT_IDENTITY_WRONG, "The name is missing: write it as the document has it."),
        ({"mobile": "12"}, 1, Reason.ENROLMENT_IDENTITY_WRONG, "The mobile number is wrong: read it again, or leave it out."),
        ({"kind": "P", "number": "A1234567"}, 1, Reason.ENROLMENT_IDENTITY_WRONG, "Write the passport's country in three letters."),
        ({}, 0, Reason.ENROLMENT_WITHOUT_CONSENT, "Nobody is enrolled without agreeing to it."),
    ],
)
def test_what_is_wrong_is_named_and_nothing_is_kept(
    bank: Bank, at: Till, uid: bytes, said: dict[str, str], consent: int, reason: Reason, text: str
) -> None:
    refused = at.ask(begin(at, uid, form(**said), bytes([consent])))
    assert (refused.code, refused.reason, told(refused)) == ("05", reason, text)
    assert 38 not in refused.message.fields
    assert of_chip(bank, uid).status is CardStatus.STOCK
    assert bank.read("SELECT count(*) FROM till_enrolment WHERE state = 'pending'") == [(0,)]


def test_a_passport_without_a_telephone_is_enough(bank: Bank, at: Till, uid: bytes) -> None:
    begun = at.ask(begin(at, uid, form(kind="P", number="A1234567", country="IRQ", mobile="", called="علي")))
    assert at.ask(confirm(at, uid, begun[38])).code == "00"


def test_who_is_not_confirmed_in_time_begins_again_with_the_same_card(bank: Bank, at: Till, uid: bytes) -> None:
    said = form()
    begun = at.ask(begin(at, uid, said))
    busy = at.ask(begin(at, uid, form()))
    assert (busy.reason, told(busy)) == (Reason.ENROLMENT_PERSON_KNOWN, "Another till is at work on this card or document.")
    lost = at.ask(begin(at, uid, said))  # the till has not heard the first answer
    assert lost.code == "00"
    assert at.ask(confirm(at, uid, begun[38])).code == "05"
    begun = lost
    with bank.session() as session:
        assert expire_overdue(session, clock.now() + timedelta(minutes=10)) == 1
        session.commit()
    late = at.ask(confirm(at, uid, begun[38]))
    assert (late.code, told(late)) == ("05", "Ten minutes have passed: begin again.")
    anew = at.ask(begin(at, uid, said))
    assert at.ask(confirm(at, uid, begun[38])).code == "05"
    assert at.ask(confirm(at, uid, anew[38])).code == "00"


def test_a_card_is_issued_out_of_the_stock_only(bank: Bank, at: Till, card: dict[str, Any]) -> None:
    assert at.ask(begin(at, bytes.fromhex(card["uid"]), form())).code == "57"
    unknown = at.ask(begin(at, b"\x04" + bytes(6), form()))
    assert (unknown.code, told(unknown)) == ("14", "Please take a new card out of the stock.")
    message = begin(at, stocked(bank), form())
    other = message.fields | {11: "777777"}
    assert at.ask(Message("0100", other)).code == "76"


def test_a_terminal_enrols_up_to_its_limit_of_the_day_and_says_so(bank: Bank, at: Till, uid: bytes) -> None:
    spent = """INSERT INTO till_enrolment (code, terminal_id, card_id, key_date, key, content_hash, state, begun_at, expires_at)
               SELECT 'AAAAAA', t.id, c.id, current_date, 'old ' || n, 0, 'expired', now(), now()
               FROM terminal t, card c, generate_series(1, %s) n WHERE t.code = %s AND c.uid = %s RETURNING 1"""
    bank.read(spent, MOST_A_DAY - 1, at.config["terminal"], uid)
    assert at.ask(begin(at, uid, form())).code == "00"
    refused = at.ask(begin(at, stocked(bank), form()))
    assert (refused.code, told(refused)) == ("65", f"This terminal may enrol {MOST_A_DAY} a day, and has.")


def test_a_holder_stops_the_own_card_at_a_till(bank: Bank, at: Till, card: dict[str, Any]) -> None:
    tapped = at.fields(de3="980000", de22="071")
    proof = at.prove(bank.chip(card))
    stopped = at.ask(Message("0100", tapped | {48: {Tag.CARD_AUTHENTICATION: proof}}))  # type: ignore[dict-item]
    check_presence(stopped.message)
    assert (stopped.code, str(stopped.tags[Tag.MASKED_CARD])[-4:]) == ("00", card["card_number"][-4:])
    keyed = Message("0100", at.fields(de3="980000", de2=card["card_number"]) | {48: {}})
    assert at.ask(keyed).code == "00"
    with bank.session() as session:
        now = card_profile(session, card["card_id"])
    assert now is not None
    assert (now.status, now.block_reason) == (CardStatus.BLOCKED, BlockReason.HOLDER)
    assert at.ask(Message("0100", at.fields(de3="980000", de2="9364000000000000001") | {48: {}})).code == "14"


def test_a_branch_hands_out_no_more_than_its_limit_neither_begun_before_nor_after(bank: Bank, at: Till, uid: bytes) -> None:
    other = stocked(bank)
    began_first, began_second = (at.ask(begin(at, one, form(mobile=""))) for one in (uid, other))
    with bank.session() as session:
        limit = set_limit(session, factories.ACTOR, "branch", None, "day", 1)
        session.commit()
    assert at.ask(confirm(at, uid, began_first[38])).code == "00"
    late = at.ask(confirm(at, other, began_second[38]))
    assert (late.reason, of_chip(bank, other).status) == (Reason.FREQUENCY_LIMIT, CardStatus.STOCK)
    assert at.ask(begin(at, stocked(bank), form(mobile=""))).reason == Reason.FREQUENCY_LIMIT
    with bank.session() as session:
        end_limit(session, factories.ACTOR, limit.id)
        session.commit()
