"""Every vendor call that came in, also the refused ones."""

from dataclasses import asdict, dataclass, field

from liveproof_emulator.catalogue import Billed


@dataclass
class Entry:
    """One call.

    `scenario` is the name that the files or the controls chose ("pass" without any, None for a
    call that came to no choice), `fault` the one that was played on this very call. `verdict` is
    what the vendor concluded, `code` what its answer says (None: no whole answer was sent, or it
    carries none). `executed` and `billed` are the truth, whether or not the caller could learn
    it. `latency_ms` is the emulator's own time until it settled the call.
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


class Ledger:
    """The calls in the order in which they were settled."""

    def __init__(self) -> None:
        self._entries: list[Entry] = []

    def reset(self) -> None:
        """Forget every call."""
        self._entries.clear()

    def add(self, entry: Entry) -> None:
        """Write a call down, before anything of its answer is sent."""
        self._entries.append(entry)

    def calls(self) -> list[dict[str, object]]:
        """Copies of all entries."""
        return [asdict(entry) for entry in list(self._entries)]
