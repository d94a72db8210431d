"""Reads of shops' files."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, func, or_, select
from sqlalchemy.orm import Session

from identity.permissions import Identity, Permission, Role
from kernel import clock
from kernel.calendar import local_day
from kernel.text import search_key
from merchants.models import SELLS, Branch, Merchant, Terminal
from merchants.onboarding.errors import ApplicationNotFound, ImportNotFound, PaperNotFound
from merchants.onboarding.models import (
    Application,
    Decision,
    MemberImport,
    Overseer,
    Paper,
    TerminalSetUp,
    Trade,
)
from merchants.onboarding.rules import (
    PAPERS,
    FileFacts,
    Party,
    Piece,
    Requirement,
    State,
    acts_open,
    requirements,
)
from places.models import City

MOST_COUNTED = 10_000
LEAST_SEARCHED = 3  # letters: a trigram index knows nothing shorter

# What reviewers never see: a file that its applicant has not handed in yet.
_HANDED_IN = or_(Application.state != State.APPLIED, Application.source == "import")


@dataclass(frozen=True, slots=True)
class OverseenCity:
    """A city with the organisation that is its municipality."""

    id: int
    code: str
    names: dict[str, str]
    municipality_id: int


@dataclass(frozen=True, slots=True)
class Reviewer:
    """The side on which a person reviews, and for which organisation."""

    party: Party
    organisation_id: int

    @property
    def own_files(self) -> ColumnElement[bool]:
        owner = Application.union_id if self.party is Party.UNION else Application.municipality_id
        return owner == self.organisation_id


@dataclass(frozen=True, slots=True)
class ReviewRow:
    application_id: int
    names: dict[str, str]
    legal_name: str
    trade_names: dict[str, str] | None
    state: str
    licence_expires_on: date | None
    changed_at: datetime


def reviewer_of(identity: Identity) -> Reviewer | None:
    """Whom a person reviews for; a union before a municipality where somebody works for both."""
    for role, party in ((Role.UNION, Party.UNION), (Role.MUNICIPALITY, Party.MUNICIPALITY)):
        held = [grant.organisation_id for grant in identity.grants if grant.role is role]
        if held and held[0] is not None:
            return Reviewer(party, held[0])
    return None


def own_application(session: Session, identity: Identity, application_id: int, *, lock: bool = False) -> Application:
    """A file of an organisation the person fills files for. Raises ApplicationNotFound, for others' files too."""
    found = _application(session, Application.id == application_id, lock=lock)
    if found is None or not identity.can(Permission.MERCHANTS_APPLICATION_FILL, found.organisation_id):
        raise ApplicationNotFound
    return found


def reviewed_application(session: Session, reviewer: Reviewer, application_id: int, *, lock: bool = False) -> Application:
    """A file of the reviewer's union or city. Raises ApplicationNotFound, for others' files and for those not handed in too."""
    own = reviewer.own_files & _HANDED_IN
    found = _application(session, (Application.id == application_id) & own, lock=lock)
    if found is None:
        raise ApplicationNotFound
    return found


def _application(session: Session, where: ColumnElement[bool], *, lock: bool) -> Application | None:
    found = select(Application).where(where).execution_options(populate_existing=True)
    return session.scalar(found.with_for_update() if lock else found)


def application_of_key(session: Session, key: str) -> Application | None:
    return session.scalar(select(Application).where(Application.key == key))


def applications_of(session: Session, organisation_ids: Collection[int]) -> list[Application]:
    """The newest first; a person has few."""
    own = select(Application).where(Application.organisation_id.in_(organisation_ids))
    return list(session.scalars(own.order_by(Application.id.desc()).limit(50)))


def reviews_page(
    session: Session, reviewer: Reviewer, *, state: str = "", trade_id: int | None = None, search: str = "",
    after: int = 0, limit: int = 20,
) -> list[ReviewRow]:  # fmt: skip
    """Files of a reviewer by id, in one state if given, whose folded text contains what is searched for. One query."""
    page: Select[*tuple[Any, ...]] = (
        select(Application, Trade.names.label("trade_names"))
        .outerjoin(Trade, Trade.id == Application.trade_id)
        .where(reviewer.own_files, _HANDED_IN, Application.id > after)
        .order_by(Application.id)
        .limit(limit)
    )
    if state:
        page = page.where(Application.state == state)
    if trade_id is not None:
        page = page.where(Application.trade_id == trade_id)
    if search:
        page = page.where(_searched(reviewer).contains(search_key(search), autoescape=True))
    return [_review_row(row) for row in session.execute(page)]


