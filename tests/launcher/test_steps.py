"""Stamps, hashes, the lock and the room on the disk."""

import subprocess
import sys
from pathlib import Path

import pytest

from deploy.launcher import steps
from deploy.launcher.layout import Layout, Refused
from deploy.launcher.steps import CommandFailed, Stamp, check_space, hash_of, rotate, run_quietly, stamped

ROOT = Path(__file__).resolve().parents[2]


def test_a_step_runs_again_only_when_its_inputs_or_its_product_change(tmp_path: Path) -> None:
    runs: list[str] = []
    stamped(Stamp(tmp_path, "step", ["one"]), "step", lambda: runs.append("first"))
    stamped(Stamp(tmp_path, "step", ["one"]), "step", lambda: runs.append("same inputs"))
    stamped(Stamp(tmp_path, "step", ["two"]), "step", lambda: runs.append("other inputs"))
    stamped(Stamp(tmp_path, "step", ["two"]), "step", lambda: runs.append("product lost"), is_there=False)
    assert runs == ["first", "other inputs", "product lost"]


def test_a_step_that_fails_is_not_stamped(tmp_path: Path) -> None:
    def fail() -> None:
        raise Refused("no")

    with pytest.raises(Refused):
        stamped(Stamp(tmp_path, "step", ["one"]), "step", fail)
    assert not Stamp(tmp_path, "step", ["one"]).is_current


def test_a_hash_sees_contents_and_names_and_not_what_tools_leave(tmp_path: Path) -> None:
    (tmp_path / "a.css").write_text("x")
    first = hash_of([tmp_path])
    (tmp_path / "node_modules").mkdir()
    (tmp_path / "node_modules" / "b.css").write_text("y")
    assert hash_of([tmp_path]) == first
    (tmp_path / "a.css").rename(tmp_path / "c.css")
    renamed = hash_of([tmp_path])
    (tmp_path / "c.css").write_text("z")
    assert len({first, renamed, hash_of([tmp_path])}) == 3


def test_a_folder_hashes_alike_wherever_the_clone_stands(tmp_path: Path) -> None:
    for clone in ("one", "two"):
        (tmp_path / clone / "src").mkdir(parents=True)
        (tmp_path / clone / "src" / "a.js").write_text("x")
    assert hash_of([tmp_path / "one/src"]) == hash_of([tmp_path / "two/src"])


def test_a_failed_command_tells_its_last_line_and_keeps_the_rest_in_the_log(layout: Layout) -> None:
    with pytest.raises(CommandFailed, match=r"the cause$"):
        run_quietly(layout, ["sh", "-c", "echo before; echo the cause >&2; exit 4"])
    assert "before" in (layout.logs / "setup.log").read_text()


def test_a_full_disk_is_told_before_anything_is_begun(tmp_path: Path) -> None:
    with pytest.raises(Refused, match=r"^Only \d+ MB are free on the disk of .*; \d+ MB are needed\.$"):
        check_space(tmp_path, 10**9)
    check_space(tmp_path, 1)


def test_a_log_that_has_grown_large_is_put_aside(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(steps, "LARGEST_LOG_BYTES", 10)
    log = tmp_path / "web.log"
    log.write_text("short")
    assert rotate(log).exists()
    log.write_text("longer than ten bytes")
    assert not rotate(log).exists()
    assert (tmp_path / "web.log.1").read_text() == "longer than ten bytes"


def test_two_runs_never_set_up_at_once(layout: Layout) -> None:
    code = (
        "import sys; sys.path.insert(0, sys.argv[1])\n"
        "from pathlib import Path\n"
        "from deploy.launcher.layout import Layout\n"
        "from deploy.launcher.steps import one_at_a_time\n"
        "with one_at_a_time(Layout(Path(sys.argv[2]))): print('has it', flush=True); sys.stdin.read()\n"
    )
    command = [sys.executable, "-c", code, str(ROOT), str(layout.root)]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    with subprocess.Popen(command, **pipes) as first:
        assert first.stdout.readline() == "has it\n"
        with subprocess.Popen(command, **pipes) as second:
            assert second.stderr.readline() == "Another ./pilgrim is setting up here; waiting for it.\n"
            assert first.poll() is None
            first.communicate()
            assert second.stdout.readline() == "has it\n"
            second.communicate()
    assert (first.returncode, second.returncode) == (0, 0)
