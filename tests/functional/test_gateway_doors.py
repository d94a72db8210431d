"""A card at a door: 0200 970000 through the real gateway and database, and the reader agent beside it with a card on nfcpy's UDP."""

import io
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from cardbank.cards.export import card_export
from cardbank.cards.rules import BlockReason
from cardbank.cards.services import block_card
from cardbank.reasons import Reason
from cardbank.services import new_request_key, top_up_at_desk
from identity.permissions import Identity, Role
from kernel.settings import load_settings
from pos_gateway.wire.codec import Message
from pos_gateway.wire.dukpt import Usage
from pos_gateway.wire.presence import check_presence
from pos_gateway.wire.screen import FIELDS
from pos_gateway.wire.tlv import Tag
from reader_agent.config import TerminalConfig
from reader_agent.device import NfcpyReader
from reader_agent.dukpt import TerminalKeys
from reader_agent.flash import Flash
from reader_agent.sale import Ask, SaleQueue
from reader_agent.screen import Screen
from reader_agent.terminal import Terminal
from reader_agent.till import Result
from reader_agent.till import Till as Agent
from reservations.bookings.models import Booking
from reservations.bookings.rules.states import Wanted
from reservations.bookings.services.cancelling import cancel
from reservations.bookings.services.doors import live_text, pass_text
from reservations.bookings.services.holding import Ask as Stay
from reservations.bookings.services.holding import hold
from reservations.bookings.services.naming import name_door
from reservations.bookings.services.paying import pay
from reservations.lodging.rules import Party
from reservations.programmes.models import SeatPool, ShrineSession
from reservations.programmes.services.seating import SeatAsk, take_seats
from tests import factories
from tests.functional.bank import ROOT, Bank
from tests.functional.till import Chip, Reply, Till, wait_until
from tests.reservations import stays
from tests.reservations.test_programmes import Office


class Place:
    """An office with a programme that begins in an hour, and terminals at its door."""

    def __init__(self, bank: Bank) -> None:
        self.bank = bank
        with bank.session() as session:
            office = Office(session)
            self.organisation_id, self.clerk = office.organisation.id, office.clerk
            self.soon, self.far = office.date(hours=1, family=60, men=60), office.date(hours=72)
            session.commit()

    def till(self, *, language: str = "en") -> Till:
        till = self.bank.till(language=language)
        with self.bank.session() as session:
            name_door(session, self.clerk, self.organisation_id, till.config["terminal"])
            session.commit()
        return till

    def pilgrim(self) -> tuple[Identity, dict[str, Any]]:
        """Somebody with a card."""
        with self.bank.session() as session:
            who, _ = factories.account(session, language="en")
            card = factories.card(session, person_id=who.person_id, language="en", uid=b"\x04" + os.urandom(6))
            session.commit()
            return who, card_export(session, self.bank.keystore, card.id) | {"card_id": card.id}

    def take(self, who: Identity, party: Party, kind: str = "family", of: ShrineSession | None = None) -> Booking:
        of = of or self.soon
        with self.bank.session() as session:
            pool = session.query(SeatPool).filter_by(session_id=of.id, kind=kind).one()
            made = take_seats(session, who, SeatAsk(str(uuid4()), of.id, (Wanted(pool.id, party.people, party),)))
            session.commit()
        return made


@pytest.fixture(scope="module")
def place(bank: Bank) -> Place:
    return Place(bank)


@pytest.fixture
def door(place: Place) -> Iterator[Till]:
    terminal = place.till()
    yield terminal
    terminal.close()


def knock(till: Till, proof: bytes, people: int | None = None, **changes: Any) -> Message:
    fields = till.fields(de3="970000", de22="071", **changes)
    tags: dict[int, Any] = {Tag.CARD_AUTHENTICATION: proof}
    if people is not None:
        tags[Tag.PEOPLE] = f"{people:02d}"
    return Message("0200", fields | {48: tags})  # type: ignore[dict-item]