def _searched(reviewer: Reviewer) -> ColumnElement[str]:
    """A union's few thousand files are read by its own index; only for a whole city is the trigram index the shorter way."""
    text = Application.search_text
    return text + "" if reviewer.party is Party.UNION else text.expression


def _review_row(row: Row[Any]) -> ReviewRow:
    file = row.Application
    return ReviewRow(
        file.id, file.names or {}, file.legal_name, row.trade_names, file.state, file.licence_expires_on, file.changed_at
    )


def state_counts(session: Session, reviewer: Reviewer) -> dict[str, int]:
    """How many files stand in each state; counting stops one after MOST_COUNTED. One query, answered from an index alone."""
    listed = []
    for state in State:
        of_state = select(Application.id).where(reviewer.own_files, Application.state == state, _HANDED_IN)
        counted = select(func.count()).select_from(of_state.limit(MOST_COUNTED + 1).subquery())
        listed.append(counted.scalar_subquery().label(state.value))
    return dict(session.execute(select(*listed)).one()._mapping)


def trades_of_city(session: Session, city_id: int) -> list[Trade]:
    return list(session.scalars(select(Trade).where(Trade.city_id == city_id).order_by(Trade.id)))


def trades_of_reviewer(session: Session, reviewer: Reviewer) -> list[Trade]:
    """The trades of the union, or of the cities a municipality oversees."""
    return list(session.scalars(_trades(reviewer).order_by(Trade.id)))


def _trades(reviewer: Reviewer) -> Select[Trade]:
    if reviewer.party is Party.UNION:
        return select(Trade).where(Trade.union_id == reviewer.organisation_id)
    return (
        select(Trade).join(Overseer, Overseer.city_id == Trade.city_id).where(Overseer.organisation_id == reviewer.organisation_id)
    )


def city_position(session: Session, city_id: int) -> tuple[float, float]:
    """(longitude, latitude)."""
    position = select(func.ST_X(City.position), func.ST_Y(City.position)).where(City.id == city_id)
    lon, lat = session.execute(position).one()
    return lon, lat


def newest_papers(session: Session, application_id: int) -> dict[Piece, Paper]:
    """The paper that counts of each piece."""
    every = select(Paper).where(Paper.application_id == application_id).order_by(Paper.id)
    return {Piece(paper.piece): paper for paper in session.scalars(every)}


def paper_of(session: Session, application: Application, paper_id: int) -> Paper:
    """Raises PaperNotFound, for another file's paper too."""
    found = session.get(Paper, paper_id)
    if found is None or found.application_id != application.id:
        raise PaperNotFound
    return found


def decisions_of(session: Session, application_id: int) -> list[Decision]:
    """The newest first."""
    told = select(Decision).where(Decision.application_id == application_id)
    return list(session.scalars(told.order_by(Decision.version.desc()).limit(50)))


def decision_on(session: Session, application_id: int, version: int) -> Decision | None:
    return session.scalar(select(Decision).where(Decision.application_id == application_id, Decision.version == version))


def decision_of_key(session: Session, key: str) -> Decision | None:
    return session.scalar(select(Decision).where(Decision.key == key))


def given_pieces(application: Application, papers: Collection[Piece]) -> frozenset[Piece]:
    """What of the file has been given."""
    answers = {
        Piece.SHOP_NAME: application.names,
        Piece.TRADE: application.trade_id,
        Piece.TAX_CODE: application.tax_code,
        Piece.LICENCE: application.licence_number,
        Piece.SHEBA: application.sheba,
        Piece.ADDRESS: application.address,
        Piece.POSITION: application.lon is not None or None,
        Piece.CONTRACT: application.contract_accepted_at,
    }
    return frozenset(piece for piece, answer in answers.items() if answer) | (frozenset(papers) & PAPERS)


