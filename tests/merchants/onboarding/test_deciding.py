from concurrent.futures import ThreadPoolExecutor
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import Select, func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from identity.models import Organisation
from identity.permissions import Identity, Role
from kernel import clock
from kernel.audit import AuditEntry
from kernel.calendar import TEHRAN
from kernel.db import unit_of_work
from kernel.outbox import OutboxEvent
from merchants.models import Branch, Contract, Merchant
from merchants.onboarding import errors, queries
from merchants.onboarding.models import Application, Decision
from merchants.onboarding.rules import Act, Party, Piece, State
from merchants.onboarding.services import deciding
from merchants.settlement.models import BankAccount
from places.models import Place
from tests.meeting import meet_before
from tests.merchants.onboarding import files


@pytest.fixture
def town(session: Session) -> files.Town:
    return files.town(session)


def at_noon(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, 12, tzinfo=TEHRAN)


def test_an_approved_shop_gets_everything_it_works_with(session: Session, town: files.Town, tmp_path: Path) -> None:
    file, applicant = files.active(session, town, tmp_path)
    assert file.state == State.ACTIVE
    merchant = session.get_one(Merchant, file.merchant_id)
    assert (merchant.union_id, merchant.kind, merchant.status) == (town.union.id, "saffron", "active")
    assert merchant.wallet_id > 0
    branch = session.scalars(select(Branch).where(Branch.merchant_id == merchant.id)).one()
    assert branch.names == file.names == session.get_one(Organisation, merchant.organisation_id).names
    assert session.get_one(Place, branch.place_id).source == "the shop's own application"
    assert session.scalars(select(Contract).where(Contract.merchant_id == merchant.id)).one().ends_at is None
    account = session.scalars(select(BankAccount).where(BankAccount.merchant_id == merchant.id)).one()
    assert (account.sheba, account.holder_name, account.status) == (file.sheba, "رضا نمونه", "approved")
    assert applicant.roles == {Role.APPLICANT, Role.MERCHANT}
    acts = [one.act for one in queries.decisions_of(session, file.id)]
    assert acts == [Act.APPROVE, Act.APPROVE, Act.HAND_IN]


def test_a_union_decides_on_its_own_trade_and_nothing_else(session: Session, town: files.Town, tmp_path: Path) -> None:
    other = files.town(session)
    file, applicant = files.handed_in(session, town, tmp_path)
    with pytest.raises(errors.ApplicationNotFound):
        deciding.decide(session, other.union_officer, file.id, files.wanted(file, Act.APPROVE))
    with pytest.raises(errors.NotYourTurn):
        deciding.decide(session, town.town_officer, file.id, files.wanted(file, Act.APPROVE))
    with pytest.raises(errors.NotYourTurn):
        deciding.decide(session, applicant, file.id, files.wanted(file, Act.APPROVE))
    deciding.decide(session, town.union_officer, file.id, files.wanted(file, Act.APPROVE))
    with pytest.raises(errors.NotYourTurn):
        deciding.decide(session, town.union_officer, file.id, files.wanted(file, Act.APPROVE))
    assert file.state == State.MUNICIPALITY_REVIEW


def test_a_file_not_handed_in_is_nobodys_but_the_applicants(session: Session, town: files.Town, tmp_path: Path) -> None:
    file, _ = files.complete(session, town, tmp_path)
    for officer in (town.union_officer, town.town_officer):
        with pytest.raises(errors.ApplicationNotFound):
            deciding.decide(session, officer, file.id, files.wanted(file, Act.APPROVE))
        reviewer = queries.reviewer_of(officer)
        assert reviewer is not None
        assert queries.reviews_page(session, reviewer) == []


def test_nobody_decides_on_their_own_shop(session: Session, town: files.Town, tmp_path: Path) -> None:
    file, _ = files.handed_in(session, town, tmp_path)
    file.person_id = town.union_officer.person_id
    session.flush()
    with pytest.raises(errors.OwnFile):
        deciding.decide(session, town.union_officer, file.id, files.wanted(file, Act.APPROVE))


