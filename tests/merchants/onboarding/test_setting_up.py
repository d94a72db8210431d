"""A device is let in by a second person, once, in time, and only the one with the key can read its key."""

from base64 import b64encode
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, load_der_public_key
from sqlalchemy import select
from sqlalchemy.orm import Session

from identity.errors import CodeRefused
from identity.permissions import Identity, Role
from kernel import clock
from kernel.db import unit_of_work
from kernel.errors import BadInput
from merchants.models import Branch
from merchants.onboarding.errors import (
    DeviceDecided,
    SecondPersonNeeded,
    SetUpNotFound,
    SetUpRefused,
    WrongDeviceKey,
)
from merchants.onboarding.models import TerminalSetUp
from merchants.onboarding.queries import devices_of
from merchants.onboarding.services.issuing import issue_terminal, reissue_code
from merchants.onboarding.services.setting_up import (
    FETCHED_WITHIN,
    WAITS,
    ask_set_up,
    decide_set_up,
    fetch_set_up,
)
from reader_agent.set_up import initial_key, signing_request
from tests import factories
from tests.merchants.onboarding import files

KEY = ec.generate_private_key(ec.SECP256R1())


class Shop:
    def __init__(self, session: Session, folder: Path) -> None:
        file, self.merchant = files.active(session, files.town(session), folder)
        self.operator, _ = factories.account(session, Role.OPERATOR)
        branch_id = session.scalars(select(Branch.id).where(Branch.merchant_id == file.merchant_id)).one()
        self.terminal, self.code = issue_terminal(session, self.merchant, branch_id, str(uuid4()))


@pytest.fixture
def shop(session: Session, tmp_path: Path) -> Shop:
    return Shop(session, tmp_path)


def asked(session: Session, code: str) -> tuple[int, str]:
    """The number of a device that waits, and its claim."""
    terminal, claim = ask_set_up(session, code, " PAX-1 ", signing_request(KEY))
    waiting, _ = devices_of(session, terminal.id, clock.now() - WAITS)
    assert waiting is not None
    assert waiting.serial == "PAX-1"
    return waiting.id, claim


def test_a_device_gets_its_key_when_a_second_person_lets_it_in(session: Session, shop: Shop) -> None:
    set_up_id, claim = asked(session, shop.code)
    before, keystore = shop.terminal.initial_key_id, factories.keystore()
    assert fetch_set_up(session, keystore, claim) is None
    with pytest.raises(SecondPersonNeeded):
        decide_set_up(session, shop.merchant, set_up_id, "let_in")
    decide_set_up(session, shop.operator, set_up_id, "let_in")
    made = fetch_set_up(session, keystore, claim)
    assert made is not None
    assert made.terminal.initial_key_id != before
    answer = {
        "agreement": b64encode(made.agreement).decode(), "key_block": made.key_block, "initial_key_id": made.terminal.initial_key_id,
    }  # fmt: skip
    key_id = bytes.fromhex(made.terminal.initial_key_id)
    assert initial_key(answer, KEY) == keystore.terminal_initial_key(key_id)
    assert keystore.terminal_initial_key(key_id).hex() not in made.key_block.lower()
    certificate = x509.load_pem_x509_certificate(made.certificate.encode())
    authority = x509.load_pem_x509_certificate(made.authority.encode())
    certificate.verify_directly_issued_by(authority)
    names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert names.get_values_for_type(x509.DNSName) == [made.terminal.code]
    assert certificate.public_key() == KEY.public_key()
    _, device = devices_of(session, made.terminal.id, clock.now())
    assert device is not None
    assert device.id == set_up_id


def test_a_refused_or_forgotten_device_gets_nothing(session: Session, shop: Shop) -> None:
    keystore = factories.keystore()
    set_up_id, claim = asked(session, shop.code)
    decide_set_up(session, shop.merchant, set_up_id, "refuse")  # who issued the code may always say no
    with pytest.raises(SetUpRefused):
        fetch_set_up(session, keystore, claim)
    with pytest.raises(DeviceDecided):
        decide_set_up(session, shop.operator, set_up_id, "let_in")
    _, code = reissue_code(session, shop.merchant, shop.terminal.code, str(uuid4()))
    now = clock.now()
    with clock.frozen(now):
        late_id, late = asked(session, code)
    with clock.frozen(now + WAITS):
        with pytest.raises(DeviceDecided):
            decide_set_up(session, shop.operator, late_id, "let_in")
        with pytest.raises(SetUpNotFound):
            fetch_set_up(session, keystore, late)
    with pytest.raises(SetUpNotFound):
        fetch_set_up(session, keystore, "nobody's claim")


