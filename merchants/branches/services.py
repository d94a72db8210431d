"""Use cases of further branches: ask for one, give up, approve, refuse."""

from collections.abc import Collection, Mapping

from sqlalchemy import select
from sqlalchemy.orm import Session

from identity import rules as people
from identity.permissions import Identity
from kernel import audit, clock
from kernel.errors import DomainError
from kernel.languages import in_language
from kernel.messages.services import send
from kernel.settings import load_settings
from merchants.branches import queries
from merchants.branches.errors import BranchWishIncomplete, OwnBranchWish
from merchants.branches.models import BranchWish
from merchants.branches.notices import BY_ACT
from merchants.branches.rules import Act, State, checked_reason, next_state
from merchants.models import Merchant
from merchants.onboarding import rules as files
from merchants.onboarding.errors import NumberTaken
from merchants.onboarding.ports import PaperStore
from merchants.onboarding.queries import city_position
from merchants.onboarding.services.filing import Faults, claim, licence_day
from merchants.permits.queries import askers_to_tell
from merchants.services import open_branch
from places.models import City
from places.services import register_place


def ask_branch(
    session: Session, identity: Identity, store: PaperStore, merchant: Merchant, key: str, typed: Mapping[str, str], picture: bytes
) -> tuple[BranchWish | None, dict[str, DomainError]]:
    """(what was asked for, {}) or (None, what is wrong by field); the same form again is the same wish.

    The caller checks that the person runs the whole shop. `typed`: name_fa, name_en, city, address, lat, lon, licence_number,
    licence_expires_on.
    """
    claim(session, "key", key)
    known = session.scalar(select(BranchWish).where(BranchWish.key == key, BranchWish.merchant_id == merchant.id))
    if known is not None:
        return known, {}
    faults = Faults()
    name = faults.check("name_fa", lambda: files.typed_name(typed.get("name_fa", ""), "name_fa"))
    english = typed.get("name_en", "").strip()
    named = faults.check("name_en", lambda: files.typed_name(english, "name_en")) if english else None
    union_id = faults.check("shop", lambda: _union(merchant))
    city = faults.check("city", lambda: _city(session, typed.get("city", "")))
    address = faults.check("address", lambda: files.typed_address(typed.get("address", "")))
    number = faults.check("licence_number", lambda: _free(session, typed.get("licence_number", "")))
    last_day = faults.check("licence_expires_on", lambda: licence_day(typed.get("licence_expires_on", "")))
    media_type = faults.check("paper", lambda: files.media_type_of(picture))
    at = faults.check("lat", lambda: files.typed_position(typed.get("lon", ""), typed.get("lat", ""), city_position(session, city))) if city else None
    if faults.by_field or not (name and union_id and city and address and number and last_day and media_type and at):
        return None, faults.by_field
    names = {"fa": name, "en": named} if named else {"fa": name}
    wish = BranchWish(
        key=key, merchant_id=merchant.id, union_id=union_id, city_id=city, names=names, address=address, lon=at[0], lat=at[1],
        licence_number=number, licence_expires_on=last_day, paper=store.put(picture), paper_type=media_type,
        asked_by=identity.person_id, asked_at=clock.now(),
    )  # fmt: skip
    session.add(wish)
    session.flush()
    facts = {"merchant_id": merchant.id, "city_id": city, "names": names, "licence_number": number}
    audit.record(session, identity.actor, "ask", "branch", f"wish {wish.id}", after=facts)
    return wish, {}


def _union(merchant: Merchant) -> int:
    if merchant.status != "active" or merchant.union_id is None:
        raise BranchWishIncomplete(field="shop")
    return merchant.union_id


def _city(session: Session, typed: str) -> int:
    found = session.scalar(select(City.id).where(City.code == typed))
    if found is None:
        raise BranchWishIncomplete(field="city")
    return found


def _free(session: Session, typed: str) -> str:
    """Raises WrongLicenceNumber, NumberTaken."""
    number = people.licence_number(typed)
    claim(session, "licence_number", number)
    if queries.licence_is_taken(session, number):
        raise NumberTaken(field="licence_number")
    return number


def give_up(session: Session, identity: Identity, organisation_ids: Collection[int], wish_id: int) -> BranchWish:
    """Raises BranchWishNotFound, BranchWishDecided."""
    wish = queries.lock_wish(session, (BranchWish.id == wish_id) & queries.of_organisations(organisation_ids))
    _decide(session, identity, wish, Act.GIVE_UP, None)
    return wish


def approve(session: Session, identity: Identity, union_ids: Collection[int], wish_id: int) -> BranchWish:
    """The branch is on the map from now on. Raises BranchWishNotFound, BranchWishDecided, OwnBranchWish, BranchWishIncomplete (`shop`)."""
    wish = queries.lock_wish(session, (BranchWish.id == wish_id) & BranchWish.union_id.in_(union_ids))
    _check_other(identity, wish)
    next_state(State(wish.state), Act.APPROVE)
    merchant = session.get_one(Merchant, wish.merchant_id, with_for_update={"read": True}, populate_existing=True)
    _union(merchant)
    place = register_place(
        session, identity.actor, wish.city_id, code=f"branch-{wish.id}", kind="shop", names=wish.names, lon=wish.lon, lat=wish.lat,
        source="the shop's own application", licence="facts",
    )  # fmt: skip
    wish.branch_id = open_branch(session, identity.actor, wish.merchant_id, place.id, wish.names).id
    _decide(session, identity, wish, Act.APPROVE, None)
    return wish


def refuse(session: Session, identity: Identity, union_ids: Collection[int], wish_id: int, typed: str) -> BranchWish:
    """Raises BranchWishNotFound, BranchWishDecided, OwnBranchWish, BranchWishIncomplete (`why`)."""
    why = checked_reason(typed)
    wish = queries.lock_wish(session, (BranchWish.id == wish_id) & BranchWish.union_id.in_(union_ids))
    _check_other(identity, wish)
    _decide(session, identity, wish, Act.REFUSE, why)
    return wish


def _check_other(identity: Identity, wish: BranchWish) -> None:
    if wish.asked_by == identity.person_id:
        raise OwnBranchWish


def _decide(session: Session, identity: Identity, wish: BranchWish, act: Act, why: str | None) -> None:
    state = next_state(State(wish.state), act)
    wish.state, wish.why, wish.decided_by, wish.decided_at = state, why, identity.person_id, clock.now()
    session.flush()
    audit.record(session, identity.actor, act, "branch", f"wish {wish.id}", after={"state": state, "branch_id": wish.branch_id}, why=why)
    if act in BY_ACT:
        _tell(session, wish, act)


def _tell(session: Session, wish: BranchWish, act: Act) -> None:
    merchant = session.get_one(Merchant, wish.merchant_id)
    link = f"{load_settings().portal}/branches"
    for person_id, mobile, language in askers_to_tell(session, merchant.organisation_id):
        said = {"name": in_language(wish.names, language), "link": link}
        send(session, BY_ACT[act], mobile, language, said, key=f"branch wish {wish.id} {act} {person_id}")