@pytest.mark.parametrize(
    ("act", "why", "refusal"),
    [
        (Act.RETURN, "why", errors.NothingAsked),
        (Act.CLOSE, " ", errors.ReasonMissing),
        (Act.CLOSE, "x" * 401, errors.ReasonMissing),
    ],
)
def test_a_decision_says_what_it_must(
    session: Session, town: files.Town, tmp_path: Path, act: Act, why: str, refusal: type[Exception]
) -> None:
    file, _ = files.handed_in(session, town, tmp_path)
    with pytest.raises(refusal):
        deciding.decide(session, town.union_officer, file.id, files.wanted(file, act, why))
    with pytest.raises(errors.DecisionNotPossible):
        deciding.decide(session, town.union_officer, file.id, files.wanted(file, Act.SUSPEND, "why"))


def test_a_form_sent_twice_decides_once(session: Session, town: files.Town, tmp_path: Path) -> None:
    file, _ = files.handed_in(session, town, tmp_path)
    approval = files.wanted(file, Act.APPROVE)
    for _ in range(2):
        assert deciding.decide(session, town.union_officer, file.id, approval).state == State.MUNICIPALITY_REVIEW
    assert session.scalar(select(func.count()).select_from(Decision).where(Decision.act == Act.APPROVE)) == 1


def test_the_slower_reviewer_is_told_who_decided(session: Session, town: files.Town, tmp_path: Path) -> None:
    file, _ = files.handed_in(session, town, tmp_path)
    late = files.wanted(file, Act.CLOSE, "too late")
    deciding.decide(session, town.union_officer, file.id, files.wanted(file, Act.APPROVE))
    with pytest.raises(errors.AlreadyDecided) as refusal:
        deciding.decide(session, town.union_officer, file.id, late)
    assert (refusal.value.facts["by"], refusal.value.facts["act"]) == (town.union_officer.name, Act.APPROVE)


def test_suspending_and_resuming_reach_the_merchant(session: Session, town: files.Town, tmp_path: Path) -> None:
    file, _ = files.active(session, town, tmp_path)
    merchant = session.get_one(Merchant, file.merchant_id)
    deciding.decide(session, town.town_officer, file.id, files.wanted(file, Act.SUSPEND, "No hygiene card."))
    assert (file.state, file.suspended_by, merchant.status) == (State.SUSPENDED, Party.MUNICIPALITY, "suspended")
    with pytest.raises(errors.NotYourTurn):
        deciding.decide(session, town.union_officer, file.id, files.wanted(file, Act.RESUME, "It is well again."))
    deciding.decide(session, town.town_officer, file.id, files.wanted(file, Act.RESUME, "Seen on site."))
    assert (file.state, merchant.status) == (State.ACTIVE, "active")
    deciding.decide(session, town.town_officer, file.id, files.wanted(file, Act.CLOSE, "The shop has moved away."))
    assert (file.state, merchant.status) == (State.CLOSED, "closed")


def events(session: Session, name: str) -> list[dict[str, Any]]:
    session.flush()
    return list(session.scalars(select(OutboxEvent.payload).where(OutboxEvent.name == name).order_by(OutboxEvent.id)))


def test_a_licence_gives_three_notices_and_then_stops_the_shop(session: Session, town: files.Town, tmp_path: Path) -> None:
    file, _ = files.active(session, town, tmp_path)
    ends = file.licence_expires_on
    assert ends is not None
    for left in (40, 30, 29, 7, 6, 1, 0):
        with clock.frozen(at_noon(ends - timedelta(days=left))):
            deciding.watch_licences(session)
            deciding.watch_licences(session)
    assert [event["days"] for event in events(session, "LicenceExpiresSoon")] == [30, 7, 1]
    assert file.state == State.ACTIVE
    with clock.frozen(at_noon(ends + timedelta(days=1))):
        assert (deciding.watch_licences(session), deciding.watch_licences(session)) == (1, 0)
    assert (file.state, file.suspended_by) == (State.SUSPENDED, Party.SYSTEM)
    assert session.get_one(Merchant, file.merchant_id).status == "suspended"
    assert [event["application_id"] for event in events(session, "LicenceExpired")] == [file.id]


