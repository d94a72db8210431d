"""Tags on goods: what their bytes say, and a tag laid on the counter's reader over nfcpy's own UDP transport."""

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reader_agent.goods_tag import texts_of
from tests.reader_agent.test_counter import PageOf, door
from virtual_card.goods_tag import Ntag, address_record, text_record

__all__ = ["door"]
UID = "04a1b2c3d4e5f6"


def test_texts_and_addresses_are_read_in_order_and_other_records_left_out() -> None:
    mixed = b"\x91\x01\x08T\x02en62601" + b"\x12\x03\x02a/b\x00\x01" + b"\x51\x01\x0bU\x04id.example"
    assert texts_of(mixed) == ("62601", "https://id.example")
    assert texts_of(text_record("P000123")) == ("P000123",)
    assert texts_of(bytes([0xD1, 1, 5]) + b"U\x1esgtn") == ("urn:epc:id:sgtn",)
    with_id = bytes([0xD9, 1, 6, 2]) + b"Tid\x02en626"
    assert texts_of(with_id) == ("626",)
    assert texts_of(bytes([0xC1, 1, 0, 0, 0, 6]) + b"T\x02en626") == ("626",)
    assert texts_of(text_record("x\x07y")) == ()


@given(st.binary(max_size=200))
def test_a_damaged_message_never_fails(message: bytes) -> None:
    assert all(isinstance(text, str) for text in texts_of(message))


@given(st.text(st.characters(categories=["L", "N"]), min_size=1, max_size=40), st.data())
def test_what_was_written_is_read_and_what_was_cut_off_is_not(text: str, data: st.DataObject) -> None:
    message = text_record(text)
    assert texts_of(message) == (text,)
    assert texts_of(message[: data.draw(st.integers(0, len(message) - 1))]) == ()


def test_a_tag_answers_reads_and_refuses_the_rest() -> None:
    tag = Ntag(bytes.fromhex(UID), address_record("https://id.example/01/06260000000001"))
    assert tag.receive(b"\x30\x03")[:4] == bytes.fromhex("e1101200")
    assert tag.receive(b"\x30\x2c")[:4] == bytes(4)
    assert tag.receive(b"\x1a\x00") == tag.receive(b"\x30\x2d") == b"\x00"
    with pytest.raises(ValueError, match="141 bytes"):
        Ntag(bytes.fromhex(UID), bytes(142))


def test_goods_on_the_reader_say_what_they_are_and_a_card_is_sent_away(
    door: Callable[..., PageOf], field_of: Callable[..., tuple[Any, int]], card_keys: dict[str, Any]
) -> None:
    field, port = field_of(card_keys)
    page = door(f"udp:127.0.0.1:{port}", card_seconds=2.0)

    def see(**order: str) -> tuple[int, dict[str, Any]]:
        """What the page hears once this lies there."""
        field.send(order)
        field.send({"say": "done"})
        while "said" not in field.read():
            pass
        return page.ask("/goods")[:2]

    link = "https://id.example/01/06260000000001"
    assert see(tag=UID, address=link) == (200, {"uid": UID, "says": [link]})
    assert see(tag=UID, text="۶۲۶۰۰۰")[1]["says"] == ["۶۲۶۰۰۰"]
    assert see(tag=UID) == (200, {"uid": UID, "says": []})
    assert see(remove=UID) == (409, {"fault": "no_tag"})
    assert see(place=card_keys["uid"]) == (409, {"fault": "card_not_goods"})
    assert page.ask("/tap")[0] == 200  # the same card pays as ever