def facts_of(session: Session, application: Application, papers: Collection[Piece]) -> FileFacts:
    """What the requirements of a file depend on."""
    changed_on = local_day(application.changed_at)
    state = State(application.state)
    return FileFacts(
        state=state,
        begun_on=application.begun_on,
        given=given_pieces(application, papers),
        asked=frozenset(map(Piece, application.asked)) - frozenset(map(Piece, application.answered)),
        licence_expires_on=application.licence_expires_on,
        returned_on=changed_on if state is State.RETURNED else None,
        active_on=changed_on,
        has_terminal=application.merchant_id is not None and _has_terminal(session, application.merchant_id),
    )


def _has_terminal(session: Session, merchant_id: int) -> bool:
    tills = select(Terminal.id).join(Branch, Branch.id == Terminal.branch_id).where(Branch.merchant_id == merchant_id)
    return session.scalar(tills.where(Terminal.status != "closed").limit(1)) is not None


def requirements_of(session: Session, application: Application, papers: Collection[Piece]) -> tuple[Requirement, ...]:
    return requirements(facts_of(session, application, papers), local_day(clock.now()))


def acts_of(application: Application, party: Party) -> tuple[str, ...]:
    """What a party may do with the file today."""
    ends = application.licence_expires_on
    return acts_open(
        State(application.state),
        party,
        suspended_by=Party(application.suspended_by) if application.suspended_by else None,
        is_licence_valid=ends is not None and ends >= local_day(clock.now()),
    )


def member_import(session: Session, union_id: int, import_id: int, *, lock: bool = False) -> MemberImport:
    """Raises ImportNotFound, for another union's list too."""
    found = select(MemberImport).where(MemberImport.id == import_id, MemberImport.union_id == union_id)
    list_ = session.scalar(found.with_for_update() if lock else found)
    if list_ is None:
        raise ImportNotFound
    return list_


def branches_page(
    session: Session,
    organisation_ids: Collection[int] | None,
    *,
    branch_ids: Collection[int] = (),
    after: int = 0,
    limit: int = 50,
) -> list[Branch]:
    """Branches by id in which a till can be opened: of some merchants' organisations, or all if None, and single ones beside.

    One query.
    """
    page = (
        select(Branch)
        .join(Merchant, Merchant.id == Branch.merchant_id)
        .where(SELLS, Branch.id > after)
        .order_by(Branch.id)
        .limit(limit)
    )
    if organisation_ids is not None:
        page = page.where(or_(Merchant.organisation_id.in_(organisation_ids), Branch.id.in_(branch_ids)))
    return list(session.scalars(page))


def overseen_cities(session: Session) -> list[City]:
    """The cities in which shops can apply: those with a municipality on record."""
    return list(session.scalars(select(City).join(Overseer, Overseer.city_id == City.id).order_by(City.id)))


def cities_overseen(session: Session, organisation_ids: Collection[int] | None) -> list[OverseenCity]:
    """The cities that these organisations oversee, by id; all that are overseen if None. One query."""
    overseen = select(City.id, City.code, City.names, Overseer.organisation_id).join(Overseer, Overseer.city_id == City.id)
    if organisation_ids is not None:
        overseen = overseen.where(Overseer.organisation_id.in_(organisation_ids))
    return [OverseenCity(*row) for row in session.execute(overseen.order_by(City.id))]


def devices_of(session: Session, terminal_id: int, since: datetime) -> tuple[TerminalSetUp | None, TerminalSetUp | None]:
    """The device that has waited to be let in since then, and the last one that was. One query."""
    newest = (
        select(func.max(TerminalSetUp.id))
        .where(TerminalSetUp.terminal_id == terminal_id)
        .where((TerminalSetUp.state == "approved") | ((TerminalSetUp.state == "waiting") & (TerminalSetUp.asked_at > since)))
        .group_by(TerminalSetUp.state)
    )
    by_state = {one.state: one for one in session.scalars(select(TerminalSetUp).where(TerminalSetUp.id.in_(newest)))}
    return by_state.get("waiting"), by_state.get("approved")
