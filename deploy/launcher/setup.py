"""The steps from a bare Debian to a machine that can run or test Pilgrim Card."""

import os
import shutil
import subprocess
import sys
from ctypes.util import find_library
from dataclasses import dataclass
from pathlib import Path

from deploy.launcher import steps
from deploy.launcher.layout import Layout, Refused
from deploy.launcher.postgres import postgres_binaries
from deploy.launcher.steps import CommandFailed, Stamp, run_quietly, stamped

DATABASE_PACKAGES = ("postgresql-15", "postgresql-15-postgis-3")
BROWSER_PACKAGES = ("chromium", "libatomic1")  # the second for Playwright's own Node
CREATE_CLUSTER = Path("/etc/postgresql-common/createcluster.d/pilgrim.conf")
# The system's interpreter, also where somebody runs this from within a virtual environment of their own.
SYSTEM_PYTHON = getattr(sys, "_base_executable", sys.executable)
PYTHON_VERSION = "python {}.{}".format(*sys.version_info[:2])


@dataclass(frozen=True)
class Needs:
    """What a command needs beyond the Python packages it always needs."""

    database: bool = True
    tests: bool = False
    browser: bool = False


def prepare(layout: Layout, needs: Needs) -> None:
    """Do every step that is not done yet. Raises Refused with one sentence where a step cannot be done."""
    check_platform()
    with steps.one_at_a_time(layout):
        is_new = not (layout.stamps / "python-packages").exists()
        steps.check_space(layout.var, steps.ENOUGH_TO_INSTALL_MB if is_new else steps.ENOUGH_TO_RUN_MB)
        install_system_packages(layout, needs)
        install_uv(layout)
        install_python_packages(layout, needs.tests)
        install_node_packages(layout)
        build_assets(layout)
        compile_translations(layout)


def check_platform() -> None:
    """Raises Refused where the machine lacks what nothing here can do without."""
    if not sys.platform.startswith("linux"):
        raise Refused("Pilgrim Card's launcher runs on Linux; use deploy/compose.yaml elsewhere.")
    if not Path("/proc/self/stat").exists():
        raise Refused("/proc is not mounted; run: mount -t proc proc /proc")


def install_system_packages(layout: Layout, needs: Needs) -> None:
    missing: list[str] = []
    if needs.database and postgres_binaries() is None:
        missing += DATABASE_PACKAGES
    if needs.browser and (shutil.which("chromium") is None or find_library("atomic") is None):
        missing += BROWSER_PACKAGES
    if not missing:
        return
    install = ["apt-get", "install", "--yes", "--no-install-recommends", *missing]
    if shutil.which("apt-get") is None:
        raise Refused(f"Install what is missing here with your system's tools: {', '.join(missing)}.")
    if os.geteuid() != 0:
        raise Refused(f"Packages are missing; run: sudo apt-get update && sudo {' '.join(install)}")
    with steps.progress(f"system packages: {', '.join(missing)}"):
        forbid_system_cluster()
        apt(layout, install)


def forbid_system_cluster() -> None:
    """Before PostgreSQL is installed, so that Debian's script makes no cluster on port 5432."""
    if not CREATE_CLUSTER.exists():
        CREATE_CLUSTER.parent.mkdir(parents=True, exist_ok=True)
        CREATE_CLUSTER.write_text("create_main_cluster = false\n")


def apt(layout: Layout, install: list[str]) -> None:
    env = {**os.environ, "DEBIAN_FRONTEND": "noninteractive", "LC_ALL": "C.UTF-8"}
    patient = ["-o", "DPkg::Lock::Timeout=300", "-o", "Dpkg::Options::=--force-confold"]
    try:
        run_quietly(layout, ["apt-get", "update"], env)
    except CommandFailed:
        # Without a network the packages may still be in the lists and the cache of an earlier run.
        steps.say("         (the package lists could not be refreshed)")
    try:
        run_quietly(layout, [*install, *patient], env)
    except CommandFailed as failure:
        raise Refused(f"System packages could not be installed, is the network up? {failure}") from None


def install_uv(layout: Layout) -> None:
    """uv, by pip, from hashes of its own; Debian's pip may not touch the system, so it goes under var/.

    The wheel is kept in the user's cache, as uv and npm keep theirs, so that another clone needs no network.
    """
    lock = layout.root / "deploy/launcher/uv-requirements.lock"
    target = layout.var / "tools/uv"
    kept = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "pilgrim-card"
    partial = target.with_name("uv.new")

    def install() -> None:
        shutil.rmtree(partial, ignore_errors=True)
        from_kept = ("install", "--target", str(partial), "--no-index", "--find-links", str(kept))
        try:
            pip(layout, lock, *from_kept)
        except CommandFailed:
            fetch()
            pip(layout, lock, *from_kept)
        shutil.rmtree(target, ignore_errors=True)
        partial.rename(target)

    def fetch() -> None:
        try:
            pip(layout, lock, "download", "--dest", str(kept))
        except CommandFailed as failure:
            if "No module named pip" in str(failure):
                raise Refused("pip is missing; run: sudo apt-get install --yes python3-pip") from None
            raise Refused(f"uv could not be fetched, is the network up? {failure}") from None

    stamped(Stamp(layout.stamps, "uv", [lock.read_text()]), "uv", install, is_there=(target / "bin/uv").exists())


