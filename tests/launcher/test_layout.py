"""Where things are put, and what the programs' environment says."""

import os
import pwd
import stat
from pathlib import Path

import pytest

from deploy.launcher import layout as layout_module
from deploy.launcher.layout import (
    LONGEST_SOCKET_PATH,
    Layout,
    Refused,
    can_enter,
    environment,
    private_directory,
)

STRANGER = pwd.struct_passwd(("pilgrim-stranger", "x", 54321, 54321, "", "/", "/bin/false"))
SETTINGS = ("DATABASE_URL", "REDIS_URL", "PILGRIM_ENVIRONMENT", "PILGRIM_RUN_DIR", "PILGRIM_TELLER_SOCKET")


@pytest.fixture(autouse=True)
def no_settings_from_outside(monkeypatch: pytest.MonkeyPatch) -> None:
    for key in [key for key in os.environ if key.startswith("PILGRIM_")] + ["DATABASE_URL", "REDIS_URL"]:
        monkeypatch.delenv(key, raising=False)


def test_a_stranger_enters_only_where_every_folder_lets_others_pass(layout: Layout) -> None:
    inner = layout.root / "closed" / "inner"
    inner.mkdir(parents=True)
    assert can_enter(STRANGER, inner)
    inner.parent.chmod(0o700)
    assert not can_enter(STRANGER, inner)


def test_the_databases_folder_leaves_a_clone_its_user_cannot_reach(
    layout: Layout, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    fallback = tmp_path / "lib"
    monkeypatch.setattr(layout_module, "FALLBACK_STATE", fallback)
    layout.var.chmod(0o700)
    monkeypatch.setattr(layout_module, "can_enter", lambda _account, directory: can_enter(STRANGER, directory))
    assert layout.state == fallback / layout.digest
    assert stat.S_IMODE(layout.state.stat().st_mode) == 0o700


def test_sockets_of_a_long_path_move_to_a_short_one_of_the_same_clone(tmp_path: Path) -> None:
    root = tmp_path / ("long" * 20)
    (root / "var").mkdir(parents=True)
    short = Layout(root).sockets
    assert len(os.fsencode(short / ".s.PGSQL.5432.lock")) <= LONGEST_SOCKET_PATH
    assert short == Layout(root).sockets
    assert Layout(root).run == root / "var/run", "what is not a socket stays in the clone"
    short.rmdir()


def test_a_private_directory_is_never_somebody_elses_link(tmp_path: Path) -> None:
    account = pwd.getpwuid(os.geteuid())
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(Refused, match="belongs to somebody else"):
        private_directory(tmp_path / "link", account)
    made = private_directory(tmp_path / "own", account)
    assert stat.S_IMODE(made.stat().st_mode) == 0o700


def test_the_laboratory_gets_every_setting_and_the_same_secret_again(layout: Layout) -> None:
    env = environment(layout)
    assert env["PILGRIM_ENVIRONMENT"] == "laboratory"
    assert env["DATABASE_URL"].startswith("postgresql://pilgrim_app@/pilgrim?host=")
    assert env["PILGRIM_ADMIN_DATABASE_URL"].startswith("postgresql://pilgrim_owner@/pilgrim?host=")
    assert env["REDIS_URL"] == f"unix://{layout.var}/run/redis.sock"
    assert len(env["PILGRIM_SECRET_KEY"]) >= 32
    assert env["PILGRIM_SECRET_KEY"] == environment(layout)["PILGRIM_SECRET_KEY"]
    assert stat.S_IMODE((layout.var / "keys/secret_key").stat().st_mode) == 0o600


def test_servers_named_from_outside_replace_the_embedded_ones(layout: Layout, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://app@db/pilgrim")
    monkeypatch.setenv("REDIS_URL", "redis://cache/0")
    env = environment(layout)
    assert env["DATABASE_URL"] == env["PILGRIM_ADMIN_DATABASE_URL"] == "postgresql://app@db/pilgrim"
    assert env["REDIS_URL"] == "redis://cache/0"


def test_production_gets_no_default_that_would_hide_a_missing_setting(layout: Layout, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PILGRIM_ENVIRONMENT", "production")
    env = environment(layout)
    assert not {"DATABASE_URL", "REDIS_URL", "PILGRIM_SECRET_KEY", "PILGRIM_KEYSTORE_FILE"} & set(env)
    assert not (layout.var / "keys").exists()
