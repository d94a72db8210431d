"""From state to state: handing in, approving, returning, suspending, closing; what a shop gets when it becomes active."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import uuid4

from sqlalchemy import select
from sqlalchemy.orm import Session

from identity.models import Organisation
from identity.permissions import Identity, Role
from identity.services import add_member
from kernel import audit, clock
from kernel.audit import Actor
from kernel.calendar import local_day
from kernel.outbox import publish
from merchants.onboarding import rules
from merchants.onboarding.errors import (
    AlreadyDecided,
    DecisionNotPossible,
    NothingAsked,
    NotYourTurn,
    OwnFile,
    PiecesMissing,
    ReasonMissing,
)
from merchants.onboarding.events import (
    ApplicationDecided,
    ApplicationHandedIn,
    LicenceExpired,
    LicenceExpiresSoon,
)
from merchants.onboarding.models import Application, Decision, Trade
from merchants.onboarding.queries import (
    acts_of,
    decision_of_key,
    decision_on,
    facts_of,
    newest_papers,
    own_application,
    reviewed_application,
    reviewer_of,
)
from merchants.onboarding.rules import TRANSITIONS, Act, Party, Piece, State
from merchants.onboarding.services.filing import licence_day
from merchants.services import MerchantStatus, join_merchant, open_branch, set_merchant_status, sign_contract
from merchants.settlement.services.accounts import open_first_account
from places.services import register_place

MOST_WHY = 400
A_TURN = 500  # licences looked at in one transaction
MERCHANT_STATUS: dict[State, MerchantStatus] = {State.ACTIVE: "active", State.SUSPENDED: "suspended", State.CLOSED: "closed"}
LICENCE_CLOCK = Actor.system("licence clock")


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a person asks for with one form: `version` is of the file as it was shown, `key` of the form itself."""

    act: Act
    version: int
    key: str
    why: str = ""
    asked: Collection[Piece] = ()


def hand_in(session: Session, identity: Identity, application_id: int, version: int, key: str) -> Application:
    """Give the file to its union, or back to who returned it. Raises PiecesMissing, AlreadyDecided, ApplicationNotFound."""
    application = own_application(session, identity, application_id, lock=True)
    if decision_of_key(session, key) is not None:
        return application
    _check_version(session, application, version)
    lacking = rules.missing(facts_of(session, application, newest_papers(session, application.id)))
    if lacking:
        raise PiecesMissing(pieces=[piece.value for piece in lacking])
    _move(session, application, identity, Party.APPLICANT, Wanted(Act.HAND_IN, version, key), application.organisation_id)
    publish(session, ApplicationHandedIn(application.id, application.state))
    return application


def withdraw(session: Session, identity: Identity, application_id: int, version: int, key: str) -> Application:
    """Close a file that nobody reviews now. Raises DecisionNotPossible, AlreadyDecided, ApplicationNotFound."""
    application = own_application(session, identity, application_id, lock=True)
    if decision_of_key(session, key) is None:
        _check_version(session, application, version)
        wanted = Wanted(Act.CLOSE, version, key, "withdrawn by the applicant")
        _move(session, application, identity, Party.APPLICANT, wanted, application.organisation_id)
    return application


def decide(session: Session, identity: Identity, application_id: int, wanted: Wanted) -> Application:
    """Decide on a file as its union or its municipality; the same form sent twice decides once.

    Raises ApplicationNotFound for a file of others, AlreadyDecided (facts by, act, at) where somebody was faster, NotYourTurn,
    DecisionNotPossible, ReasonMissing, NothingAsked, OwnFile.
    """
    reviewer = reviewer_of(identity)
    if reviewer is None:
        raise NotYourTurn
    application = reviewed_application(session, reviewer, application_id, lock=True)
    if decision_of_key(session, wanted.key) is not None:
        return application
    if application.person_id == identity.person_id:
        raise OwnFile
    _check_version(session, application, wanted.version)
    _check_wanted(wanted)
    _move(session, application, identity, reviewer.party, wanted, reviewer.organisation_id)
    publish(session, ApplicationDecided(application.id, wanted.act, application.state))
    return application


def _check_wanted(wanted: Wanted) -> None:
    if wanted.act is Act.RETURN and not wanted.asked:
        raise NothingAsked(field="asked")
    if len(wanted.why) > MOST_WHY or (wanted.act is not Act.APPROVE and not wanted.why.strip()):
        raise ReasonMissing(field="why", most=MOST_WHY)


def _check_version(session: Session, application: Application, version: int) -> None:
    if application.version == version:
        return
    first = decision_on(session, application.id, version)
    if first is None:
        raise DecisionNotPossible(state=application.state)
    raise AlreadyDecided(by=first.decided_by, act=first.act, at=first.at)


def _move(
    session: Session, application: Application, identity: Identity, party: Party, wanted: Wanted, organisation_id: int
) -> None:
    """One step of the file, written down as a decision and in the audit. Raises DecisionNotPossible, NotYourTurn."""
    before = State(application.state)
    if (before, wanted.act) not in TRANSITIONS:
        raise DecisionNotPossible(state=before, act=wanted.act)
    if wanted.act not in acts_of(application, party):
        raise NotYourTurn(state=before)
    _, after = TRANSITIONS[before, wanted.act]
    if before is State.RETURNED and wanted.act is Act.HAND_IN:
        after = State(str(application.returned_from))
    if after is State.ACTIVE and application.merchant_id is None:
        _activate(session, application, identity)
    elif after is not before and application.merchant_id is not None:
        set_merchant_status(session, identity.actor, application.merchant_id, MERCHANT_STATUS[after], wanted.why)
    _write_down(session, application, wanted, after, identity.actor, organisation_id)
    if after is State.RETURNED:
        application.returned_from = before
        application.asked, application.answered = [piece.value for piece in wanted.asked], []
    if after is State.SUSPENDED:
        application.suspended_by = party