def test_a_renewed_licence_lets_the_shop_work_again(session: Session, town: files.Town, tmp_path: Path) -> None:
    file, _ = files.active(session, town, tmp_path)
    other = files.town(session)
    assert file.licence_expires_on is not None
    with clock.frozen(at_noon(file.licence_expires_on + timedelta(days=1))):
        deciding.watch_licences(session)
        with pytest.raises(errors.NotYourTurn):
            deciding.decide(session, town.town_officer, file.id, files.wanted(file, Act.RESUME, "No licence yet."))
        for stranger, refusal in ((town.town_officer, errors.NotYourTurn), (other.union_officer, errors.ApplicationNotFound)):
            with pytest.raises(refusal):
                deciding.renew_licence(session, stranger, file.id, "1410/01/01", file.version, str(uuid4()))
        with pytest.raises(errors.LicenceHasExpired):
            deciding.renew_licence(session, town.union_officer, file.id, "1400/01/01", file.version, str(uuid4()))
        version, key = file.version, str(uuid4())
        for _ in range(2):
            deciding.renew_licence(session, town.union_officer, file.id, "۱۴۱۰/۰۱/۰۱", version, key)
    assert (file.state, file.licence_expires_on) == (State.ACTIVE, date(2031, 3, 21))
    assert session.get_one(Merchant, file.merchant_id).status == "active"


def decide_alone(officer: Identity, application_id: int, version: int, act: Act) -> str:
    wanted = deciding.Wanted(act, version, str(uuid4()), "One of two.")
    try:
        with unit_of_work() as session:
            deciding.decide(session, officer, application_id, wanted)
    except errors.AlreadyDecided as refusal:
        return f"told that {refusal.facts['by']} decided"
    except IntegrityError:
        return "refused by the database"
    return "decided"


@pytest.mark.parametrize(("is_locked", "loser"), [(False, "refused by the database"), (True, "told that {} decided")])
def test_of_two_who_decide_at_once_one_wins_and_the_other_is_told(
    session: Session, monkeypatch: pytest.MonkeyPatch, town: files.Town, tmp_path: Path, is_locked: bool, loser: str
) -> None:
    file, _ = files.handed_in(session, town, tmp_path)
    session.connection().commit()
    if not is_locked:
        monkeypatch.setattr(Select, "with_for_update", lambda statement, **_: statement)
    meet_before(monkeypatch, deciding, "_check_version")
    with ThreadPoolExecutor(2) as pool:
        jobs = [pool.submit(decide_alone, town.union_officer, file.id, 2, act) for act in (Act.APPROVE, Act.CLOSE)]
        outcomes = sorted(job.result() for job in jobs)
    assert outcomes == ["decided", loser.format(town.union_officer.name)]
    with unit_of_work() as other:
        assert other.get_one(Application, file.id).version == 3


def test_every_decision_is_audited_with_its_reason(session: Session, town: files.Town, tmp_path: Path) -> None:
    file, _ = files.handed_in(session, town, tmp_path)
    deciding.decide(session, town.union_officer, file.id, files.wanted(file, Act.RETURN, "Blurred.", (Piece.LICENCE_PAPER,)))
    session.flush()
    entry = session.scalars(select(AuditEntry).where(AuditEntry.act == Act.RETURN)).one()
    assert (entry.account_id, entry.why) == (town.union_officer.sign_in_id, "Blurred.")
    assert entry.before == {"state": "union_review"}
    assert entry.after == {"state": "returned", "asked": ["licence_paper"]}
