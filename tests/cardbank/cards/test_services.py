import secrets
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from cardbank.cards import queries, services
from cardbank.cards.challenges import forget_old_challenges, new_challenge_id, record_challenge
from cardbank.cards.export import card_export
from cardbank.cards.models import Card, CardEvent
from cardbank.cards.rules import BlockReason, CardStatus, is_card_number
from cardbank.errors import CardHoldsMoney, CardNotFound, CardTransitionNotAllowed, ChipInUse
from cardbank.keystore.ports import KeyStore
from cardbank.keystore.software import read_key_file, write_key_file
from cardbank.services import new_request_key, top_up_at_desk
from kernel import clock
from kernel.audit import Actor, AuditEntry
from kernel.errors import BadInput
from kernel.outbox import OutboxEvent

CLERK = Actor.system("clerk")


@pytest.fixture
def keystore(tmp_path: Path) -> Iterator[KeyStore]:
    write_key_file(tmp_path / "keys.json")
    return read_key_file(tmp_path / "keys.json", laboratory=True)


def chip() -> bytes:
    return b"\x04" + secrets.token_bytes(6)


def active_card(session: Session, keystore: KeyStore) -> Card:
    card = services.issue_card(session, keystore, CLERK, person_id=None, uid=chip())
    return services.activate_card(session, CLERK, card.id)


def versions(session: Session, wallet_id: int) -> list[int]:
    rows = session.execute(
        text("SELECT version FROM ledger.account WHERE wallet_id = :wallet ORDER BY id"),
        {"wallet": wallet_id},
    )
    return list(rows.scalars())


def test_a_card_is_issued_on_a_wallet_of_its_own_and_found_by_all_its_names(session: Session, keystore: KeyStore) -> None:
    uid = chip()
    card = services.issue_card(session, keystore, CLERK, person_id=None, language="ur", uid=uid)
    number = keystore.open_card_number(card.number_sealed, card.token)
    assert is_card_number(number)
    assert card.masked == f"{number[:6]}*********{number[-4:]}"
    found = queries.find_by_number(session, keystore, number)
    assert found is not None
    assert found.status is CardStatus.ISSUED
    assert found.language == "ur"
    assert found == queries.find_by_uid(session, uid)
    assert found == queries.card_profile(session, card.id) == queries.cards_by_id(session, [card.id])[card.id]
    assert queries.find_by_number(session, keystore, "9364000000000000000") is None


def test_each_change_is_history_audit_touch_and_event(session: Session, keystore: KeyStore) -> None:
    card = active_card(session, keystore)
    assert card.wallet_id is not None
    before = versions(session, card.wallet_id)
    services.block_card(session, CLERK, card.id, BlockReason.LOST, "reported by telephone")
    session.flush()
    assert all(after > was for was, after in zip(before, versions(session, card.wallet_id), strict=True))
    history = queries.card_history(session, card.id)
    assert [(event.was, event.became) for event in history] == [
        (None, "stock"), ("stock", "issued"), ("issued", "active"), ("active", "blocked"),
    ]  # fmt: skip
    assert history[-1].why == "reported by telephone"
    audits = session.scalars(select(AuditEntry).where(AuditEntry.subject == "card").order_by(AuditEntry.id)).all()
    assert (audits[-1].before, audits[-1].after) == ({"status": "active"}, {"status": "blocked"})
    names = session.scalars(select(OutboxEvent.name).order_by(OutboxEvent.id)).all()
    assert names == ["CardIssued", "CardActivated", "CardBlocked"]


def test_a_blocked_card_is_unblocked_and_an_active_one_is_not(session: Session, keystore: KeyStore) -> None:
    card = active_card(session, keystore)
    with pytest.raises(CardTransitionNotAllowed):
        services.unblock_card(session, CLERK, card.id)
    services.block_card(session, CLERK, card.id, BlockReason.HOLDER)
    with pytest.raises(CardTransitionNotAllowed):
        services.activate_card(session, CLERK, card.id)
    services.unblock_card(session, CLERK, card.id)
    assert (card.status, card.block_reason) == ("active", None)


def test_a_replaced_card_gives_its_member_to_the_new_one(session: Session, keystore: KeyStore) -> None:
    old = active_card(session, keystore)
    old.purchase_limit_rial = 5_000_000
    new = services.replace_card(session, keystore, CLERK, old.id, uid=chip())
    assert (old.status, old.replaced_by_id) == ("replaced", new.id)
    assert (new.status, new.wallet_id, new.member_id) == ("issued", old.wallet_id, old.member_id)
    assert new.purchase_limit_rial == 5_000_000
    assert new.number_index != old.number_index
    with pytest.raises(CardTransitionNotAllowed):
        services.block_card(session, CLERK, old.id, BlockReason.BANK)


