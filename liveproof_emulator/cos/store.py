"""Objects in memory, as COS keeps them."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

from fastcrc import crc64

from liveproof_emulator import digest


@dataclass(frozen=True)
class Stored:
    """One object, or one version of it.

    `expires_at` (Unix seconds) is when it is gone by itself; `pace_seconds` makes its download
    take that long. `headers` came with the object and go out with it again. `public` says whether
    everybody may read it. `customer_key_md5` (base64) names the key of the customer's that it is
    under; None: it is under none. `version` is empty in a bucket without versions. A version that
    is `deleted` is the mark that a deletion leaves.
    """

    body: bytes = field(repr=False)
    content_type: str
    created_at: float
    expires_at: float | None = None
    pace_seconds: float = 0.0
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    storage_class: str = "STANDARD"
    public: bool = False
    customer_key_md5: str | None = None
    version: str = ""
    deleted: bool = False

    @cached_property
    def md5(self) -> str:
        """Lower-case hex."""
        return digest.md5(self.body)

    @property
    def etag(self) -> str:
        """In quotes: the MD5, as COS gives it for an object that was put whole, or something else
        under a key of the customer's."""
        if self.customer_key_md5 is not None:
            return f'"{digest.md5(self.customer_key_md5.encode() + self.body)}"'
        return f'"{self.md5}"'

    @cached_property
    def crc64(self) -> str:
        """Decimal. COS names ECMA-182 and means its reflected form (check value 995dc9bbdf1939fa),
        which others call CRC-64/XZ."""
        return str(crc64.xz(self.body))


class Store:
    """Objects by bucket host and decoded key, each with its versions, the newest last."""

    def __init__(self) -> None:
        self._buckets: defaultdict[str, dict[str, list[Stored]]] = defaultdict(dict)

    def reset(self) -> None:
        """Delete everything."""
        self._buckets.clear()

    def put(self, host: str, key: str, stored: Stored) -> None:
        """Create an object, or replace its version of the same name."""
        versions = self._buckets[host].setdefault(key, [])
        versions[:] = [each for each in versions if each.version != stored.version]
        versions.append(stored)

    def get(self, host: str, key: str, now: float, version: str | None = None) -> Stored | None:
        """The object, or one version of it, unless its life is over; the mark if it is deleted."""
        for stored in reversed(self._buckets[host].get(key, [])):
            if version in (None, stored.version):
                if stored.expires_at is None or now < stored.expires_at:
                    return stored
                self.delete(host, key, stored.version)
                return None
        return None

    def delete(self, host: str, key: str, version: str = "") -> None:
        """Delete a version of an object, if there is one; without versions the object."""
        versions = self._buckets[host].get(key, [])
        versions[:] = [each for each in versions if each.version != version]
        if not versions:
            self._buckets[host].pop(key, None)

    def objects(self, host: str, now: float) -> list[tuple[str, Stored]]:
        """Everything in a bucket, in the order of the keys' UTF-8 bytes."""
        alive = ((key, self.get(host, key, now)) for key in list(self._buckets[host]))
        found = [
            (key, stored) for key, stored in alive if stored is not None and not stored.deleted
        ]
        return sorted(found, key=lambda each: each[0].encode("utf-8", "surrogateescape"))


def version_named(name: str) -> str:
    """A version as the store has it: what was there before there were versions is `null`."""
    return "" if name == "null" else name
