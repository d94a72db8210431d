import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from cardbank.cards.models import Card
from deploy.commands import _demo
from deploy.commands.__main__ import main, verbs
from deploy.commands._demo_pilgrims import seed_full_house
from identity.models import Person, SignIn
from identity.permissions import Role
from identity.services import sign_in
from kernel.audit import AuditEntry
from kernel.errors import StartRefused
from kernel.settings import load_settings
from loyalty.letters.models import Letter
from merchants.models import Merchant, Terminal
from merchants.queries import terminal_profile
from merchants.shops_on_map import shops_page
from places.models import Place
from reservations.bookings.models import Booking
from tests import factories

ROOT = Path(__file__).parents[2]
DEPOSIT_RIAL = 14 * 7_000_000 // 10  # of the flat that is full
MONEY = text("SELECT sum(balance)::bigint FROM ledger.account WHERE kind = 1")


def printed(capsys: pytest.CaptureFixture[str], *words: str) -> object:
    assert main(list(words)) == 0
    return json.loads(capsys.readouterr().out)


def counts(session: Session) -> list[int | None]:
    tables = (Person, Place, Merchant, Terminal, Card, AuditEntry)
    return [session.scalar(select(func.count()).select_from(table)) for table in tables] + [session.scalar(MONEY)]


def test_the_demonstration_is_complete_and_seeding_again_changes_nothing(seeded: None, session: Session) -> None:
    holders = _demo.read("cardholders.json")
    before = counts(session)
    assert before[0] == len(holders) + 8 + 4 + 1 + 1  # staff, applicants, a member without a card, somebody who asks for one
    assert before[1] == 1 + 16 + 37 + 40 + 4  # the shrine, what it consists of, stations, shops, lodging
    assert before[2:5] == [
        40 + 4 + 1,
        42,
        60 + 6 + 2,
    ]  # lodging and a receiver have no terminals: one a shop, a portable one and a web till; gift cards, a family
    assert before[6] == sum(holder["top_up_rial"] for holder in holders[:-1]) - DEPOSIT_RIAL
    [letter] = session.scalars(select(Letter)).all()
    assert (letter.people, letter.state) == (8, "scheduled")
    assert {holder["language"] for holder in holders[:6]} == {"fa", "en", "ar", "ur"}
    statuses = dict(session.execute(select(Card.status, func.count()).group_by(Card.status)).all())
    assert statuses == {"active": 61, "blocked": 1, "issued": 6}
    shops = shops_page(session, "mashhad", limit=1_000)
    assert all(shop.is_fictional and "(نمونه)" in shop.names["fa"] and "(sample)" in shop.names["en"] for shop in shops)
    assert all(shop.zone_id and shop.terminal_codes for shop in shops)
    unsealed = "SELECT count(*) FROM ledger.post_batch WHERE seal_no IS NULL"
    assert session.execute(text(unsealed)).scalar_one() == 0
    session.rollback()
    assert main(["seed"]) == 0
    assert counts(session) == before


