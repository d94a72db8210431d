import pytest

from cardbank.cards.rules import CardStatus
from cardbank.replacing.errors import BlankNotInStock, BlankOfAnotherKind, CardIsReplaced, CardNotReplaceable
from cardbank.replacing.rules import REPLACEABLE, check_blank, check_replaceable, typed_why
from kernel.errors import BadInput


@pytest.mark.parametrize("status", CardStatus)
def test_only_a_card_in_somebodys_hand_is_replaced(status: CardStatus) -> None:
    if status in REPLACEABLE:
        check_replaceable(status, None)
        return
    with pytest.raises(CardIsReplaced if status is CardStatus.REPLACED else CardNotReplaceable) as refused:
        check_replaceable(status, None, "936400*********0001")
    assert refused.value.facts.get("masked") == ("936400*********0001" if status is CardStatus.REPLACED else None)


def test_a_block_of_the_bank_is_not_walked_around() -> None:
    for why in ("holder", "lost", "stolen"):
        check_replaceable("blocked", why)
    with pytest.raises(CardNotReplaceable) as refused:
        check_replaceable("blocked", "bank")
    assert refused.value.facts["fault"] == "bank"


def test_a_blank_is_of_the_stock_and_of_the_same_kind() -> None:
    check_blank("stock", "standard", "standard")
    with pytest.raises(BlankOfAnotherKind):
        check_blank("stock", "gift", "standard")
    with pytest.raises(BlankNotInStock):
        check_blank("active", "standard", "standard")


def test_a_reason_is_one_of_four() -> None:
    assert [typed_why(one) for one in ("lost", "stolen", "damaged", "expired")]
    with pytest.raises(BadInput):
        typed_why("mood")
