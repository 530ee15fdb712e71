"""How long a secret that was read is used."""

from __future__ import annotations

import pytest

from liveproof.clouds.cached_secrets import REFRESH_MS, CachedSecrets
from liveproof.ports import SecretUnusable
from tests.support.memory import MemoryClock


class Store:
    """Counts the reads. A secret's text is its name and the number of the read."""

    def __init__(self) -> None:
        self.reads: list[str] = []
        self.broken = False

    def read(self, name: str) -> bytes:
        self.reads.append(name)
        if self.broken:
            raise SecretUnusable(name)
        return f"{name} {len(self.reads)}".encode()


@pytest.fixture
def store() -> Store:
    return Store()


@pytest.fixture
def clock() -> MemoryClock:
    return MemoryClock()


def test_a_secret_is_read_once_in_its_lifetime(store: Store, clock: MemoryClock) -> None:
    secrets = CachedSecrets(store.read, 300, clock)
    first = secrets.get("a")

    clock.advance(299_999)
    assert secrets.get("a") == first == b"a 1"
    clock.advance(1)
    assert secrets.get("a") == b"a 2"


def test_the_lifetime_begins_with_each_read(store: Store, clock: MemoryClock) -> None:
    secrets = CachedSecrets(store.read, 300, clock)
    for _ in range(3):
        secrets.get("a")
        clock.advance(200_000)

    assert store.reads == ["a", "a"]


def test_each_name_is_a_secret_of_its_own(store: Store, clock: MemoryClock) -> None:
    secrets = CachedSecrets(store.read, 300, clock)

    assert (secrets.get("a"), secrets.get("b"), secrets.get("a")) == (b"a 1", b"b 2", b"a 1")


def test_with_a_lifetime_of_zero_every_use_is_a_read(store: Store, clock: MemoryClock) -> None:
    secrets = CachedSecrets(store.read, 0, clock)

    assert (secrets.get("a"), secrets.get("a")) == (b"a 1", b"a 2")


def test_a_failed_read_is_not_cached(store: Store, clock: MemoryClock) -> None:
    secrets = CachedSecrets(store.read, 300, clock)
    store.broken = True
    with pytest.raises(SecretUnusable):
        secrets.get("a")
    store.broken = False

    assert secrets.get("a") == b"a 2"


def test_an_expired_value_is_not_used_when_the_read_fails(store: Store, clock: MemoryClock) -> None:
    secrets = CachedSecrets(store.read, 300, clock)
    secrets.get("a")
    clock.advance(300_000)
    store.broken = True

    with pytest.raises(SecretUnusable):
        secrets.get("a")


def test_a_refused_secret_is_read_again_at_once(store: Store, clock: MemoryClock) -> None:
    secrets = CachedSecrets(store.read, 300, clock)
    secrets.get("a")
    clock.advance(1)

    assert secrets.refresh("a")
    assert secrets.get("a") == b"a 2"


def test_refused_callers_cannot_cause_endless_reads_of_the_store(
    store: Store, clock: MemoryClock
) -> None:
    secrets = CachedSecrets(store.read, 300, clock)
    secrets.get("a")
    for _ in range(1_000):
        secrets.refresh("a")
        clock.advance(REFRESH_MS // 500)

    assert store.reads == ["a"] * 3


def test_other_secrets_are_refreshed_meanwhile(store: Store, clock: MemoryClock) -> None:
    secrets = CachedSecrets(store.read, 300, clock)

    assert [secrets.refresh(name) for name in ("a", "b", "a")] == [True, True, False]


def test_the_lifetime_begins_with_a_refresh_as_well(store: Store, clock: MemoryClock) -> None:
    secrets = CachedSecrets(store.read, 300, clock)
    secrets.get("a")
    clock.advance(200_000)
    secrets.refresh("a")
    clock.advance(299_999)

    assert secrets.get("a") == b"a 2"


def test_the_same_text_is_no_other_one(clock: MemoryClock) -> None:
    secrets = CachedSecrets(lambda name: b"same", 300, clock)
    secrets.get("a")

    assert not secrets.refresh("a")


def test_a_refresh_that_fails_is_logged_and_changes_nothing(
    store: Store, clock: MemoryClock, caplog: pytest.LogCaptureFixture
) -> None:
    secrets = CachedSecrets(store.read, 300, clock)
    secrets.get("a")
    store.broken = True

    assert not secrets.refresh("a")
    assert secrets.get("a") == b"a 1"
    assert "SECRET_NOT_REFRESHED" in caplog.messages
