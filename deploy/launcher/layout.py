"""Where things are on this machine, who runs the database server, and the environment of every program."""

import hashlib
import os
import pwd
import secrets
import stat
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

# sockaddr_un.sun_path holds 108 bytes with its closing zero (unix(7)).
LONGEST_SOCKET_PATH = 107
SHORT_FOLDER = Path("/tmp")  # noqa: S108 - every name made in it is checked for its owner
FALLBACK_STATE = Path("/var/lib/pilgrim")
POSTGRES_PORT = 5432
OWNER_ROLE = "pilgrim_owner"
APP_ROLE = "pilgrim_app"
DATABASE = "pilgrim"
WEB_BIND = "127.0.0.1:8800"
SAMPLE_SHEBA, SAMPLE_BIC = "IR629990000000000009000000", "PLGRIRTHXXX"  # of the bank that does not exist
GATEWAY_BIND = "127.0.0.1:8583"


class Refused(Exception):
    """A state the launcher will not go on from; its text is the one sentence for the person."""


def can_enter(account: pwd.struct_passwd, directory: Path) -> bool:
    """True if the account may pass through every folder down to this one, judged by owner, group and mode."""
    groups = set(os.getgrouplist(account.pw_name, account.pw_gid))
    for folder in (directory, *directory.parents):
        facts = folder.stat()
        if facts.st_uid == account.pw_uid:
            needed = stat.S_IXUSR
        elif facts.st_gid in groups:
            needed = stat.S_IXGRP
        else:
            needed = stat.S_IXOTH
        if account.pw_uid != 0 and not facts.st_mode & needed:
            return False
    return True


def private_directory(path: Path, account: pwd.struct_passwd) -> Path:
    """Make a directory with mode 0700 for the account.

    Raises Refused if something else, or somebody else's directory, is in its place: a name in /tmp can be
    taken by anyone.
    """
    try:
        path.mkdir(mode=0o700, parents=True)
        os.chown(path, account.pw_uid, account.pw_gid)
    except FileExistsError:
        pass
    except PermissionError as error:
        raise Refused(f"{path} cannot be made: {error.strerror}. Run as the owner of its folder.") from None
    facts = path.lstat()
    if not stat.S_ISDIR(facts.st_mode) or facts.st_uid != account.pw_uid:
        raise Refused(f"{path} belongs to somebody else; remove it, or run as its owner.")
    path.chmod(0o700)
    return path


@dataclass(frozen=True)
class Layout:
    """The folders of one clone. Those of the servers depend on who runs them and how long the path is."""

    root: Path

    @property
    def var(self) -> Path:
        return self.root / "var"

    @property
    def venv(self) -> Path:
        return self.var / "venv"

    @property
    def stamps(self) -> Path:
        return self.var / "stamps"

    @property
    def logs(self) -> Path:
        return self.var / "log"

    @property
    def status_file(self) -> Path:
        return self.var / "status.json"

    @property
    def python(self) -> Path:
        return self.venv / "bin" / "python"

    @cached_property
    def digest(self) -> str:
        return hashlib.sha256(os.fsencode(self.root)).hexdigest()[:12]

    @cached_property
    def invoker(self) -> pwd.struct_passwd:
        return pwd.getpwuid(os.geteuid())

    @cached_property
    def server_account(self) -> pwd.struct_passwd:
        """Who runs PostgreSQL: root hands over to `postgres`, for PostgreSQL refuses to run as root."""
        if os.geteuid() != 0:
            return self.invoker
        try:
            return pwd.getpwnam("postgres")
        except KeyError:
            raise Refused("There is no user `postgres`; install postgresql-15 or run as another user.") from None

    @cached_property
    def state(self) -> Path:
        """The embedded database's folder: under var/, or under /var/lib where its user cannot reach var/."""
        if can_enter(self.server_account, self.var):
            return private_directory(self.var / "state", self.server_account)
        FALLBACK_STATE.mkdir(mode=0o755, exist_ok=True)
        return private_directory(FALLBACK_STATE / self.digest, self.server_account)

    @cached_property
    def database_sockets(self) -> Path:
        return self.socket_directory(self.state / "socket", self.server_account)

    @cached_property
    def run(self) -> Path:
        """Small files of the programs, which run as the invoking user; they have to survive a restart."""
        return private_directory(self.var / "run", self.invoker)

    @cached_property
    def sockets(self) -> Path:
        return self.socket_directory(self.run, self.invoker)

    def socket_directory(self, wanted: Path, account: pwd.struct_passwd) -> Path:
        """`wanted`, or a short name in /tmp where a socket's path in it would be too long."""
        longest_name = f".s.PGSQL.{POSTGRES_PORT}.lock"
        if len(os.fsencode(wanted / longest_name)) > LONGEST_SOCKET_PATH:
            wanted = SHORT_FOLDER / f"pilgrim-{self.digest}-{wanted.name}"
        return private_directory(wanted, account)


def database_url(role: str, sockets: Path, database: str = DATABASE) -> str:
    """A libpq URL over a socket; the port only names the socket."""
    return f"postgresql://{role}@/{database}?host={sockets}&port={POSTGRES_PORT}"


def secret_key(layout: Layout) -> str:
    """The key that signs sessions in the laboratory, made once."""
    file = private_directory(layout.var / "keys", layout.invoker) / "secret_key"
    try:
        with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as out:
            out.write(secrets.token_urlsafe(48))
    except FileExistsError:
        pass
    return file.read_text()


def is_production() -> bool:
    return os.environ.get("PILGRIM_ENVIRONMENT") == "production"


def environment(layout: Layout) -> dict[str, str]:
    """The environment of every program: the caller's, and in the laboratory what the caller left out.

    In production nothing is filled in but paths: a missing setting has to be noticed.
    """
    own = dict(os.environ)
    own["PYTHONPATH"] = str(layout.root)
    own["PATH"] = f"{layout.venv / 'bin'}:{own.get('PATH', os.defpath)}"
    if "PILGRIM_RUN_DIR" not in own:
        own["PILGRIM_RUN_DIR"] = str(layout.run)
    if is_production():
        return own
    own.setdefault("PILGRIM_TELLER_SOCKET", str(layout.sockets / "teller.sock"))
    own.setdefault("PILGRIM_ENVIRONMENT", "laboratory")
    if "DATABASE_URL" in own:
        own.setdefault("PILGRIM_ADMIN_DATABASE_URL", own["DATABASE_URL"])
    else:
        own["DATABASE_URL"] = database_url(APP_ROLE, layout.database_sockets)
        own["PILGRIM_ADMIN_DATABASE_URL"] = database_url(OWNER_ROLE, layout.database_sockets)
    own.setdefault("REDIS_URL", f"unix://{layout.sockets / 'redis.sock'}")
    own.setdefault("PILGRIM_WEB_BIND", WEB_BIND)
    own.setdefault("PILGRIM_GATEWAY_BIND", GATEWAY_BIND)
    own.setdefault("PILGRIM_KEYSTORE_FILE", str(layout.var / "keys" / "keystore.json"))
    own.setdefault("PILGRIM_SECRET_KEY", secret_key(layout))
    own.setdefault("PILGRIM_PAYOUT_DEBTOR_SHEBA", SAMPLE_SHEBA)
    own.setdefault("PILGRIM_PAYOUT_DEBTOR_BIC", SAMPLE_BIC)
    return own
