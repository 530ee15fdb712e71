"""Objects in memory, as COS keeps them."""

import hashlib
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

from fastcrc import crc64


def md5(body: bytes) -> str:
    """The MD5 of a file as lower-case hex."""
    return hashlib.md5(body, usedforsecurity=False).hexdigest()


@dataclass(frozen=True)
class Stored:
    """One object, or one version of it.

    `created_at` and `expires_at` are Unix seconds; None: it does not expire. `pace_seconds` is how
    long its download takes. `headers` came with the object and are sent with it. `public`:
    everybody may read it. `customer_key_md5` (base64) names the customer's key that it is encrypted
    with; None: it has no such key. `version` is empty in a bucket without versions. `deleted`: this
    version is the mark that a deletion leaves.
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
    def body_md5(self) -> str:
        """Lower-case hex."""
        return md5(self.body)

    @property
    def etag(self) -> str:
        """In quotes: the MD5, as COS has it for an object that was put whole. An object under a
        customer's key has something else."""
        if self.customer_key_md5 is not None:
            return f'"{md5(self.customer_key_md5.encode() + self.body)}"'
        return f'"{self.body_md5}"'

    @cached_property
    def crc64(self) -> str:
        """Decimal. COS names ECMA-182 but uses its reflected form (check value 995dc9bbdf1939fa),
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
        versions[:] = [old for old in versions if old.version != stored.version]
        versions.append(stored)

    def get(self, host: str, key: str, now: float, version: str | None = None) -> Stored | None:
        """The object, or one version of it; the mark if it is deleted, None if it expired."""
        for stored in reversed(self._buckets[host].get(key, [])):
            if version in (None, stored.version):
                if stored.expires_at is None or now < stored.expires_at:
                    return stored
                self.delete(host, key, stored.version)
                return None
        return None

    def delete(self, host: str, key: str, version: str = "") -> None:
        """Delete a version of an object, or in a bucket without versions the object."""
        versions = self._buckets[host].get(key, [])
        versions[:] = [old for old in versions if old.version != version]
        if not versions:
            self._buckets[host].pop(key, None)

    def objects(self, host: str, now: float) -> list[tuple[str, Stored]]:
        """The objects of a bucket, in the order of the keys' UTF-8 bytes."""
        alive = ((key, self.get(host, key, now)) for key in list(self._buckets[host]))
        objects = [
            (key, stored) for key, stored in alive if stored is not None and not stored.deleted
        ]
        return sorted(objects, key=lambda item: item[0].encode("utf-8", "surrogateescape"))

    def versions(self, host: str, now: float) -> list[tuple[str, Stored]]:
        """Every version and every mark of a bucket, by key, the newest first."""
        return [
            (key, stored)
            for key in sorted(
                self._buckets[host], key=lambda key: key.encode("utf-8", "surrogateescape")
            )
            for stored in reversed(self._buckets[host][key])
            if stored.expires_at is None or now < stored.expires_at
        ]


def version_of(version_id: str) -> str:
    """The store's name for a version id: `null` is the object from before there were versions."""
    return "" if version_id == "null" else version_id