def pip(layout: Layout, lock: Path, verb: str, *options: str) -> None:
    command = [SYSTEM_PYTHON, "-m", "pip", verb, "--quiet", "--require-hashes", *options, "-r", str(lock)]
    run_quietly(layout, command)


def install_python_packages(layout: Layout, tests: bool) -> None:
    """Make var/venv hold exactly what the lock names.

    An environment that holds the test set serves the demo too, and stays: the two do not take turns.
    """
    tests = tests or (layout.venv / "bin/pytest").exists()
    locks = ["requirements.lock", "requirements-test.lock"] if tests else ["requirements.lock"]
    inputs = [PYTHON_VERSION, *((layout.root / lock).read_text() for lock in locks)]
    unfinished = layout.stamps / "python-packages.unfinished"

    def sync() -> None:
        if unfinished.exists() or not runs(layout.python):
            uv(layout, ["venv", "--clear", "--relocatable", "--python", SYSTEM_PYTHON, str(layout.venv)])
        unfinished.parent.mkdir(parents=True, exist_ok=True)
        unfinished.touch()
        uv(layout, ["pip", "sync", "--require-hashes", locks[-1]])
        unfinished.unlink()

    stamp = Stamp(layout.stamps, "python-packages", inputs)
    stamped(stamp, "Python packages", sync, is_there=runs(layout.python))


def runs(python: Path) -> bool:
    """True if this interpreter starts: a venv breaks when the system's Python is replaced under it."""
    return python.exists() and subprocess.run([python, "-S", "-c", ""], capture_output=True, check=False).returncode == 0


def uv(layout: Layout, arguments: list[str]) -> None:
    """Run uv, first without the network: every hash is pinned, so what the cache holds is as good.

    Raises Refused if that and the network fail.
    """
    command = [str(layout.var / "tools/uv/bin/uv"), *arguments]
    env = {**os.environ, "UV_PYTHON_DOWNLOADS": "never", "VIRTUAL_ENV": str(layout.venv)}
    try:
        run_quietly(layout, command, {**env, "UV_OFFLINE": "1"})
    except CommandFailed:
        try:
            run_quietly(layout, command, env)
        except CommandFailed as failure:
            raise Refused(f"Python packages could not be installed, is the network up? {failure}") from None


def node_environment(layout: Layout) -> dict[str, str]:
    """npm and the scripts it starts find the Node of the lock first, not the system's."""
    return {**os.environ, "PATH": f"{layout.venv / 'bin'}:{os.environ.get('PATH', os.defpath)}"}


def install_node_packages(layout: Layout) -> None:
    assets = layout.root / "portal/assets"
    inputs = [(assets / name).read_text() for name in ("package.json", "package-lock.json")]

    def install() -> None:
        npm = [str(layout.venv / "bin/npm"), "ci", "--prefer-offline", "--no-audit", "--no-fund"]
        try:
            run_quietly(layout, npm, node_environment(layout), assets)
        except CommandFailed as failure:
            cause = next((line for line in failure.tail if "npm error" in line), str(failure))
            raise Refused(f"Node packages could not be installed, is the network up? {cause}") from None

    stamp = Stamp(layout.stamps, "node-packages", inputs)
    stamped(stamp, "Node packages", install, is_there=(assets / "node_modules").exists())


def build_assets(layout: Layout) -> None:
    """Pages are inputs too: the style sheet keeps only what they use; and so are the sentences, which the pilgrim's app carries."""
    portal = layout.root / "portal"
    catalogues = sorted((portal / "translations").rglob("messages.po"))
    stamp = Stamp(layout.stamps, "assets", [portal / "assets", portal / "templates", *catalogues])

    def build() -> None:
        try:
            npm = [str(layout.venv / "bin/npm"), "run", "build"]
            run_quietly(layout, npm, node_environment(layout), portal / "assets")
        except CommandFailed as failure:
            raise Refused(f"The portal's assets could not be built ({failure}); see var/log/setup.log.") from None

    stamped(stamp, "portal assets", build, is_there=(portal / "static/built").exists())


def compile_translations(layout: Layout) -> None:
    folder = layout.root / "portal/translations"
    catalogues = sorted(folder.glob("*/LC_MESSAGES/*.po"))

    def compile_all() -> None:
        try:
            run_quietly(layout, [str(layout.venv / "bin/pybabel"), "compile", "-d", str(folder)])
        except CommandFailed as failure:
            raise Refused(f"The translations could not be compiled: {failure}") from None

    if not catalogues:
        return
    is_there = all(catalogue.with_suffix(".mo").exists() for catalogue in catalogues)
    stamped(Stamp(layout.stamps, "translations", catalogues), "translations", compile_all, is_there)