def test_a_card_with_money_is_not_closed(session: Session, keystore: KeyStore) -> None:
    card = active_card(session, keystore)
    session.commit()
    top_up_at_desk(session, CLERK, card.id, 70_000, new_request_key())
    session.commit()
    with pytest.raises(CardHoldsMoney) as caught:
        services.close_card(session, CLERK, card.id)
    assert caught.value.facts == {"amount_rial": 70_000}
    session.rollback()
    assert queries.card_profile(session, card.id).status is CardStatus.ACTIVE  # type: ignore[union-attr]


def test_an_empty_card_is_closed_for_good(session: Session, keystore: KeyStore) -> None:
    card = active_card(session, keystore)
    services.close_card(session, CLERK, card.id)
    assert card.status == "refunded"
    with pytest.raises(CardTransitionNotAllowed):
        services.expire_card(session, CLERK, card.id)


def test_one_chip_carries_one_card(session: Session, keystore: KeyStore) -> None:
    uid = chip()
    services.stock_card(session, keystore, CLERK, uid)
    with pytest.raises(ChipInUse):
        services.stock_card(session, keystore, CLERK, uid)
    with pytest.raises(BadInput):
        services.stock_card(session, keystore, CLERK, b"\x04\x01")


def test_a_stock_card_is_handed_to_a_further_member_of_a_wallet(session: Session, keystore: KeyStore) -> None:
    first = active_card(session, keystore)
    stock = services.stock_card(session, keystore, CLERK, chip())
    assert stock.wallet_id is None
    second = services.issue_card(session, keystore, CLERK, person_id=None, card=stock, member_id=first.member_id)
    assert (second.id, second.wallet_id) == (stock.id, first.wallet_id)
    with pytest.raises(CardNotFound):
        services.issue_card(session, keystore, CLERK, person_id=None, member_id=10**9)


def test_unknown_cards_are_not_found(session: Session, keystore: KeyStore) -> None:
    with pytest.raises(CardNotFound):
        services.block_card(session, CLERK, 10**9, BlockReason.BANK)
    assert queries.card_profile(session, 10**9) is None


def test_no_row_of_history_or_audit_holds_the_number(session: Session, keystore: KeyStore) -> None:
    card = active_card(session, keystore)
    session.flush()
    number = keystore.open_card_number(card.number_sealed, card.token)
    for table in ("card_event", "audit_entry", "outbox_event", "card"):
        rows = session.execute(text(f"SELECT t::text FROM {table} t")).scalars().all()
        assert rows
        assert not any(number in row for row in rows)


def test_an_export_is_what_a_card_in_software_needs(session: Session, keystore: KeyStore) -> None:
    card = active_card(session, keystore)
    assert card.uid is not None
    exported = card_export(session, keystore, card.id)
    assert exported["uid"] == card.uid.hex()
    assert exported["df_name"] == "f0534d41525450494c4752494d01"
    assert exported["aid"] == "f54230"
    assert exported["card_keys"]["1"] == keystore.export_card_keys(1, card.uid)[1].hex()
    assert is_card_number(exported["card_number"])
    with pytest.raises(CardNotFound):
        card_export(session, keystore, 10**9)


def test_a_challenge_names_its_card_until_it_is_forgotten(session: Session, keystore: KeyStore) -> None:
    card, challenge = active_card(session, keystore), new_challenge_id()
    now = clock.now()
    record_challenge(session, challenge, card.id, terminal_id=7)
    session.flush()
    found = queries.card_of_challenge(session, challenge)
    assert found is not None
    assert found.card_id == card.id
    assert queries.card_of_challenge(session, bytes(8)) is None
    assert forget_old_challenges(session, now + timedelta(days=34)) == 0
    assert forget_old_challenges(session, now + timedelta(days=36)) == 1
    assert queries.card_of_challenge(session, challenge) is None


def test_a_card_event_is_announced_when_the_change_commits(session: Session, keystore: KeyStore, database_url: str) -> None:
    import psycopg

    card = active_card(session, keystore)
    session.commit()
    with psycopg.connect(database_url, autocommit=True) as listener:
        listener.execute("LISTEN pilgrim_changed")
        services.block_card(session, CLERK, card.id, BlockReason.BANK)
        session.commit()
        [notice] = [notice.payload for notice in listener.notifies(timeout=5, stop_after=1)]
    assert notice == f"card:{card.id}"
    assert session.scalars(select(CardEvent.became).where(CardEvent.card_id == card.id)).all()[-1] == "blocked"
