from merchants.rules import ShopKind, acceptor_id, category, initial_key_id, terminal_code


def test_terminal_codes_fill_eight_characters_and_do_not_repeat() -> None:
    assert [terminal_code(number) for number in (1, 9_999_999, 10_000_000, 25_000_000)] == [
        "T0000001", "T9999999", "U0000000", "V5000000",
    ]  # fmt: skip


def test_acceptor_ids_fill_fifteen_characters() -> None:
    assert acceptor_id(7) == "M00000000000007"
    assert len(acceptor_id(7)) == 15


def test_initial_key_ids_are_eight_bytes_and_differ_by_terminal() -> None:
    assert initial_key_id(1) == "5043303100000001"
    assert len(bytes.fromhex(initial_key_id(2**32 - 1))) == 8


def test_every_trade_has_a_number_of_its_own_in_every_city() -> None:
    numbers = {category(city_id, kind) for city_id in (1, 2, 99) for kind in ShopKind}
    assert len(numbers) == 3 * len(ShopKind)
    assert category(7, "restaurant") == 706
