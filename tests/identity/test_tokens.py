import json
import stat
from datetime import UTC, datetime, timedelta
from pathlib import Path

import jwt
import pytest

from identity.errors import TokenRefused
from identity.tokens import (
    ACCESS_LIFE,
    AUDIENCE,
    ISSUER,
    AccessTokens,
    create_key_file,
    open_access_tokens,
    thumbprint,
)
from kernel.errors import StartRefused

NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)


@pytest.fixture
def key_file(tmp_path: Path) -> Path:
    path = tmp_path / "token-keys.json"
    create_key_file(path)
    return path


@pytest.fixture
def tokens(key_file: Path) -> AccessTokens:
    return AccessTokens(json.loads(key_file.read_text()))


def test_the_key_file_is_its_owners_and_is_never_overwritten(key_file: Path) -> None:
    before = key_file.read_bytes()
    create_key_file(key_file)
    assert key_file.read_bytes() == before
    assert stat.S_IMODE(key_file.stat().st_mode) == 0o600
    assert list(key_file.parent.iterdir()) == [key_file]


def test_the_key_id_is_the_thumbprint_of_rfc_8037() -> None:
    # RFC 8037, appendix A.3: the Ed25519 key of A.1 and its RFC 7638 thumbprint.
    public = {"crv": "Ed25519", "kty": "OKP", "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}
    assert thumbprint(public) == "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k"


def test_a_token_is_good_for_fifteen_minutes(tokens: AccessTokens) -> None:
    token = tokens.mint(42, NOW)
    assert timedelta(minutes=15) == ACCESS_LIFE
    assert tokens.read(token, NOW) == 42
    assert tokens.read(token, NOW + ACCESS_LIFE - timedelta(seconds=1)) == 42
    for wrong in (NOW + ACCESS_LIFE, NOW - timedelta(minutes=2)):
        with pytest.raises(TokenRefused) as refusal:
            tokens.read(token, wrong)
        assert refusal.value.facts == {"reason": "expired"}


def test_an_altered_token_is_refused(tokens: AccessTokens) -> None:
    header, payload, signature = tokens.mint(42, NOW).split(".")
    forged = jwt.utils.base64url_encode(json.dumps({"sub": "1"}).encode()).decode()
    for token in (
        f"{header}.{forged}.{signature}",
        f"{header}.{payload}.",
        "",
        "a.b.c",
        f"{header}.{payload}",
    ):
        with pytest.raises(TokenRefused):
            tokens.read(token, NOW)


def test_a_token_of_another_key_algorithm_issuer_or_audience_is_refused(tokens: AccessTokens, tmp_path: Path) -> None:
    create_key_file(tmp_path / "other.json")
    other = AccessTokens(json.loads((tmp_path / "other.json").read_text()))
    with pytest.raises(TokenRefused) as refusal:
        tokens.read(other.mint(42, NOW), NOW)
    assert refusal.value.facts == {"reason": "unknown_key"}
    kid = jwt.get_unverified_header(tokens.mint(42, NOW))["kid"]
    claims = {"iss": ISSUER, "aud": AUDIENCE, "sub": "42", "iat": NOW, "exp": NOW + ACCESS_LIFE}
    unsigned = jwt.encode(claims, None, "none", headers={"kid": kid})
    symmetric = jwt.encode(claims, "k" * 32, "HS256", headers={"kid": kid})
    signing = tokens._keys[kid].key
    elsewhere = jwt.encode(claims | {"aud": "elsewhere"}, signing, "EdDSA", headers={"kid": kid})
    by_another = jwt.encode(claims | {"iss": "elsewhere"}, signing, "EdDSA", headers={"kid": kid})
    eternal = jwt.encode({name: claims[name] for name in ("iss", "aud", "sub", "iat")}, signing, "EdDSA", headers={"kid": kid})
    for token in (unsigned, symmetric, elsewhere, by_another, eternal):
        with pytest.raises(TokenRefused):
            tokens.read(token, NOW)


def test_an_older_key_still_verifies_while_the_first_one_signs(key_file: Path, tmp_path: Path) -> None:
    old = AccessTokens(json.loads(key_file.read_text()))
    create_key_file(tmp_path / "new.json")
    keys = json.loads((tmp_path / "new.json").read_text())["keys"] + json.loads(key_file.read_text())["keys"]
    both = AccessTokens({"keys": keys})
    assert both.read(old.mint(7, NOW), NOW) == 7
    with pytest.raises(TokenRefused):
        old.read(both.mint(7, NOW), NOW)


def test_production_starts_only_with_a_key_file_that_is_one(tmp_path: Path) -> None:
    with pytest.raises(StartRefused, match="keys init"):
        open_access_tokens(tmp_path / "missing.json", may_create=False)
    for name, content in (
        ("broken.json", "{"),
        ("empty.json", '{"keys": []}'),
        ("other.json", '{"keys": [{"kty": "oct"}]}'),
    ):
        (tmp_path / name).write_text(content)
        with pytest.raises(StartRefused):
            open_access_tokens(tmp_path / name, may_create=False)
    assert open_access_tokens(tmp_path / "laboratory.json", may_create=True).read