def test_a_seed_that_was_killed_half_way_is_finished_by_the_next(
    keys: None, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    from deploy.commands import seed

    real, calls = seed.top_up_at_desk, []

    def killed(*arguments: object) -> object:
        calls.append(arguments)
        if len(calls) == 5:
            raise KeyboardInterrupt
        return real(*arguments)

    monkeypatch.setattr(seed, "top_up_at_desk", killed)
    with pytest.raises(KeyboardInterrupt):
        main(["seed"])
    monkeypatch.undo()
    load_settings.cache_clear()
    assert main(["seed"]) == 0
    assert session.scalar(MONEY) == sum(holder["top_up_rial"] for holder in _demo.read("cardholders.json")[:-1]) - DEPOSIT_RIAL


def test_every_account_signs_in_with_its_printed_password(
    seeded: None, session: Session, capsys: pytest.CaptureFixture[str]
) -> None:
    accounts = printed(capsys, "sign-ins", "--json")
    roles = [
        "pilgrim", "pilgrim", "pilgrim", "cashier", "merchant", "merchant", "union", "municipality", "city_manager", "operator", "sponsor", "applicant",
    ]  # fmt: skip
    assert [account["role"] for account in accounts] == roles
    for account in accounts:
        identity, _ = sign_in(session, account["name"], account["password"])
        assert identity.roles == {account["role"]}
    assert all(account["card"].startswith("936400***") for account in accounts if account["role"] == "pilgrim")
    assert len({account["password"] for account in accounts}) == len(accounts)
    assert main(["sign-ins"]) == 0
    assert accounts[0]["password"] in capsys.readouterr().out


def test_the_kit_holds_tills_cards_and_baskets(seeded: None, session: Session, capsys: pytest.CaptureFixture[str]) -> None:
    kit = printed(capsys, "demo-kit", "--json")
    assert len(kit["terminals"]) == 41
    assert len({till["initial_key"] for till in kit["terminals"]}) == 41
    assert [card["status"] for card in kit["cards"]] == ["active"] * 59 + ["blocked"]
    assert all(len(card["card_keys"]) >= 3 and len(card["token"]) == 32 for card in kit["cards"])
    amounts = [basket["amount_rial"] for basket in kit["baskets"]]
    assert len(amounts) > 9_000
    assert all(amount > 0 and amount % 1_000 == 0 for amount in amounts)
    assert [basket["at"] for basket in kit["baskets"]] == sorted(basket["at"] for basket in kit["baskets"])


def test_a_new_terminal_is_ready_to_be_used(seeded: None, session: Session, capsys: pytest.CaptureFixture[str]) -> None:
    config = printed(capsys, "terminal", "new", "--json", "--language", "ur")
    assert set(config) == {
        "terminal", "acceptor", "tpdu", "host", "port", "key_profile", "initial_key", "initial_key_id", "currency", "language",
    }  # fmt: skip
    profile = terminal_profile(session, config["terminal"])
    assert (profile.acceptor_id, profile.initial_key_id, profile.language) == (
        config["acceptor"],
        config["initial_key_id"],
        "ur",
    )
    assert (profile.status, profile.shop_is_open, profile.programme is not None) == ("active", True, True)
    assert (len(bytes.fromhex(config["initial_key"])), config["port"], config["currency"]) == (
        16,
        8583,
        "364",
    )
    assert main(["terminal", "new"]) == 0
    assert "initial_key: " in capsys.readouterr().out


def test_a_terminal_needs_a_shop(keys: None, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["terminal", "new", "--json"]) == 3
    assert capsys.readouterr().err == "There is no shop yet: run ./pilgrim seed first.\n"


@pytest.mark.parametrize("words", [["seed"], ["terminal", "new", "--json"], ["demo-kit", "--json"], ["sign-ins", "--json"]])
def test_keys_passwords_and_demonstration_data_stay_in_the_laboratory(
    keys: None, words: list[str], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PILGRIM_ENVIRONMENT", "production")
    monkeypatch.setenv("PILGRIM_GATEWAY_TLS_BIND", "127.0.0.1:8584")
    load_settings.cache_clear()
    assert main(words) == 3
    shown = capsys.readouterr()
    assert "for the laboratory only" in shown.err
    assert shown.out == ""
    load_settings.cache_clear()


def test_an_unknown_command_lists_what_there_is(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["tidy"]) == 2
    assert "terminal new" in capsys.readouterr().err
    assert {"seed", "demo-kit", "sign-ins", "terminal new"} <= set(verbs())


def test_the_command_line_prints_the_object_alone(seeded: None) -> None:
    run = subprocess.run(
        [sys.executable, "-m", "deploy.commands", "sign-ins", "--json"],
        cwd=ROOT, env=dict(os.environ), capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert len(json.loads(run.stdout)) == 12


def test_data_of_others_is_shipped_with_its_source_and_licence() -> None:
    sources = (_demo.DATA / "SOURCES.md").read_text()
    for file in _demo.DATA.iterdir():
        assert file.name in sources or file.name == "SOURCES.md"
        assert file.stat().st_size < 300_000
    assert "not Mashhad" in sources
    assert f"{_demo.RIAL_PER_USD:,} Rial" in sources


def test_people_of_the_demonstration_are_found_whatever_password_they_chose(session: Session) -> None:
    chosen, _ = factories.account(session, Role.OPERATOR)
    name = session.get_one(SignIn, chosen.sign_in_id).name
    assert _demo.identity_named(session, name).person_id == chosen.person_id
    with pytest.raises(StartRefused, match="older version"):
        _demo.identity_named(session, "nobody of this version")


def test_a_demonstration_of_before_there_was_a_flat_stays_as_it_is(session: Session) -> None:
    seed_full_house()
    assert session.scalar(select(func.count()).select_from(Booking)) == 0
