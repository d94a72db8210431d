import io
import re
from collections.abc import Callable
from pathlib import Path
from uuid import uuid4

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from identity.permissions import Identity, Role
from identity.services import sign_in as open_session
from kernel.web.application import SESSION_COOKIE
from merchants.models import Branch, Terminal
from merchants.onboarding.models import Application
from merchants.onboarding.rules import State
from merchants.onboarding.services.issuing import redeem_code
from tests.factories import PASSWORD
from tests.merchants.onboarding import files
from tests.merchants.onboarding.test_importing import as_csv, member
from tests.portal.conftest import statements_sent

SignIn = Callable[..., tuple[FlaskClient, Identity]]
PNG = b"\x89PNG\r\n\x1a\n"


@pytest.fixture
def town(session: Session) -> files.Town:
    made = files.town(session)
    session.commit()
    return made


def hidden(page: str, name: str) -> str:
    found = re.search(rf'name="{name}" value="([^"]*)"', page)
    assert found, name
    return found[1]


def client_of(app: object, session: Session, name: str) -> FlaskClient:
    """A browser of somebody who has a sign-in by the tests' password."""
    _, token = open_session(session, name, PASSWORD)
    session.commit()
    client = app.test_client()  # type: ignore[attr-defined]
    client.set_cookie(SESSION_COOKIE, token)
    client.set_cookie("language", "en")
    return client


def officer(sign_in: SignIn, town: files.Town, role: Role) -> FlaskClient:
    organisation = town.union if role is Role.UNION else town.municipality
    return sign_in(role, organisation.id)[0]


def test_a_shop_goes_from_the_first_page_to_its_first_till(
    visitor: FlaskClient, sign_in: SignIn, session: Session, town: files.Town
) -> None:
    form = files.who(town) | {"key": hidden(visitor.get("/apply").text, "key")}
    answer = visitor.post("/apply", data=form)
    assert answer.status_code == 303
    address = answer.location
    assert visitor.post("/apply", data=form).location == address
    assert visitor.get("/").location == "/applications"

    assert visitor.post(address, data=files.answers(town)).status_code == 303
    for piece in ("identity_paper", "licence_paper"):
        upload = {"piece": piece, "paper": (io.BytesIO(PNG + piece.encode()), "../../evil.html")}
        assert visitor.post(f"{address}/papers", data=upload).status_code == 303
    page = visitor.get(address).text
    step = {name: hidden(page, name) for name in ("key", "version")} | {"act": "hand_in"}
    for _ in range(2):
        assert visitor.post(f"{address}/step", data=step).status_code == 303

    number = address.rpartition("/")[2]
    for role in (Role.UNION, Role.MUNICIPALITY):
        client = officer(sign_in, town, role)
        assert f'href="/reviews/{number}"' in client.get("/reviews").text
        page = client.get(f"/reviews/{number}").text
        decision = {name: hidden(page, name) for name in ("key", "version")} | {"act": "approve"}
        assert client.post(f"/reviews/{number}/decision", data=decision).status_code == 303

    page = visitor.get("/terminals/new").text
    branch = session.scalar(select(Branch.id).order_by(Branch.id.desc()))
    opened = visitor.post(
        "/terminals/new", data={"key": hidden(page, "key"), "branch": branch, "language": "en", "kind": "counter"}
    )
    assert "<svg" in opened.text
    [code] = re.findall(r"[0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]{4}", opened.text)
    assert redeem_code(session, code)[0].branch_id == branch
    assert session.scalar(select(func.count()).select_from(Terminal)) == 1
    assert session.scalars(select(Application.state)).one() == State.ACTIVE


def test_each_wrong_field_is_told_beside_it_and_what_was_typed_stays(visitor: FlaskClient, town: files.Town) -> None:
    typed = files.who(town) | {"identity_number": "0012345678", "mobile": "۱۲", "key": str(uuid4())}
    answer = visitor.post("/apply", data=typed)
    assert answer.status_code == 422
    assert "The last digit does not fit the others. Read the national id again from the card." in answer.text
    assert "A mobile number looks like 09151234567" in answer.text
    for name in ("legal_name", "identity_number", "mobile", "name"):
        assert f'value="{typed[name]}"' in answer.text
    assert PASSWORD not in answer.text
    visitor.set_cookie("language", "fa")
    assert "رقم آخر با بقیه نمی‌خواند" in visitor.post("/apply", data=typed).text