def told(reply: Reply) -> str:
    return str(reply.tags[Tag.CAMPAIGN_TEXT])


def on_screen(till: Till, asked: Message, reply: Reply) -> dict[str, str]:
    """What the answer has for the terminal's screen alone."""
    sealed = reply.tags[Tag.SEALED_SCREEN]
    key = till._keys.derive(till.counter, Usage.DATA_TO_TERMINAL)
    bound = f"{till.config['terminal']}{asked.fields[7]}{asked.fields[11]}".encode()
    clear, at, found = AESGCM(key).decrypt(sealed[:12], sealed[12:], bound), 0, {}
    names = {number: name for name, number in FIELDS.items()}
    while at < len(clear):
        found[names[int.from_bytes(clear[at : at + 2])]] = clear[at + 3 : at + 3 + clear[at + 2]].decode()
        at += 3 + clear[at + 2]
    return found


def test_a_leader_brings_two_then_the_rest_and_nobody_twice(bank: Bank, place: Place, door: Till) -> None:
    who, card = place.pilgrim()
    place.take(who, Party(men=1, women=2))
    chip = bank.chip(card)
    first = knock(door, door.prove(chip), 2)
    reply = door.ask(first)
    check_presence(reply.message)
    assert (reply.mti, reply.code, reply.tags[Tag.LET_IN]) == ("0210", "00", "002001")
    assert told(reply) == "Please let 2 in; 1 more are to come."
    assert on_screen(door, first, reply) == {"name": "Pilgrim", "lodging": "Sample meal", "places": "families"}
    again = door.ask(door.again(first))
    assert (again.code, again.tags[Tag.LET_IN], again.tags[Tag.REPLAYED]) == ("00", "002001", "1")
    many = door.ask(knock(door, door.prove(chip), 2))
    assert (many.code, many.reason, told(many)) == ("05", Reason.ENTRY_REFUSED, "Only 1 more may come in.")
    rest = door.ask(knock(door, door.prove(chip)))
    assert (rest.tags[Tag.LET_IN], told(rest)) == ("001000", "Please let 1 in.")
    late = door.ask(knock(door, door.prove(chip)))
    assert (late.code, told(late)[:10]) == ("05", "Came in at")
    assert Tag.SEALED_SCREEN not in late.tags
    log = (bank.folder / "gateway.log").read_text()
    assert "Pilgrim" not in log
    assert who.name not in log


def test_a_door_says_why_it_stays_shut(bank: Bank, place: Place, door: Till, till: Till) -> None:
    who, card = place.pilgrim()
    chip = bank.chip(card)

    def answer(at: Till = door) -> tuple[str, str]:
        reply = at.ask(knock(at, at.prove(chip)))
        return reply.code, told(reply)

    assert answer() == ("05", "The card's holder has booked nothing.")
    place.take(who, Party(men=1), "men", place.far)
    assert answer()[1].startswith("The booking is for ")
    booking = place.take(who, Party(men=1), "men")
    with bank.session() as session:
        cancel(session, who, booking.id)
        session.commit()
    assert answer() == ("05", "This booking was cancelled.")
    place.take(who, Party(men=1), "men")
    other = Place(bank).till()
    assert answer(other) == ("05", "The booking is not here: Sample meal.")
    other.close()
    assert till.ask(knock(till, till.prove(chip))).reason == Reason.STANDS_AT_NO_DOOR
    assert door.ask(knock(door, door.prove(chip)[:9] + bytes(32))).reason == Reason.CARD_PROOF_REFUSED
    keyed = Message("0200", door.fields(de3="970000", de2=card["card_number"]) | {48: {}})  # type: ignore[dict-item]
    assert door.ask(keyed).reason == Reason.CARD_PROOF_REFUSED
    assert answer()[0] == "00"
    with bank.session() as session:
        block_card(session, factories.ACTOR, card["card_id"], BlockReason.LOST)
        session.commit()
    wait_until(lambda: door.ask(knock(door, door.prove(chip))).code == "41")


