"""Objects in memory, as COS keeps them."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

from fastcrc import crc64

from emulator import digest


@dataclass(frozen=True)
class Stored:
    """One object.

    `expires_at` (Unix seconds) is when it is gone by itself; `pace_seconds` makes its download
    take that long. `headers` came with the object and go out with it again.
    """

    body: bytes = field(repr=False)
    content_type: str
    created_at: float
    expires_at: float | None = None
    pace_seconds: float = 0.0
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)

    @cached_property
    def md5(self) -> str:
        """Lower-case hex."""
        return digest.md5(self.body)

    @property
    def etag(self) -> str:
        """The MD5 in quotes, as COS gives it for an object that was put whole."""
        return f'"{self.md5}"'

    @cached_property
    def crc64(self) -> str:
        """Decimal. COS names ECMA-182 and means its reflected form (check value 995dc9bbdf1939fa),
        which others call CRC-64/XZ."""
        return str(crc64.xz(self.body))


class Store:
    """Objects by bucket host and decoded key."""

    def __init__(self) -> None:
        self._buckets: defaultdict[str, dict[str, Stored]] = defaultdict(dict)

    def reset(self) -> None:
        """Delete everything."""
        self._buckets.clear()

    def put(self, host: str, key: str, stored: Stored) -> None:
        """Create or replace an object."""
        self._buckets[host][key] = stored

    def get(self, host: str, key: str, now: float) -> Stored | None:
        """The object, unless its life is over."""
        stored = self._buckets[host].get(key)
        if stored is None:
            return None
        if stored.expires_at is not None and now >= stored.expires_at:
            del self._buckets[host][key]
            return None
        return stored

    def delete(self, host: str, key: str) -> None:
        """Delete an object, if there is one."""
        self._buckets[host].pop(key, None)

    def objects(self, host: str, now: float) -> list[tuple[str, Stored]]:
        """Everything in a bucket, in the order of the keys' UTF-8 bytes."""
        alive = ((key, self.get(host, key, now)) for key in list(self._buckets[host]))
        found = [(key, stored) for key, stored in alive if stored is not None]
        return sorted(found, key=lambda each: each[0].encode("utf-8", "surrogateescape"))
