"""Background work: each step is one unit of work, started by the clock and run by whichever worker is free."""

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from celery import Celery
from sqlalchemy.orm import Session

from kernel.db import unit_of_work

Step: TypeAlias = Callable[[Session], object]


@dataclass(frozen=True, slots=True)
class Errand:
    """Work outside the database: `take` commits what it takes up, `run` goes out with one of them and no transaction open,
    `note` writes down in another what came of it.
    """

    take: Callable[[Session], Sequence[Any]]
    run: Callable[[Any], Any]
    note: Callable[[Session, Any, Any], None]


# Each says a line for every task, which is every second.
TALKATIVE = ("celery.beat", "celery.worker.strategy", "celery.app.trace")


def make_celery(redis_url: str, steps: Mapping[str, tuple[Step | Errand, float]]) -> Celery:
    """A Celery application that runs each named step or errand every so many seconds; a turn that waited for two is dropped."""
    for name in TALKATIVE:
        logging.getLogger(name).setLevel(logging.WARNING)
    celery = Celery("pilgrim", broker=broker_address(redis_url))
    celery.conf.update(
        task_ignore_result=True,
        worker_prefetch_multiplier=1,
        worker_hijack_root_logger=False,
        broker_connection_retry_on_startup=True,
        timezone="UTC",
        beat_schedule={},
    )
    for name, (step, seconds) in steps.items():
        task = celery.task(_on_errand(step) if isinstance(step, Errand) else _in_unit_of_work(step), name=f"pilgrim.{name}")
        turn = {"task": task.name, "schedule": seconds, "options": {"expires": 2 * seconds}}
        celery.conf.beat_schedule[name] = turn
    return celery


def broker_address(redis_url: str) -> str:
    """Celery's spelling of a Redis address: only sockets are spelt otherwise."""
    if not redis_url.startswith("unix://"):
        return redis_url
    path, _, database = redis_url.removeprefix("unix://").partition("?db=")
    return f"redis+socket://{path}?virtual_host={database or 0}"


def _in_unit_of_work(step: Step) -> Callable[[], None]:
    def run() -> None:
        with unit_of_work() as session:
            step(session)

    return run


def run_errand(errand: Errand) -> None:
    """One turn: what was taken up is run and noted one after the other."""
    with unit_of_work() as session:
        taken = errand.take(session)
    for one in taken:
        outcome = errand.run(one)
        with unit_of_work() as session:
            errand.note(session, one, outcome)


def _on_errand(errand: Errand) -> Callable[[], None]:
    def run() -> None:
        run_errand(errand)

    return run
