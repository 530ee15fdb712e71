"""Objects in memory, as COS keeps them."""

from dataclasses import dataclass, field

from emulator import digest


@dataclass(frozen=True)
class Stored:
    """One object.

    `expires_at` (Unix seconds) is when it is gone by itself; `pace_seconds` makes its download
    take that long.
    """

    body: bytes = field(repr=False)
    content_type: str
    created_at: float
    expires_at: float | None = None
    pace_seconds: float = 0.0

    @property
    def md5(self) -> str:
        """Lower-case hex."""
        return digest.md5(self.body)


class Store:
    """Objects by bucket host and decoded key."""

    def __init__(self) -> None:
        self._objects: dict[tuple[str, str], Stored] = {}

    def reset(self) -> None:
        """Delete everything."""
        self._objects.clear()

    def put(self, host: str, key: str, stored: Stored) -> None:
        """Create or replace an object."""
        self._objects[host, key] = stored

    def get(self, host: str, key: str, now: float) -> Stored | None:
        """The object, unless its life is over."""
        stored = self._objects.get((host, key))
        if stored is None:
            return None
        if stored.expires_at is not None and now >= stored.expires_at:
            del self._objects[host, key]
            return None
        return stored
