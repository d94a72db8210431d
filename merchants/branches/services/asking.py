"""The shop asks: for a further branch, for the move of one; and gives up what it asked for."""

from collections.abc import Collection, Mapping
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from identity import rules as people
from identity.permissions import Identity
from kernel import audit, clock
from kernel.errors import DomainError
from merchants.branches import queries
from merchants.branches.errors import BranchMovesAlready, BranchWishIncomplete
from merchants.branches.models import BranchWish
from merchants.branches.rules import Act, Kind, State, next_state
from merchants.errors import BranchIsClosed
from merchants.models import Branch, Merchant
from merchants.onboarding import rules as files
from merchants.onboarding.errors import NumberTaken
from merchants.onboarding.ports import PaperStore
from merchants.onboarding.queries import city_position
from merchants.onboarding.services.filing import Faults, claim, licence_day
from places.models import City, Place


def ask_branch(
    session: Session,
    identity: Identity,
    store: PaperStore,
    merchant: Merchant,
    key: str,
    typed: Mapping[str, str],
    picture: bytes,
) -> tuple[BranchWish | None, dict[str, DomainError]]:
    """(what was asked for, {}) or (None, what is wrong by field); the same form again is the same wish.

    The caller checks that the person runs the whole shop. `typed`: name_fa, name_en, city, address, lat, lon, licence_number,
    licence_expires_on.
    """
    known = _known(session, merchant.id, key)
    if known is not None:
        return known, {}
    faults = Faults()
    names = typed_names(faults, typed)
    union_id = faults.check("shop", lambda: union_of(merchant))
    city = faults.check("city", lambda: _city(session, typed.get("city", "")))
    licence = _licence(session, faults, typed, picture, city)
    if faults.by_field or not (names and union_id and city and licence):
        return None, faults.by_field
    wish = BranchWish(
        key=key, kind=Kind.OPEN, merchant_id=merchant.id, union_id=union_id, city_id=city, names=names, paper=store.put(picture),
        asked_by=identity.person_id, asked_at=clock.now(), **licence,
    )  # fmt: skip
    return _put(session, identity, wish, "ask"), {}


def ask_move(
    session: Session,
    identity: Identity,
    store: PaperStore,
    branch: Branch,
    key: str,
    typed: Mapping[str, str],
    picture: bytes,
) -> tuple[BranchWish | None, dict[str, DomainError]]:
    """Ask the union to let a branch move within its city; as `ask_branch`. `typed`: address, lat, lon, licence_number, licence_expires_on.

    The licence may be the one that the branch stands under: it says where the shop is. Raises BranchIsClosed.
    """
    if branch.status == "closed":
        raise BranchIsClosed
    known = _known(session, branch.merchant_id, key)
    if known is not None:
        return known, {}
    merchant = session.get_one(Merchant, branch.merchant_id)
    faults = Faults()
    union_id = faults.check("shop", lambda: union_of(merchant))
    claim(session, "move of branch", str(branch.id))
    faults.check("shop", lambda: _check_stays(session, branch))
    city = session.scalar(select(Place.city_id).where(Place.id == branch.place_id))
    licence = _licence(session, faults, typed, picture, city, branch)
    if faults.by_field or not (union_id and city and licence):
        return None, faults.by_field
    wish = BranchWish(
        key=key, kind=Kind.MOVE, merchant_id=merchant.id, union_id=union_id, city_id=city, names=branch.names, branch_id=branch.id,
        paper=store.put(picture), asked_by=identity.person_id, asked_at=clock.now(), **licence,
    )  # fmt: skip
    return _put(session, identity, wish, "ask to move"), {}


def typed_names(faults: Faults, typed: Mapping[str, str]) -> dict[str, str] | None:
    """Names as typed in Persian and, where one likes, in English."""
    name = faults.check("name_fa", lambda: files.typed_name(typed.get("name_fa", ""), "name_fa"))
    english = typed.get("name_en", "").strip()
    named = faults.check("name_en", lambda: files.typed_name(english, "name_en")) if english else None
    if name is None:
        return None
    return {"fa": name, "en": named} if named else {"fa": name}


def union_of(merchant: Merchant) -> int:
    """Raises BranchWishIncomplete."""
    if merchant.status != "active" or merchant.union_id is None:
        raise BranchWishIncomplete(field="shop")
    return merchant.union_id


def _known(session: Session, merchant_id: int, key: str) -> BranchWish | None:
    claim(session, "key", key)
    return session.scalar(select(BranchWish).where(BranchWish.key == key, BranchWish.merchant_id == merchant_id))


def _check_stays(session: Session, branch: Branch) -> None:
    """Raises BranchMovesAlready."""
    if queries.asked_move(session, branch.id) is not None:
        raise BranchMovesAlready


def _city(session: Session, typed: str) -> int:
    found = session.scalar(select(City.id).where(City.code == typed))
    if found is None:
        raise BranchWishIncomplete(field="city")
    return found


def _licence(
    session: Session,
    faults: Faults,
    typed: Mapping[str, str],
    picture: bytes,
    city: int | None,
    branch: Branch | None = None,
) -> dict[str, str | float | date] | None:
    """Where the branch is to be, and under which licence; None where something is wrong with one of them."""
    address = faults.check("address", lambda: files.typed_address(typed.get("address", "")))
    number = faults.check("licence_number", lambda: _free(session, typed.get("licence_number", ""), branch))
    last_day = faults.check("licence_expires_on", lambda: licence_day(typed.get("licence_expires_on", "")))
    media_type = faults.check("paper", lambda: files.media_type_of(picture))
    at = (
        faults.check(
            "lat",
            lambda: files.typed_position(typed.get("lon", ""), typed.get("lat", ""), city_position(session, city)),
        )
        if city
        else None
    )
    if not (address and number and last_day and media_type and at):
        return None
    return {
        "address": address, "lon": at[0], "lat": at[1], "licence_number": number, "licence_expires_on": last_day, "paper_type": media_type,
    }  # fmt: skip


def _free(session: Session, typed: str, branch: Branch | None) -> str:
    """Raises WrongLicenceNumber, NumberTaken."""
    number = people.licence_number(typed)
    claim(session, "licence_number", number)
    if queries.licence_is_taken(session, number, but=branch):
        raise NumberTaken(field="licence_number")
    return number


def _put(session: Session, identity: Identity, wish: BranchWish, act: str) -> BranchWish:
    session.add(wish)
    session.flush()
    facts = {
        "merchant_id": wish.merchant_id,
        "city_id": wish.city_id,
        "names": wish.names,
        "licence_number": wish.licence_number,
    }
    audit.record(session, identity.actor, act, "branch", f"wish {wish.id}", after=facts)
    return wish


def give_up(session: Session, identity: Identity, organisation_ids: Collection[int], wish_id: int) -> BranchWish:
    """Raises BranchWishNotFound, BranchWishDecided."""
    wish = queries.lock_wish(session, (BranchWish.id == wish_id) & queries.of_organisations(organisation_ids))
    write_down(session, identity, wish, Act.GIVE_UP, None)
    return wish


def write_down(session: Session, identity: Identity, wish: BranchWish, act: Act, why: str | None) -> None:
    """What became of a wish. Raises BranchWishDecided."""
    state = next_state(State(wish.state), act)
    wish.state, wish.why, wish.decided_by, wish.decided_at = state, why, identity.person_id, clock.now()
    session.flush()
    audit.record(
        session,
        identity.actor,
        act,
        "branch",
        f"wish {wish.id}",
        after={"state": state, "branch_id": wish.branch_id},
        why=why,
    )
