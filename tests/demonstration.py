"""The demonstration's data, sown once a run: whoever shows them gets a copy of the database, which costs a tenth of the sowing."""

import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from cardbank.reasons import Reason
from deploy.commands import keys_init, seed
from tests.conftest import forget_settings, with_database
from tests.databases import clone, drop
from tests.portal.site import Site


@dataclass(frozen=True)
class Sown:
    """A database that nobody is connected to, the folder of its keys, and the names of what was made in it."""

    server_url: str
    name: str
    keys: Path
    things: dict[str, str] = field(default_factory=dict)

    @contextmanager
    def shown(self) -> Iterator[str]:
        """The address of a copy; the process settings point to it and to the keys."""
        name = f"browser_{uuid.uuid4().hex[:12]}"
        clone(self.server_url, self.name, name)
        try:
            with settings_of(with_database(self.server_url, name), self.keys):
                yield with_database(self.server_url, name)
        finally:
            drop(self.server_url, name)


@contextmanager
def settings_of(address: str, keys: Path) -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DATABASE_URL", address)
        patch.setenv("PILGRIM_KEYSTORE_FILE", str(keys / "keystore.json"))
        forget_settings()
        try:
            yield
        finally:
            forget_settings()


@contextmanager
def demonstration(server_url: str, template: str, keys: Path) -> Iterator[Sown]:
    """As `./pilgrim demo` finds it on its first start."""

    def sow() -> dict[str, str]:
        assert keys_init.run([]) == 0
        assert seed.run([]) == 0
        return {}

    with _made(Sown(server_url, template, keys), sow) as made:
        yield made


@contextmanager
def exhibition(sown: Sown) -> Iterator[Sown]:
    """With a day's purchases, and one of each thing that has a page of its own."""

    def trade() -> dict[str, str]:
        site = Site("")
        for holder in range(14):
            site.buy(holder, f"T{1 + holder % 5:07d}", 1_250_000 + 10_000 * holder)
        site.buy(2, "T0000001", 99_000, refusal=Reason.CARD_LOST)
        site.close_a_batch(1)
        site.fill()
        return site.things

    with _made(sown, trade) as made:
        yield made


@contextmanager
def _made(of: Sown, make: Callable[[], dict[str, str]]) -> Iterator[Sown]:
    name = f"sown_{uuid.uuid4().hex[:12]}"
    clone(of.server_url, of.name, name)
    try:
        with settings_of(with_database(of.server_url, name), of.keys):
            things = make()
        yield Sown(of.server_url, name, of.keys, things)
    finally:
        drop(of.server_url, name)
