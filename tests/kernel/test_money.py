import pytest
from hypothesis import given
from hypothesis import strategies as st

from kernel.money import in_unit


@given(st.integers(min_value=-(10**13), max_value=10**13))
def test_toman_loses_no_rial(amount_rial: int) -> None:
    whole, _, rest = in_unit(amount_rial, "toman").replace(",", "").lstrip("-").partition(".")
    assert int(whole) * 10 + int(rest or 0) == abs(amount_rial)


@pytest.mark.parametrize(("amount_rial", "text"), [(0, "0"), (1250000, "125,000"), (-15, "-1.5"), (-3, "-0.3")])
def test_toman_as_written(amount_rial: int, text: str) -> None:
    assert in_unit(amount_rial, "toman") == text