def test_the_file_keeps_what_is_wrong_on_the_page_and_what_is_right_in_the_file(
    app: object, session: Session, town: files.Town
) -> None:
    file, applicant = files.begun(session, town)
    session.commit()
    client = client_of(app, session, f"{name_of(session, applicant)}")
    answer = client.post(
        f"/applications/{file.id}", data=files.answers(town) | {"sheba": "IR82 0540", "licence_expires_on": "1400/1/1"}
    )
    assert answer.status_code == 422
    assert "A Sheba has 24 digits after IR." in answer.text
    assert 'value="IR82 0540"' in answer.text
    assert "This licence has ended." in answer.text
    session.refresh(file)
    assert file.names == {"fa": "زعفران نمونه", "en": "Sample saffron"}
    assert file.sheba is None


def name_of(session: Session, identity: Identity) -> str:
    from identity.models import SignIn as Account

    return session.get_one(Account, identity.sign_in_id).name


def test_uploads_are_judged_by_content_and_size(app: object, session: Session, town: files.Town) -> None:
    file, applicant = files.begun(session, town)
    session.commit()
    client = client_of(app, session, name_of(session, applicant))

    def upload(content: bytes) -> tuple[int, str]:
        head = '--x\r\nContent-Disposition: form-data; name="piece"\r\n\r\nlicence_paper\r\n--x\r\n'
        head += 'Content-Disposition: form-data; name="paper"; filename="licence.pdf"\r\n\r\n'
        body, form = head.encode() + content + b"\r\n--x--\r\n", "multipart/form-data; boundary=x"
        answer = client.post(f"/applications/{file.id}/papers", data=body, content_type=form)
        return answer.status_code, answer.text

    assert upload(b"")[0] == 422
    assert "neither PDF, JPEG nor PNG" in upload(b"<script>")[1]
    assert "larger than 5 MB" in upload(b"%PDF-" + b"x" * 5_000_000)[1]
    assert upload(b"%PDF-" + b"x" * 13_000_000)[0] == 413
    assert upload(b"%PDF-" + b"x" * 4_000_000)[0] == 303
    [paper] = re.findall(rf'href="(/applications/{file.id}/papers/\d+)"', client.get(f"/applications/{file.id}").text)
    answer = client.get(paper)
    assert answer.data.startswith(b"%PDF-")
    assert answer.headers["Content-Disposition"].startswith("attachment;")
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in answer.headers["Content-Security-Policy"]


def test_the_slower_reviewer_reads_who_decided_and_keeps_the_reason(
    sign_in: SignIn, session: Session, town: files.Town, tmp_path: Path
) -> None:
    file, _ = files.handed_in(session, town, tmp_path)
    session.commit()
    first, second = officer(sign_in, town, Role.UNION), officer(sign_in, town, Role.UNION)
    forms = [client.get(f"/reviews/{file.id}").text for client in (first, second)]
    data = [{name: hidden(page, name) for name in ("key", "version")} for page in forms]
    assert first.post(f"/reviews/{file.id}/decision", data=data[0] | {"act": "approve"}).status_code == 303
    late = second.post(
        f"/reviews/{file.id}/decision", data=data[1] | {"act": "return", "why": "Blurred.", "asked": "licence_paper"}
    )
    assert late.status_code == 409
    assert "Pilgrim decided on this file a moment before you (Approved)." in late.text


def test_a_decision_without_its_reason_is_told_beside_the_field(
    sign_in: SignIn, session: Session, town: files.Town, tmp_path: Path
) -> None:
    file, _ = files.handed_in(session, town, tmp_path)
    session.commit()
    client = officer(sign_in, town, Role.UNION)
    data = {name: hidden(client.get(f"/reviews/{file.id}").text, name) for name in ("key", "version")}
    answer = client.post(f"/reviews/{file.id}/decision", data=data | {"act": "return", "why": "تار است"})
    assert answer.status_code == 422
    assert "Tick at least one piece" in answer.text
    assert "تار است" in answer.text
    answer = client.post(f"/reviews/{file.id}/decision", data=data | {"act": "return", "asked": "licence_paper"})
    assert "Say in one sentence why" in answer.text
    assert re.search(r'value="licence_paper" checked', answer.text)
    assert client.post(f"/reviews/{file.id}/decision", data=data | {"act": "conquer"}).status_code == 422


