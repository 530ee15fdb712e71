"""The ledger: every API call that came in, the refused ones as well."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass, field

from liveproof_emulator.model import Billed


@dataclass
class Entry:
    """One call.

    `scenario` is the name that the files or the controls chose: "pass" without a name, None if the
    call was refused before the choice. `fault` is the fault that this call met. `verdict` is the
    vendor's conclusion. `code` is the code in the answer; None if the answer has no code or did
    not reach the caller whole. `executed` and `billed` are the truth, whether or not the caller
    could learn it. `latency_ms` is the emulator's own time until the answer was ready.
    `resources` are the keys of the objects that the call names.
    """

    at: str
    action: str
    region: str
    request_id: str
    scenario: str | None = None
    fault: str | None = None
    code: str | None = None
    verdict: str | None = None
    billed: Billed = "no"
    executed: bool = False
    latency_ms: float = 0.0
    resources: list[str] = field(default_factory=list)

    def log_line(self, fields: Iterable[str], **others: object) -> dict[str, object]:
        """The call's line in the log: these fields in this order. `call` is the action."""
        values = {**vars(self), "call": self.action, **others}
        return {name: values[name] for name in fields}


class Ledger:
    """The calls, in the order in which their answers were ready."""

    def __init__(self) -> None:
        self._entries: list[Entry] = []

    def reset(self) -> None:
        """Delete every entry."""
        self._entries.clear()

    def add(self, entry: Entry) -> None:
        """Add a call. This has to be done before any byte of the answer is sent."""
        self._entries.append(entry)

    def calls(self) -> list[dict[str, object]]:
        """A copy of every entry."""
        return [asdict(entry) for entry in list(self._entries)]
