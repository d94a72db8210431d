import json
from uuid import uuid4

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from deploy.commands.__main__ import REFUSED, main
from identity.permissions import Role
from merchants.models import Branch
from merchants.onboarding.services.issuing import issue_terminal
from tests import factories


def test_a_code_gives_the_tills_configuration_once(keys: None, session: Session, capsys: pytest.CaptureFixture[str]) -> None:
    shop = factories.merchant(session)
    factories.terminal(session, shop=shop)
    operator, _ = factories.account(session, Role.OPERATOR)
    branch_id = session.scalars(select(Branch.id).where(Branch.merchant_id == shop.id)).one()
    terminal, code = issue_terminal(session, operator, branch_id, str(uuid4()))
    session.commit()
    assert main(["terminal", "redeem", code, "--json"]) == 0
    config = json.loads(capsys.readouterr().out)
    assert (config["terminal"], config["initial_key_id"]) == (terminal.code, terminal.initial_key_id)
    assert len(bytes.fromhex(config["initial_key"])) == 16
    assert main(["terminal", "redeem", code]) == REFUSED
    refused = capsys.readouterr()
    assert refused.out == ""
    assert "code_refused" in refused.err
    assert code not in refused.err
