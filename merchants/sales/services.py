"""The use cases of a till. None of them raises for what a message holds: every refusal is an outcome with a reason.

Selling and reversing raise OutcomeUnknown where the teller has taken the request and does not answer.
"""

from typing import Protocol

from msgspec import Struct
from sqlalchemy.orm import Session

from cardbank.cards.challenges import LiveProofs, new_challenge_id, online_key, record_challenge
from cardbank.cards.codes import read_code
from cardbank.cards.ev2 import CardProofRefused
from cardbank.cards.rules import CardProfile, refusal_of_state
from cardbank.errors import CardCodeExpired, CardCodeUnknown
from cardbank.keystore.ports import KeyStore
from cardbank.ledger.types import Answer, PostingRequest
from cardbank.reasons import Reason
from cardbank.statements import card_of_entry
from kernel import clock
from kernel.calendar import local_day
from merchants.discounts.rules import CashDue
from merchants.discounts.services import note_cash_sale, note_discount, take_back_cash_sale
from merchants.rules import TerminalProfile
from merchants.sales.directory import Directory, Runner
from merchants.sales.rules import (
    CardClaim,
    Refund,
    Return,
    Sale,
    SaleOutcome,
    TopUp,
    Void,
    purchase_request,
    refund_request,
    refusal_of_sale,
    refusal_of_top_up,
    reversal_request,
    top_up_request,
    void_request,
)


class Teller(Protocol):
    async def post(self, request: PostingRequest) -> Answer: ...


class Office(Struct, frozen=True):
    """What a sale needs at hand."""

    directory: Directory
    keystore: KeyStore
    teller: Teller
    proofs: LiveProofs
    run: Runner


class Challenge(Struct, frozen=True):
    """What the till carries to the chip: 8-byte id, 32 bytes of part-2 data."""

    id: bytes
    part2: bytes


class CardCheck(Struct, frozen=True):
    """The state of a card; `is_proven` = the chip itself has answered, so that the till may greet its holder."""

    reason: Reason
    card: CardProfile | None
    is_proven: bool


async def authorise_sale(office: Office, sale: Sale) -> SaleOutcome:
    """Decide and post one purchase, or give again the answer that its key has."""
    card, refusal = await identify(office, sale.card, sale.terminal)
    if card is not None and refusal is None:
        refusal = refusal_of_sale(sale, card, local_day(clock.now()))
    if sale.discount_rial and refusal is None:
        await _note_discount(office, sale)
    answer = await office.teller.post(purchase_request(sale, card, refusal))
    due = await _note_cash_sale(office, sale, card) if answer.reason is Reason.PAYS_IN_CASH and card is not None else None
    return SaleOutcome(answer, card, due)


async def _note_cash_sale(office: Office, sale: Sale, card: CardProfile) -> CashDue:
    """After the bank has answered: what it never decided was never sold, and a repeat notes what a crash has left out."""
    at, due, card_id = sale.terminal, sale.cash_due, card.card_id
    return await office.run(
        lambda session: note_cash_sale(
            session, sale.key, due, merchant_id=at.merchant_id, terminal_id=at.terminal_id, card_id=card_id
        )
    )


async def _note_discount(office: Office, sale: Sale) -> None:
    def note(session: Session) -> None:
        share = sale.terminal.cash_discount_basis_points
        note_discount(session, sale.key, price_rial=sale.price_rial or 0, discount_rial=sale.discount_rial, basis_points=share)

    await office.run(note)


async def reverse_sale(office: Office, return_: Return) -> SaleOutcome:
    """Take back a purchase that its till could not finish; leaves a tombstone where it has not arrived yet."""
    card = await claimed_card(office, return_.card)
    answer = await office.teller.post(reversal_request(return_, card))
    if answer.reason is Reason.NOTHING_TO_REVERSE:
        await office.run(lambda session: take_back_cash_sale(session, return_.original))
    return SaleOutcome(answer, card)


async def refund_sale(office: Office, refund: Refund) -> SaleOutcome:
    """Give back a part of a purchase, or what is left of it, to the purses that paid."""
    card = await _returning_card(office, refund)
    return SaleOutcome(await office.teller.post(refund_request(refund, card)), card)