def test_a_house_opens_by_its_own_till_once_all_is_paid(bank: Bank, place: Place) -> None:
    with bank.session() as session:
        stay = stays.lodging(session)
        of = stays.rooms(session, stay)
        stays.price(session, stay, of)
        factories.contract(session, stay.merchant.id)
        room = stays.unit_of(session, of).code
        session.commit()
    who, card = place.pilgrim()
    at, chip = bank.till(shop=stay.merchant, language="fa"), bank.chip(card)
    with bank.session() as session:
        booking = hold(session, who, Stay(str(uuid4()), stays.nights(0), (Wanted(of.id, 1, Party(men=2)),)))
        session.commit()
        assert told(at.ask(knock(at, at.prove(chip)))) == "هنوز پرداخت نشده؛ به پذیرش بروند."
        top_up_at_desk(session, factories.ACTOR, card["card_id"], 5_000_000, new_request_key())
        session.commit()
        pay(session, who, booking.id, card["card_id"], str(uuid4()))
        session.commit()
    asked = knock(at, at.prove(chip))
    reply = at.ask(asked)
    assert (reply.code, told(reply)) == ("00", "۲ نفر بفرمایید.")
    assert on_screen(at, asked, reply)["places"] == room
    with bank.session() as session:
        assert session.get_one(Booking, booking.id).state == "arrived"
    at.close()


