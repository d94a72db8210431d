import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from kernel.audit import Actor, AuditEntry, record
from kernel.background import broker_address, make_celery


@pytest.mark.parametrize(
    ("redis_url", "address"),
    [
        ("unix:///run/redis.sock", "redis+socket:///run/redis.sock?virtual_host=0"),
        ("unix:///run/redis.sock?db=3", "redis+socket:///run/redis.sock?virtual_host=3"),
        ("redis://localhost:6379/2", "redis://localhost:6379/2"),
        ("rediss://redis.example:6380/0", "rediss://redis.example:6380/0"),
    ],
)
def test_a_redis_address_is_spelt_as_celery_reads_it(redis_url: str, address: str) -> None:
    assert broker_address(redis_url) == address


def test_a_step_is_one_unit_of_work_and_is_scheduled(session: Session, redis_url: str) -> None:
    def write(within: Session) -> None:
        record(within, Actor.system("test"), "write", "thing", 1)

    def fail(within: Session) -> None:
        write(within)
        within.flush()
        raise ZeroDivisionError

    celery = make_celery(redis_url, {"write": (write, 5.0), "fail": (fail, 60.0)})
    celery.tasks["pilgrim.write"]()
    with pytest.raises(ZeroDivisionError):
        celery.tasks["pilgrim.fail"]()
    assert session.scalar(select(func.count()).select_from(AuditEntry)) == 1
    assert celery.conf.beat_schedule["write"] == {
        "task": "pilgrim.write",
        "schedule": 5.0,
        "options": {"expires": 10.0},
    }


def test_every_step_of_the_composition_root_runs(database_url: str) -> None:
    import wsgi

    celery = wsgi.make_celery_app()
    scheduled = celery.conf.beat_schedule
    assert {"deliver_outbox", "expire_cards", "ledger_roll_up", "ledger_make_partitions"} <= set(scheduled)
    for turn in scheduled.values():
        celery.tasks[turn["task"]]()
        assert turn["schedule"] >= 1.0