async def void_sale(office: Office, void: Void) -> SaleOutcome:
    """Take back a whole purchase, or a whole refund, at its own till."""
    card = await _returning_card(office, void)
    return SaleOutcome(await office.teller.post(void_request(void, card)), card)


async def top_up_by_cash(office: Office, top_up: TopUp) -> SaleOutcome:
    """Put cash that the shop has taken on a card, or say why not; a repeat takes it once."""
    card, refusal = await identify(office, top_up.card, top_up.terminal)
    if card is not None and refusal is None:
        refusal = refusal_of_top_up(top_up, card, local_day(clock.now()))
    return SaleOutcome(await office.teller.post(top_up_request(top_up, card, refusal)), card)


async def begin_tap(office: Office, terminal: TerminalProfile, uid: bytes, card_challenge: bytes) -> Challenge | Reason:
    """Answer a chip's E(RndB): says nothing of the holder or of the card's state, which an unproven UID may not learn."""
    card = await office.directory.card_by_uid(uid)
    if card is None:
        return Reason.NO_SUCH_CARD
    try:
        part2, sealed = office.keystore.ev2_begin(online_key(card), card_challenge, terminal.code.encode())
    except CardProofRefused:
        return Reason.CARD_PROOF_REFUSED
    challenge = Challenge(new_challenge_id(), part2)

    def record(session: Session) -> None:
        record_challenge(session, challenge.id, card.card_id, terminal.terminal_id)

    await office.run(record)
    office.directory.remember_challenge(challenge.id, card.card_id)
    return challenge if await office.proofs.keep(challenge.id, sealed) else Reason.LEDGER_UNAVAILABLE


async def check_card(office: Office, terminal: TerminalProfile, claim: CardClaim) -> CardCheck:
    """Whether a card may be used, without an amount; one without money may, too."""
    card, refusal = await identify(office, claim, terminal)
    is_proven = refusal is None and claim.challenge_id is not None
    if card is not None and refusal is None:
        refusal = refusal_of_state(card, local_day(clock.now()))
    return CardCheck(refusal or Reason.APPROVED, card, is_proven)


async def identify(office: Office, claim: CardClaim, terminal: TerminalProfile) -> tuple[CardProfile | None, Reason | None]:
    """The card that is claimed, and why the claim does not hold. A proof is used up by looking at it."""
    card = await claimed_card(office, claim)
    if claim.code is not None:
        if card is None:
            return None, Reason.CARD_CODE_UNKNOWN
        return card, None if await office.proofs.spend_code(claim.code) else Reason.CARD_CODE_USED
    if claim.challenge_id is None:
        is_named = card is not None and claim.card_id is None
        return card, None if is_named else Reason.NO_SUCH_CARD
    sealed = await office.proofs.take(claim.challenge_id)
    if card is None or sealed is None or claim.card_answer is None:
        return card, Reason.CHALLENGE_UNKNOWN
    try:
        office.keystore.ev2_finish(online_key(card), sealed, claim.card_answer, terminal.code.encode())
    except CardProofRefused:
        return card, Reason.CARD_PROOF_REFUSED
    return card, None


async def _returning_card(office: Office, asked: Refund | Void) -> CardProfile | None:
    """The card that is shown, else the one that paid. A return is no use of the card, so it needs no proof."""
    if asked.card is not None:
        return await claimed_card(office, asked.card)
    card_id = await office.run(lambda session: card_of_entry(session, *asked.original))
    return None if card_id is None else await office.directory.card(card_id)


async def claimed_card(office: Office, claim: CardClaim) -> CardProfile | None:
    """The card that a claim names, whether it proves it or not."""
    if claim.challenge_id is not None:
        return await office.directory.card_by_challenge(claim.challenge_id)
    if claim.code is not None:
        return await _card_of_code(office, claim.code)
    if claim.card_id is not None:
        return await office.directory.card(claim.card_id)
    return await office.directory.card_by_number(claim.number_index) if claim.number_index else None


async def _card_of_code(office: Office, digits: str) -> CardProfile | None:
    try:
        return await office.directory.card(read_code(office.keystore, digits, clock.now()).card_id)
    except (CardCodeUnknown, CardCodeExpired):
        return None
