"""How `./pilgrim test` shares the suite out: lanes that run at once, each with a Redis database of its own."""

import os
from pathlib import Path

import pytest

from deploy.launcher.layout import Layout
from deploy.launcher.testing import LANES, WAITING, run_lanes

ROOT = Path(__file__).resolve().parents[2]
ENVIRONMENT = os.environ | {"PILGRIM_TEST_REDIS_URL": "unix:///redis.sock"}


def python(code: str) -> tuple[str, ...]:
    return ("timeit", "-n1", "-r1", code)


def test_every_folder_of_tests_is_in_one_lane() -> None:
    assert all((ROOT / "tests" / folder).is_dir() for folder in WAITING)
    waiting, others, browsers = LANES
    folders = [f"tests/{folder}" for folder in WAITING]
    assert waiting == (*folders, "-m", "not browser")
    assert others == ("tests", *(f"--ignore={path}" for path in folders), "-m", "not browser")
    assert browsers == ("tests", "-m", "browser")


def test_lanes_share_no_redis_and_are_told_one_after_the_other(capfd: pytest.CaptureFixture[str]) -> None:
    told = python("import os; print(os.environ['PILGRIM_TEST_REDIS_URL'])")
    assert run_lanes(Layout(ROOT), [told, told], ENVIRONMENT) == 0
    first, second = (line for line in capfd.readouterr().out.splitlines() if line.startswith("unix:"))
    assert (first, second) == ("unix:///redis.sock?db=0", "unix:///redis.sock?db=1")


@pytest.mark.parametrize("failing", [0, 1])
def test_the_failure_of_any_lane_is_a_failure(failing: int) -> None:
    lanes = [python("pass"), python("pass")]
    lanes[failing] = python("raise ValueError")
    assert run_lanes(Layout(ROOT), lanes, ENVIRONMENT) == 1