def _write_down(
    session: Session, application: Application, wanted: Wanted, after: State, actor: Actor, organisation_id: int | None
) -> None:
    before, now = application.state, clock.now()
    session.add(
        Decision(
            application_id=application.id, version=application.version, key=wanted.key, act=wanted.act, state=after,
            asked=[piece.value for piece in wanted.asked], why=wanted.why or None, organisation_id=organisation_id,
            sign_in_id=actor.account_id, decided_by=actor.name, at=now,
        )
    )  # fmt: skip
    application.state, application.changed_at, application.version = after, now, application.version + 1
    session.flush()
    audit.record(
        session, actor, wanted.act, "application", application.id,
        before={"state": before}, after={"state": after, "asked": [piece.value for piece in wanted.asked]},
        why=wanted.why or None,
    )  # fmt: skip


def _activate(session: Session, application: Application, identity: Identity) -> None:
    """The shop's merchant with its wallet, its place, its branch, its contract, its bank account; the applicant runs it."""
    actor, names, lon, lat = identity.actor, application.names, application.lon, application.lat
    sheba, holder = application.sheba, application.sheba_owner
    if names is None or lon is None or lat is None or sheba is None or holder is None:
        raise DecisionNotPossible(state=application.state)  # nothing is handed in without them
    organisation = session.get_one(Organisation, application.organisation_id)
    trade = session.get_one(Trade, application.trade_id)
    merchant = join_merchant(session, actor, organisation.id, trade.kind, application.union_id)
    place = register_place(
        session, actor, application.city_id, code=f"application-{application.id}", kind="shop", names=names,
        lon=lon, lat=lat, source="the shop's own application", licence="facts",
    )  # fmt: skip
    open_branch(session, actor, merchant.id, place.id, names)
    sign_contract(session, actor, merchant.id, starts_at=clock.now())
    add_member(session, actor, application.person_id, Role.MERCHANT, organisation.id)
    open_first_account(
        session, actor, merchant.id, sheba, holder,
        proposed_by=application.person_id, approved_by=identity.person_id,
    )  # fmt: skip
    organisation.names = names
    application.merchant_id = merchant.id


def renew_licence(
    session: Session, identity: Identity, application_id: int, expires_on: str, version: int, key: str
) -> Application:
    """The union writes down a licence's new last day; a shop that stood still only because of it works again.

    Raises WrongDay, LicenceHasExpired, NotYourTurn, AlreadyDecided, ApplicationNotFound.
    """
    reviewer = reviewer_of(identity)
    if reviewer is None or reviewer.party is not Party.UNION:
        raise NotYourTurn
    application = reviewed_application(session, reviewer, application_id, lock=True)
    if decision_of_key(session, key) is not None:
        return application
    _check_version(session, application, version)
    if application.state not in (State.ACTIVE, State.SUSPENDED):
        raise DecisionNotPossible(state=application.state)
    before, application.licence_expires_on = application.licence_expires_on, licence_day(expires_on)
    application.noticed_days = None
    audit.record(
        session, identity.actor, "renew_licence", "application", application.id,
        before={"expires_on": str(before)}, after={"expires_on": str(application.licence_expires_on)},
    )  # fmt: skip
    if application.state == State.SUSPENDED and application.suspended_by == Party.SYSTEM:
        wanted = Wanted(Act.RESUME, version, key, "licence renewed")
        _move(session, application, identity, Party.UNION, wanted, reviewer.organisation_id)
        publish(session, ApplicationDecided(application.id, Act.RESUME, application.state))
    return application


def watch_licences(session: Session) -> int:
    """Suspend shops whose licence has run out and publish the notices of 30, 7 and 1 days; how many files were touched.

    Run again on the same day it does nothing: a suspended shop is not active, and a sent notice is noted on the file.
    """
    now = clock.now()
    today = local_day(now)
    near = (
        select(Application)
        .where(
            Application.state == State.ACTIVE,
            Application.licence_expires_on <= today + timedelta(days=max(rules.NOTICE_DAYS)),
        )
        .order_by(Application.licence_expires_on, Application.id)
        .with_for_update(skip_locked=True)
    )
    touched = 0
    for application in session.scalars(near.execution_options(yield_per=A_TURN)):
        touched += _watch(session, application, now)
    return touched


def _watch(session: Session, application: Application, now: datetime) -> bool:
    expires_on, today = application.licence_expires_on, local_day(now)
    if expires_on is None or application.merchant_id is None:
        return False
    if expires_on < today:
        wanted = Wanted(Act.SUSPEND, application.version, str(uuid4()), "licence expired")
        _write_down(session, application, wanted, State.SUSPENDED, LICENCE_CLOCK, None)
        application.suspended_by = Party.SYSTEM
        set_merchant_status(session, LICENCE_CLOCK, application.merchant_id, "suspended", wanted.why)
        publish(session, LicenceExpired(application.id, expires_on))
        return True
    days = rules.notice_due(expires_on, application.noticed_days, today)
    if days is None:
        return False
    application.noticed_days = days
    publish(session, LicenceExpiresSoon(application.id, expires_on, days))
    return True
