from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from identity import invitations
from identity.errors import AlreadySignsIn, CodeRefused, PasswordTooShort
from identity.permissions import Role
from kernel import clock
from kernel.audit import AuditEntry
from kernel.db import unit_of_work
from merchants.errors import BranchNotFound, TerminalIsClosed, TerminalNotFound
from merchants.models import Branch, Terminal
from merchants.onboarding.models import TerminalIssue
from merchants.onboarding.services.issuing import CODE_LIFE, issue_terminal, redeem_code, reissue_code
from merchants.services import close_terminal
from tests import factories
from tests.merchants.onboarding import files


@pytest.fixture
def branch(session: Session, tmp_path: Path) -> tuple[int, object]:
    file, merchant = files.active(session, files.town(session), tmp_path)
    branch_id = session.scalars(select(Branch.id).where(Branch.merchant_id == file.merchant_id)).one()
    return branch_id, merchant


def test_a_code_carries_sixty_bits_and_is_not_kept(session: Session, branch: tuple) -> None:
    assert len(invitations.ALPHABET) ** invitations.CHARACTERS == 2**60
    terminal, code = issue_terminal(session, branch[1], branch[0], str(uuid4()))
    assert len(code.replace("-", "")) == 12
    session.flush()
    written = [str((entry.before, entry.after, entry.why)) for entry in session.scalars(select(AuditEntry))]
    assert not any(code in text or code.replace("-", "") in text for text in written)
    issue = session.scalars(select(TerminalIssue)).one()
    assert (issue.terminal_id, len(issue.code_digest)) == (terminal.id, 32)


def test_a_code_is_used_once(session: Session, branch: tuple) -> None:
    terminal, code = issue_terminal(session, branch[1], branch[0], str(uuid4()))
    typed = code.lower().replace("-", " ").replace("0", "o").replace("1", "i")
    assert redeem_code(session, typed)[0] is terminal
    with pytest.raises(CodeRefused):
        redeem_code(session, code)
    for nonsense in ("", "AAAA-BBBB", "AAAA-BBBB-CCC!", invitations.new_code()):
        with pytest.raises(CodeRefused):
            redeem_code(session, nonsense)


def test_a_code_lives_for_fifteen_minutes(session: Session, branch: tuple) -> None:
    now = clock.now()
    with clock.frozen(now):
        _, code = issue_terminal(session, branch[1], branch[0], str(uuid4()))
    with clock.frozen(now + CODE_LIFE), pytest.raises(CodeRefused):
        redeem_code(session, code)
    with clock.frozen(now + CODE_LIFE - timedelta(seconds=1)):
        assert redeem_code(session, code)[0].status == "active"


def test_a_form_sent_twice_opens_one_till_whose_last_code_works(session: Session, branch: tuple) -> None:
    key = str(uuid4())
    first, old = issue_terminal(session, branch[1], branch[0], key)
    again, new = issue_terminal(session, branch[1], branch[0], key)
    assert first is again
    assert session.scalar(select(func.count()).select_from(Terminal)) == 1
    with pytest.raises(CodeRefused):
        redeem_code(session, old)
    assert redeem_code(session, new)[0] is first
    _, newer = reissue_code(session, branch[1], first.code, str(uuid4()))
    assert redeem_code(session, newer)[0] is first


def test_who_may_open_a_till(session: Session, branch: tuple, tmp_path: Path) -> None:
    _, stranger = files.active(session, files.town(session), tmp_path)
    operator, _ = factories.account(session, Role.OPERATOR)
    union, _ = factories.account(session, Role.UNION)
    for nobody in (stranger, union):
        with pytest.raises(BranchNotFound):
            issue_terminal(session, nobody, branch[0], str(uuid4()))
    with pytest.raises(BranchNotFound):
        issue_terminal(session, operator, 999_999, str(uuid4()))
    terminal, code = issue_terminal(session, operator, branch[0], str(uuid4()), language="ar", kind="kiosk")
    assert (terminal.language, terminal.kind) == ("ar", "kiosk")
    close_terminal(session, factories.ACTOR, terminal.code, "broken")
    with pytest.raises(CodeRefused):
        redeem_code(session, code)
    with pytest.raises(TerminalIsClosed):
        reissue_code(session, operator, terminal.code, str(uuid4()))
    with pytest.raises(TerminalNotFound):
        reissue_code(session, stranger, terminal.code, str(uuid4()))


def test_of_many_who_use_a_code_at_once_one_gets_the_till(session: Session, branch: tuple) -> None:
    _, code = issue_terminal(session, branch[1], branch[0], str(uuid4()))
    session.connection().commit()

    def use() -> str:
        try:
            with unit_of_work() as own:
                return redeem_code(own, code)[0].code
        except CodeRefused:
            return "refused"

    with ThreadPoolExecutor(4) as pool:
        outcomes = [job.result() for job in [pool.submit(use) for _ in range(4)]]
    assert outcomes.count("refused") == 3


def test_an_invitation_opens_one_sign_in(session: Session) -> None:
    person = factories.person(session)
    old = invitations.invite(session, factories.ACTOR, person.id)
    code = invitations.invite(session, factories.ACTOR, person.id)
    with pytest.raises(CodeRefused):
        invitations.accept_invitation(session, old, "invited", factories.PASSWORD, "fa")
    with pytest.raises(PasswordTooShort):
        invitations.accept_invitation(session, code, "invited", "short", "fa")
    with clock.frozen(clock.now() + invitations.INVITATION_LIFE), pytest.raises(CodeRefused):
        invitations.accept_invitation(session, code, "invited", factories.PASSWORD, "fa")
    opened = invitations.accept_invitation(session, code, "invited", factories.PASSWORD, "fa")
    assert opened.person_id == person.id
    with pytest.raises(CodeRefused):
        invitations.accept_invitation(session, code, "again", factories.PASSWORD, "fa")
    with pytest.raises(AlreadySignsIn):
        invitations.invite(session, factories.ACTOR, person.id)
