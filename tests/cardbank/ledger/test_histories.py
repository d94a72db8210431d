"""Random histories through the pure rules: the independent model has the same balances, answer by answer."""

from datetime import UTC, datetime

from hypothesis import HealthCheck, given, settings

from tests.cardbank.ledger.histories import City, histories, histories_of_returns
from tests.cardbank.ledger.memory import MemoryLedger
from tests.cardbank.ledger.model import Model

NOW = datetime(2026, 11, 22, 9, 30, tzinfo=UTC)


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(histories)
def test_any_history_agrees_with_the_model(history):
    bank, city = small_city()
    city.run(history)
    city.check()
    bank.check()


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(histories_of_returns)
def test_any_history_of_returns_and_returns_of_returns_agrees_with_the_model(history):
    bank, city = small_city()
    city.endow()
    city.run(history)
    city.check()
    bank.check()


def small_city() -> tuple[MemoryLedger, City]:
    bank = MemoryLedger(NOW)
    holders = [bank.open_holder() for _ in range(3)]
    city = City(
        bank,
        Model(NOW),
        holders,
        [bank.open_shop(), bank.open_shop()],
        [bank.open_programme(), bank.open_programme()],
    )
    return bank, city