@pytest.fixture
def field(tmp_path: Path) -> Iterator[Any]:
    """A reader's field on nfcpy's UDP, with one card in it."""
    running: list[subprocess.Popen[bytes]] = []

    def serve(card: dict[str, Any]) -> int:
        file = tmp_path / "card.json"
        file.write_text(json.dumps(card))
        environment = os.environ | {"PYTHONPATH": f"{ROOT}{os.pathsep}{ROOT / 'nfc'}"}
        arguments = [sys.executable, "-m", "virtual_card", "--field", "--udp", "0", "--keys", str(file)]
        child = subprocess.Popen(arguments, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        running.append(child)
        assert child.stdin
        assert child.stdout
        port = int(json.loads(child.stdout.readline())["port"])
        child.stdin.write(json.dumps({"place": card["uid"]}).encode() + b"\n")
        child.stdin.flush()
        return port

    yield serve
    for child in running:
        child.kill()
        child.communicate()


def test_the_reader_beside_a_door_shows_the_name_and_reports_none(bank: Bank, place: Place, field: Any, tmp_path: Path) -> None:
    who, card = place.pilgrim()
    place.take(who, Party(men=1), "men")
    given, port = place.till(language="fa").config, field(card)
    config = TerminalConfig.from_object(given | {"tpdu": "6000010000", "key_profile": "01", "language": "fa"})
    keys = TerminalKeys(config.initial_key, config.initial_key_id)
    flash, reader = Flash(tmp_path / "flash", config.terminal, keys), NfcpyReader(f"udp:127.0.0.1:{port}")
    terminal, screen, results = Terminal(config, flash, keys), io.StringIO(), list[Result]()
    try:
        for people in (1, 0):
            queue = SaleQueue(None, sales=(Ask("entry", people),))
            Agent(reader, terminal, queue, Screen("fa", screen), results.append).serve()
    finally:
        reader.close()
        terminal.close()
        flash.close()
    first, second = results
    assert (first["outcome"], first["people"], first["waiting"], first["told"]) == ("approved", 1, 0, "۱ نفر بفرمایید.")
    assert (second["outcome"], second["code"]) == ("declined", "05")
    shown = screen.getvalue()
    assert "نام: Pilgrim\nجا: Sample meal\nاتاق یا جایگاه: men\n" in shown
    assert "راه ندارند: ساعت" in shown
    assert "Pilgrim" not in json.dumps(results)


def test_the_desk_lets_in_by_a_tap_and_by_a_pass_once(bank: Bank, place: Place, door: Till, sit_down: Any) -> None:
    """A page of the office carries the tap; a pass that came in is refused with the hour, however it is shown again."""
    page = sit_down(Role.CITY_MANAGER, place.organisation_id).client
    shown = page.get("/front-desk/door")
    assert f"connect-src 'self' http://127.0.0.1:{load_settings().till_reader_port};" in shown.headers["Content-Security-Policy"]
    who, card = place.pilgrim()
    booking = place.take(who, Party(men=1, women=1))
    key = str(uuid4())
    tapped = {"key": key, "people": "۱"} | tap(page, bank.chip(card))
    for _ in range(2):  # the form is sent again by a reload
        answer = page.post("/front-desk/door/guests", data=tapped)
        assert "1 may come in: <bdi>Pilgrim</bdi>" in answer.text
        assert "1 more to come" in answer.text
    used = page.post("/front-desk/door/guests", data=tapped | {"key": str(uuid4())})
    assert (used.status_code, "hold the card to the reader again" in used.text) == (409, True)
    with bank.session() as session:
        drawn, for_later = live_text(booking), pass_text(session, booking)
    shown = page.post("/front-desk/door/guests", data={"key": str(uuid4()), "code": for_later}).text
    assert ("1 may come in" in shown, "compare the name with a document" in shown) == (True, True)
    assert page.post("/front-desk/door/guests", data={"key": str(uuid4()), "code": drawn}).status_code == 409, "the same pass"
    late = page.post("/front-desk/door/guests", data={"key": str(uuid4()), "code": booking.code})
    assert (late.status_code, "Came in at" in late.text, booking.code in late.text) == (409, True, True)
    wrong = page.post("/front-desk/door/guests", data={"key": str(uuid4()), "code": booking.code, "people": "many"})
    assert (wrong.status_code, "many" in wrong.text) == (422, True)
    other = sit_down(Role.CITY_MANAGER).client
    assert other.post("/front-desk/door/guests", data={"key": str(uuid4()), "code": booking.code}).status_code == 404
    assert other.post("/front-desk/door/challenge", data={"uid": "00" * 7, "challenge": "00" * 16}).status_code == 409


def tap(page: Any, chip: Chip) -> dict[str, str]:
    said = page.post("/front-desk/door/challenge", data={"uid": chip.uid.hex(), "challenge": chip.challenge().hex()}).json
    return {"challenge": said["challenge"], "card-answer": chip.answer(bytes.fromhex(said["part2"])).hex()}


def test_an_office_names_its_doors_and_gives_them_up(bank: Bank, place: Place, till: Till, sit_down: Any) -> None:
    page, other = (sit_down(Role.CITY_MANAGER, office).client for office in (place.organisation_id, None))
    code = till.config["terminal"]
    who, card = place.pilgrim()
    place.take(who, Party(men=1), "men")
    chip = bank.chip(card)
    assert till.ask(knock(till, till.prove(chip))).reason == Reason.STANDS_AT_NO_DOOR
    unknown = page.post("/front-desk/door/terminals", data={"code": "T9999999"})
    assert (unknown.status_code, "T9999999" in unknown.text) == (422, True)
    assert code in page.post("/front-desk/door/terminals", data={"code": f" {code.lower()} "}).text
    assert other.post("/front-desk/door/terminals", data={"code": code}).status_code == 422
    assert till.ask(knock(till, till.prove(chip))).code == "00"
    [(terminal_id,)] = bank.read("SELECT id FROM terminal WHERE code = %s", code)
    gone = {"act": "give_up", "terminal": terminal_id}
    assert other.post("/front-desk/door/terminals", data=gone).status_code == 422
    assert code not in page.post("/front-desk/door/terminals", data=gone).text
    assert till.ask(knock(till, till.prove(chip))).reason == Reason.STANDS_AT_NO_DOOR
