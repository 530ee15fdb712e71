"""A running emulator, as a test sees it."""

from abc import ABC, abstractmethod
from collections.abc import Iterable
from types import TracebackType
from typing import TypeVar

from liveproof_emulator.keys import Key
from liveproof_emulator.senseid import service
from liveproof_emulator.senseid.cipher import Cipher

Self = TypeVar("Self", bound="Running")


class Running(ABC):
    """A running emulator. Every method may be called from any thread.

    Attributes:
        url: scheme, host and port, without a slash at the end.
        secret_id: of the account's key.
        secret_key: of the account's key.
        temporary: a temporary key with its token.
        cipher: SenseID's key and IV, which encrypts files.
    """

    url: str
    secret_id: str
    secret_key: str
    temporary: Key
    cipher: Cipher

    @property
    def endpoint(self) -> str:
        """Host and port, as the SDK's HttpProfile takes them."""
        return self.url.removeprefix("http://")

    @property
    def senseid_url(self) -> str:
        """The address that SenseID's paths are appended to."""
        return self.url + service.PREFIX

    def calls(self, action: str | None = None) -> list[dict[str, object]]:
        """The ledger (see `GET /_emulator/calls`), of one action or of all.

        A call of SenseID has its path as the action.
        """
        return [entry for entry in self._ledger() if action is None or entry["action"] == action]

    def fault(self, action: str, fault: str, times: int = 1) -> None:
        """Queue a fault or a scenario for the next `times` calls of an action.

        `action` may also be a path of SenseID, or an operation of the storage such as `PutObject`.

        Raises:
            ValueError: there is no such action, fault or scenario.
        """
        self._control("faults", {"action": action, "fault": fault, "times": times})

    def end_faults(self, action: str) -> None:
        """Empty the queue of an action's faults and scenarios."""
        self._control("faults", {"action": action, "fault": None})

    def advance(self, seconds: float) -> None:
        """Let time pass for everybody: URLs and objects expire, new signatures stay valid."""
        self._control("clock", {"advance_seconds": seconds})

    def skew(self, seconds: float) -> None:
        """Set how far the vendor's clock is ahead of its callers'."""
        self._control("clock", {"skew_seconds": seconds})

    def issue_key(self, permissions: Iterable[tuple[str, str]] | None = None) -> Key:
        """A new temporary key of the customer's.

        Args:
            permissions: what the key may do, as pairs of action and resource (see
                `keys.Permission`); None: everything.
        """
        body: dict[str, object] = {}
        if permissions is not None:
            body["permissions"] = [
                {"action": action, "resource": resource} for action, resource in permissions
            ]
        key = self._control("keys", body)
        return Key(str(key["secret_id"]), str(key["secret_key"]), str(key["token"]))

    def disable_keys(self, *secret_ids: str) -> None:
        """Let nobody use keys with these ids, and everybody all others."""
        self._control("keys", {"disabled": list(secret_ids)})

    def notify(
        self, bucket: str, url: str | None, copies: int = 1, delay_seconds: float = 0.0
    ) -> None:
        """Send an event to `url` for each new object in a bucket.

        Args:
            bucket: the bucket's host.
            url: the receiver; None: no receiver any more.
            copies: how many times each event is sent.
            delay_seconds: how long after the upload.
        """
        body: dict[str, object] = {"bucket": bucket}
        if url is not None:
            body |= {"url": url, "copies": copies, "delay_seconds": delay_seconds}
        self._control("notifications", body)

    @abstractmethod
    def reset(self) -> None:
        """Forget calls, objects, faults, rates and events in flight; set the clock right."""

    @abstractmethod
    def scenarios(self) -> dict[str, object]:
        """Names and meanings, as in `GET /_emulator/scenarios`."""

    @abstractmethod
    def stop(self) -> None:
        """Stop the emulator. A second call does nothing."""

    @abstractmethod
    def _ledger(self) -> list[dict[str, object]]:
        """Every call."""

    @abstractmethod
    def _control(self, name: str, body: dict[str, object]) -> dict[str, object]:
        """POST to a control. ValueError with its text if it refuses."""

    def __enter__(self: Self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        value: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()