def test_an_answer_may_be_fetched_again_for_an_hour_and_until_another_device_comes(session: Session, shop: Shop) -> None:
    keystore, now = factories.keystore(), clock.now()
    with clock.frozen(now):
        set_up_id, claim = asked(session, shop.code)
        decide_set_up(session, shop.operator, set_up_id, "let_in")
    with clock.frozen(now + FETCHED_WITHIN - timedelta(seconds=1)):
        assert fetch_set_up(session, keystore, claim)
    with clock.frozen(now + FETCHED_WITHIN), pytest.raises(SetUpNotFound):
        fetch_set_up(session, keystore, claim)
    with clock.frozen(now):
        _, code = reissue_code(session, shop.merchant, shop.terminal.code, str(uuid4()))
        second_id, second = asked(session, code)
        decide_set_up(session, shop.operator, second_id, "let_in")
        with pytest.raises(SetUpRefused):
            fetch_set_up(session, keystore, claim)
        assert fetch_set_up(session, keystore, second)


@pytest.mark.parametrize(
    ("serial", "request_text", "refusal"),
    [
        ("", signing_request(KEY), BadInput), ("x" * 41, signing_request(KEY), BadInput), ("a\x00b", signing_request(KEY), BadInput),
        ("PAX-1", "no request", WrongDeviceKey),
        ("PAX-1", signing_request(ec.generate_private_key(ec.SECP384R1())), WrongDeviceKey),
    ],
)  # fmt: skip
def test_what_cannot_be_a_device_uses_no_code_up(
    session: Session, shop: Shop, serial: str, request_text: str, refusal: type[Exception]
) -> None:
    with pytest.raises(refusal):
        ask_set_up(session, shop.code, serial, request_text)
    assert asked(session, shop.code)
    with pytest.raises(CodeRefused):
        ask_set_up(session, shop.code, "PAX-2", signing_request(KEY))


def test_a_request_that_its_key_did_not_sign_is_no_request(session: Session, shop: Shop) -> None:
    der = bytearray(x509.load_pem_x509_csr(signing_request(KEY).encode()).public_bytes(Encoding.DER))
    point = KEY.public_key().public_numbers().y.to_bytes(32)
    other = ec.generate_private_key(ec.SECP256R1()).public_key().public_numbers()
    at = der.find(KEY.public_key().public_numbers().x.to_bytes(32))
    assert at > 0
    assert point in der
    der[at : at + 64] = other.x.to_bytes(32) + other.y.to_bytes(32)
    forged = x509.load_der_x509_csr(bytes(der)).public_bytes(Encoding.PEM).decode()
    with pytest.raises(WrongDeviceKey):
        ask_set_up(session, shop.code, "PAX-1", forged)


def test_strangers_find_no_device(session: Session, shop: Shop, tmp_path: Path) -> None:
    set_up_id, _ = asked(session, shop.code)
    _, stranger = files.active(session, files.town(session), tmp_path)
    union, _ = factories.account(session, Role.UNION)
    for nobody in (stranger, union):
        with pytest.raises(SetUpNotFound):
            decide_set_up(session, nobody, set_up_id, "refuse")


def test_of_many_who_decide_at_once_one_does(session: Session, shop: Shop) -> None:
    set_up_id, _ = asked(session, shop.code)
    session.connection().commit()

    def decide(identity: Identity) -> str:
        try:
            with unit_of_work() as own:
                decide_set_up(own, identity, set_up_id, "let_in")
        except DeviceDecided:
            return "late"
        return "let in"

    with ThreadPoolExecutor(4) as pool:
        outcomes = [job.result() for job in [pool.submit(decide, shop.operator) for _ in range(4)]]
    assert outcomes.count("let in") == 1
    with unit_of_work() as own:
        assert own.scalars(select(TerminalSetUp.state)).all() == ["approved"]


def test_the_key_on_record_is_a_public_one(session: Session, shop: Shop) -> None:
    asked(session, shop.code)
    assert load_der_public_key(session.scalars(select(TerminalSetUp.public_key)).one()) == KEY.public_key()
