"""A device becomes a till by itself: code, a second person's yes, certificate and key; then it sells over TLS."""

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import select

from deploy.commands import keys_gateway
from identity.permissions import Identity, Role
from kernel import clock
from merchants.models import Branch
from merchants.onboarding.queries import devices_of
from merchants.onboarding.services.issuing import issue_terminal, reissue_code
from merchants.onboarding.services.setting_up import WAITS, decide_set_up
from reader_agent.answer import NoAnswer
from reader_agent.config import TerminalConfig
from reader_agent.dukpt import TerminalKeys
from reader_agent.flash import Flash
from reader_agent.terminal import Terminal
from tests import factories
from tests.conftest import forget_settings
from tests.functional.bank import MONEY, Bank, free_port
from tests.functional.till import wait_until
from tests.portal.serving import served

NFC = Path(__file__).parents[2] / "nfc"


@pytest.fixture(scope="module")
def portal(bank: Bank, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The API, and the gateway started again with TLS under the terminals' own authority."""
    folder, port = tmp_path_factory.mktemp("tls"), free_port()
    factories.keystore()
    assert keys_gateway.run(["localhost", str(folder)]) == 0
    bank.gateway.stop()
    bank.start_gateway(
        PILGRIM_GATEWAY_TLS_BIND=f"127.0.0.1:{port}",
        PILGRIM_GATEWAY_TLS_CERTIFICATE=str(folder / "gateway.crt"),
        PILGRIM_GATEWAY_TLS_KEY=str(folder / "gateway.key"),
        PILGRIM_GATEWAY_TLS_CLIENT_CA=str(folder / "terminals-ca.crt"),
    )
    import wsgi

    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PILGRIM_GATEWAY_ADDRESS", f"localhost:{port}")
        patch.setenv("PILGRIM_GATEWAY_TLS_BIND", f"127.0.0.1:{port}")
        forget_settings()
        with served(wsgi.create_app()) as address:
            yield address
    forget_settings()


class Device:
    """The set-up program on a device of its own."""

    def __init__(self, portal: str, folder: Path, code: str, serial: str) -> None:
        command = [sys.executable, "-m", "reader_agent.set_up", "--portal", portal, "--serial", serial, "--folder", str(folder)]
        self._process = subprocess.Popen(
            command, cwd=NFC, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
        assert self._process.stdin is not None
        self._process.stdin.write(code + "\n")
        self._process.stdin.flush()

    def ends(self) -> tuple[int, str, str]:
        told, complaint = self._process.communicate(timeout=30)
        return self._process.returncode, told, complaint


def let_in(bank: Bank, operator: Identity, terminal_id: int) -> None:
    def waits() -> Any:
        with bank.session() as session:
            return devices_of(session, terminal_id, clock.now() - WAITS)[0]

    wait_until(lambda: waits() is not None)
    with bank.session() as session:
        decide_set_up(session, operator, waits().id, "let_in")
        session.commit()


@contextmanager
def working(folder: Path) -> Iterator[Terminal]:
    config = TerminalConfig.from_file(folder / "till.json")
    keys = TerminalKeys(config.initial_key, config.initial_key_id)
    with closing(Flash(folder / "till.flash", config.terminal, keys)) as flash, closing(Terminal(config, flash, keys)) as till:
        yield till


def test_a_device_sets_itself_up_sells_and_ends_when_another_takes_its_place(
    bank: Bank, portal: str, card: dict[str, Any], tmp_path: Path
) -> None:
    with bank.session() as session:
        operator, _ = factories.account(session, Role.OPERATOR)
        colleague, _ = factories.account(session, Role.OPERATOR)
        factories.terminal(session, shop=bank.shop)
        branch_id = session.scalars(select(Branch.id).where(Branch.merchant_id == bank.shop.id)).first()
        terminal, code = issue_terminal(session, operator, branch_id or 0, str(uuid4()))
        session.commit()
    first, second = tmp_path / "first", tmp_path / "second"
    device = Device(portal, first, code, "PAX-0000001")
    let_in(bank, colleague, terminal.id)
    status, told, complaint = device.ends()
    assert (status, complaint) == (0, "")
    assert Path(told.removeprefix("One-time code: ").strip()) == first / "till.json"
    kept = json.loads((first / "till.json").read_text())
    assert (kept["terminal"], kept["certificate"]) == (terminal.code, "till.pem")
    assert all(path.stat().st_mode & 0o077 == 0 for path in first.iterdir())
    with working(first) as till:
        wait_until(lambda: till.sign_on().is_approved)
        till.start_sale()
        assert till.purchase(25_000, 0, card["card_number"]).is_approved
        assert bank.balance(card) == MONEY - 25_000

        with bank.session() as session:
            _, code = reissue_code(session, operator, terminal.code, str(uuid4()))
            session.commit()
        device = Device(portal, second, code, "PAX-0000002")
        let_in(bank, colleague, terminal.id)
        assert device.ends()[0] == 0
        with working(second) as newer:
            wait_until(lambda: newer.sign_on().is_approved)
        wait_until(lambda: _is_out(till))


def _is_out(till: Terminal) -> bool:
    """The gateway's answer is not one that this device could verify, or the device is told that its key is none."""
    try:
        return not till.echo().is_approved
    except NoAnswer:
        return True


def test_a_code_that_is_none_is_one_sentence(portal: str, tmp_path: Path) -> None:
    status, _, complaint = Device(portal, tmp_path / "till", "0000-0000-0000", "PAX-0000003").ends()
    assert status == 1
    assert complaint.strip() == "این کد درست نیست، به کار رفته یا وقتش گذشته است. کد تازه‌ای بخواهید."
    assert not (tmp_path / "till" / "claim").exists()