def test_the_queue_is_paged_searched_and_counted_in_few_reads(sign_in: SignIn, session: Session, town: files.Town) -> None:
    reader, _ = files.begun(session, town)
    for number in range(23):
        session.add(copy_of(reader, town, f"فروشگاه کتاب {number}", State.UNION_REVIEW))
    session.add(copy_of(reader, town, "فروشگاه ديگر", State.ACTIVE, merchant_id=shop(session)))
    session.commit()
    client = officer(sign_in, town, Role.UNION)
    with statements_sent() as sent:
        first = client.get("/reviews")
    assert len(sent) <= 5
    assert first.text.count('<th scope="row">') == 20
    [older] = re.findall(r'href="(/reviews\?after=\d+)"', first.text)
    assert client.get(older).text.count('<th scope="row">') == 4
    assert client.get("/reviews?q=فروشگاه كتاب ٢٢").text.count('<th scope="row">') == 1
    assert client.get("/reviews?q=%25%25%25").text.count('<th scope="row">') == 0
    assert "Type at least three letters" in client.get("/reviews?q=x").text
    assert client.get("/reviews?state=active").text.count('<th scope="row">') == 1
    assert client.get("/reviews?state=nonsense").status_code == 422
    with statements_sent() as sent:
        client.get(f"/reviews/{session.scalar(select(func.max(Application.id)))}")
    assert len(sent) <= 8


def shop(session: Session) -> int:
    from tests import factories

    return factories.merchant(session).id


def copy_of(file: Application, town: files.Town, name: str, state: State, merchant_id: int | None = None) -> Application:
    from merchants.onboarding.rules import search_text

    return Application(
        key=str(uuid4()), organisation_id=file.organisation_id, person_id=file.person_id, city_id=file.city_id, source="applicant",
        state=state, begun_on=file.begun_on, changed_at=file.changed_at, legal_name="نمونه", names={"fa": name}, asked=[], answered=[],
        search_text=search_text(name), trade_id=town.trade.id, union_id=town.union.id, municipality_id=town.municipality.id,
        merchant_id=merchant_id,
    )  # fmt: skip


def test_a_list_is_repaired_and_imported_and_its_member_invited(
    app: object, sign_in: SignIn, visitor: FlaskClient, session: Session, town: files.Town
) -> None:
    client = officer(sign_in, town, Role.UNION)
    assert client.get("/members/sample.csv").data.startswith("\ufeffنام فروشگاه".encode())
    assert "neither CSV nor XLSX" in client.post("/members", data={"list": (io.BytesIO(b"\x00"), "x.csv")}).text
    rows = [member(town), member(town) | {"tax_code": "123456789"}]
    sent = client.post("/members", data={"list": (io.BytesIO(as_csv(rows).encode()), "members.csv")})
    page = client.get(sent.location).text
    assert 'value="0123456789"' in page
    assert client.post(sent.location, data={"act": "finish"}).status_code == 409
    repaired = client.post(sent.location, data={"cell-1-tax_code": "0123456789", "act": "finish"})
    assert repaired.status_code == 303
    assert "2 members have a file now." in client.get(sent.location).text
    [address, *_] = re.findall(r'href="(/reviews/\d+)"', client.get("/reviews?state=applied").text)
    invited = client.post(f"{address}/invitation", data={})
    [code] = re.findall(r"[0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]{4}", invited.text)
    assert visitor.post("/invitation", data={"code": "0000-0000-0000", "name": "dawat", "password": PASSWORD}).status_code == 409
    assert visitor.post("/invitation", data={"code": code, "name": "dawat", "password": PASSWORD}).location == "/"
    assert visitor.get("/").location == "/applications"
    assert "سوغات نمونه" in visitor.get("/applications").text


def test_a_licence_is_renewed_by_the_union_alone(sign_in: SignIn, session: Session, town: files.Town, tmp_path: Path) -> None:
    file, _ = files.active(session, town, tmp_path)
    session.commit()
    client = officer(sign_in, town, Role.UNION)
    data = {name: hidden(client.get(f"/reviews/{file.id}").text, name) for name in ("key", "version")}
    wrong = client.post(f"/reviews/{file.id}/licence", data=data | {"licence_expires_on": "soon"})
    assert (wrong.status_code, "Write the day as year/month/day" in wrong.text) == (422, True)
    assert client.post(f"/reviews/{file.id}/licence", data=data | {"licence_expires_on": "1410/01/01"}).status_code == 303
    overseer = officer(sign_in, town, Role.MUNICIPALITY)
    assert overseer.post(f"/reviews/{file.id}/licence", data=data | {"licence_expires_on": "1410/01/01"}).status_code == 403
