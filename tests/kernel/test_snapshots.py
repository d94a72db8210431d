from kernel.snapshots import SnapshotCache


def test_a_snapshot_is_read_once_until_it_is_evicted() -> None:
    cache, reads = SnapshotCache(), []

    def read() -> str:
        reads.append("read")
        return f"version {len(reads)}"

    assert cache.load("terminal", "T1", read) == cache.load("terminal", "T1", read) == "version 1"
    cache.evict("terminal:T1")
    assert cache.load("terminal", "T1", read) == "version 2"


def test_what_changed_while_it_was_read_is_not_kept() -> None:
    cache = SnapshotCache()

    def read() -> str:
        cache.evict("card:9")
        return "stale"

    assert cache.load("card", 9, read) == "stale"
    assert cache.get("card", 9) is None


def test_the_cache_stays_within_its_size() -> None:
    cache = SnapshotCache(most=3)
    for number in range(10):
        cache.load("card", number, lambda number=number: number + 1)
    assert sum(cache.get("card", number) is not None for number in range(10)) <= 3
