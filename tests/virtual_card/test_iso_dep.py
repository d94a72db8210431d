"""ISO 14443-4 blocks: activation, numbering, recovery, chaining, waiting time, and noise."""

import random
from collections.abc import Callable

import pytest

from virtual_card.iso_dep import ANSWER_TO_SELECT, IsoDepTarget

UNHEX = bytes.fromhex
RATS = UNHEX("E080")


def new_target(
    process: Callable[[bytes], bytes] = lambda apdu: b"\xaa" + apdu, extensions: int = 0
) -> tuple[IsoDepTarget, list[str]]:
    """A target around an echo, and the list of what happened to its card."""
    seen: list[str] = []

    def recording(apdu: bytes) -> bytes:
        seen.append(apdu.hex())
        return process(apdu)

    target = IsoDepTarget(recording, lambda: seen.append("off"), extensions)
    seen.clear()
    return target, seen


def test_nothing_is_answered_before_rats() -> None:
    target, seen = new_target()
    assert [target.receive(UNHEX(block)) for block in ("0200", "B2", "C2", "", "E081", "E0")] == [None] * 6
    assert seen == []
    assert target.receive(RATS) == ANSWER_TO_SELECT


def test_the_answer_to_select_has_its_length_and_ta_tb_tc() -> None:
    assert ANSWER_TO_SELECT[0] == len(ANSWER_TO_SELECT)
    assert ANSWER_TO_SELECT[1] & 0x70 == 0x70


def test_block_numbers_alternate() -> None:
    target, seen = new_target()
    target.receive(RATS)
    assert target.receive(UNHEX("0201")) == UNHEX("02AA01")
    assert target.receive(UNHEX("0302")) == UNHEX("03AA02")
    assert target.receive(UNHEX("0203")) == UNHEX("02AA03")
    assert seen == ["01", "02", "03"]


def test_a_lost_answer_is_sent_again_and_not_computed_again() -> None:
    target, seen = new_target()
    target.receive(RATS)
    first = target.receive(UNHEX("0201"))
    assert target.receive(UNHEX("B2")) == first
    assert target.receive(UNHEX("A2")) == first
    assert seen == ["01"]


def test_a_lost_command_is_asked_for_by_an_acknowledgement() -> None:
    target, seen = new_target()
    target.receive(RATS)
    assert target.receive(UNHEX("B2")) == UNHEX("A3")
    assert target.receive(UNHEX("0201")) == UNHEX("02AA01")
    assert target.receive(UNHEX("B3")) == UNHEX("A2")
    assert seen == ["01"]


def test_a_chained_command_is_put_together() -> None:
    target, seen = new_target()
    target.receive(RATS)
    assert target.receive(UNHEX("12") + b"\x01" * 61) == UNHEX("A2")
    assert target.receive(UNHEX("03") + b"\x02" * 3) == UNHEX("03AA") + b"\x01" * 61 + b"\x02" * 3
    assert seen == ["01" * 61 + "02" * 3]


def test_a_long_answer_is_chained_to_a_reader_with_small_frames() -> None:
    target, _ = new_target(lambda apdu: bytes(range(30)))
    target.receive(UNHEX("E000"))
    assert target.receive(UNHEX("0201")) == b"\x12" + bytes(range(13))
    assert target.receive(UNHEX("A3")) == b"\x13" + bytes(range(13, 26))
    assert target.receive(UNHEX("B3")) == b"\x13" + bytes(range(13, 26))
    assert target.receive(UNHEX("A2")) == b"\x02" + bytes(range(26, 30))


def test_a_frame_longer_than_the_card_can_hold_is_ignored() -> None:
    target, seen = new_target()
    target.receive(RATS)
    assert target.receive(b"\x02" + bytes(62)) is None
    assert seen == []


def test_a_command_chained_without_end_halts_the_card() -> None:
    target, seen = new_target()
    target.receive(RATS)
    answers = [target.receive(bytes([0x12 | number % 2]) + bytes(61)) for number in range(6)]
    assert answers[3] is not None
    assert answers[4] is None
    assert not target.is_active
    assert seen == ["off"]


def test_more_time_is_asked_for_and_granted() -> None:
    target, seen = new_target(extensions=2)
    target.receive(RATS)
    assert target.receive(UNHEX("0201")) == UNHEX("F201")
    assert target.receive(UNHEX("B2")) == UNHEX("F201")
    assert target.receive(UNHEX("F201")) == UNHEX("F201")
    assert target.receive(UNHEX("F201")) == UNHEX("02AA01")
    assert target.receive(UNHEX("F201")) is None
    assert seen == ["01"]


def test_deselect_powers_the_card_off() -> None:
    target, seen = new_target()
    target.receive(RATS)
    assert target.receive(UNHEX("C2")) == UNHEX("C2")
    assert target.receive(UNHEX("0201")) is None
    assert seen == ["off"]


@pytest.mark.parametrize(("block", "answer"), [("D01100", "D0"), ("D001", "D0"), ("D0110A", None)])
def test_only_106_kbit_is_agreed_to(block: str, answer: str | None) -> None:
    target, _ = new_target()
    target.receive(RATS)
    assert target.receive(UNHEX(block)) == (UNHEX(answer) if answer else None)


@pytest.mark.parametrize("seed", range(5))
def test_no_blocks_harm_the_target(seed: int) -> None:
    draw = random.Random(seed)
    target, _ = new_target()
    for _ in range(3000):
        block = draw.randbytes(draw.choice([0, 1, 1, 2, 3, 20, 70]))
        if block and draw.random() < 0.7:
            block = bytes([draw.choice([0x02, 0x03, 0x12, 0x13, 0xA2, 0xA3, 0xB2, 0xB3, 0xC2, 0xE0, 0xF2])]) + block[1:]
        answer = target.receive(block)
        assert answer is None or 1 <= len(answer) <= 256
    target.reset()
    assert target.receive(RATS) == ANSWER_TO_SELECT
    assert target.receive(UNHEX("0201")) == UNHEX("02AA01")
