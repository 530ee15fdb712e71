"""What must not be found: a canary in everything that is secret."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from urllib.parse import parse_qs, urlsplit

from tests.support.local_clouds import SECOND_API_KEY, SECOND_USERINFO
from tools.local.cloud import LocalCloud

FILE = b"canaryOfTheFilesBytes"
METADATA, REFERENCE = "canaryOfTheMetadata", "canaryOfTheReference"
IDEMPOTENCY, DEVICE = "canaryOfTheIdempotencyKey", "canaryOfTheDeviceData"
CONSENT, PERSON = "canaryOfTheConsent", "Canary Person of the Metadata"
ERASED = "canaryOfAnErasedPerson"
BODY, QUERY, PATH, WRONG_KEY = (
    "canaryOfARefusedBody", "canaryOfTheQuery", "canaryOfThePath", "lp_canaryOfAWrongKey",
)  # fmt: skip
# Where the client's own words are meant to be.
RECORDS, WEBHOOKS, STATE, LIST = "records", "webhooks", "console state", "API list"


@dataclass
class Ground:
    """A local cloud on which the play is over.

    Attributes:
        uploads: the URLs that were given out.
        places: what there is to read, by name; every file of the run's folder by its own.
        decided: how each verification of the play ended.
    """

    cloud: LocalCloud
    uploads: list[str] = field(default_factory=list)
    ids: list[str] = field(default_factory=list)
    decided: dict[str, int] = field(default_factory=dict)
    places: dict[str, bytes] = field(default_factory=dict)


@dataclass(frozen=True)
class Canary:
    """Something secret.

    Attributes:
        values: gives every form of it that is looked for.
        allowed: the places that are meant to have it.
        sqlite_keeps: SQLite's file may still have it, as any database's until its pages are used
            again. Where the store is one, it is not looked for there.
    """

    name: str
    values: Callable[[Ground], Sequence[bytes]]
    allowed: tuple[str, ...] = ()
    sqlite_keeps: bool = False


def _text(*values: str) -> Callable[[Ground], Sequence[bytes]]:
    return lambda _: [value.encode() for value in values]


def _of_cloud(read: Callable[[LocalCloud], str]) -> Callable[[Ground], Sequence[bytes]]:
    return lambda ground: [read(ground.cloud).encode()]


def in_base64(value: bytes) -> list[bytes]:
    """How the bytes look within a base64 text, at each of the three phases."""
    encoded = []
    for phase in range(3):
        text = base64.b64encode(bytes(phase) + value)
        # The first and last characters depend on the neighbours.
        encoded.append(text[4 if phase else 0 : len(text) // 4 * 4 - 4])
    return encoded


def _signatures(ground: Ground) -> list[bytes]:
    names = ("X-Amz-Signature", "X-Amz-Security-Token", "q-signature", "x-cos-security-token")
    signatures = []
    for url in ground.uploads:
        query = parse_qs(urlsplit(url).query)
        signatures += [query[name][0].encode() for name in names if name in query]
    assert signatures
    return signatures


_OWN_WORDS = (RECORDS, WEBHOOKS, STATE, LIST)
CANARIES = (
    Canary("the first client's API key", _of_cloud(lambda cloud: cloud.api_key)),
    Canary("the second client's API key", _text(SECOND_API_KEY)),
    Canary("the digest of an API key",
           _text(hashlib.sha256(SECOND_API_KEY.encode()).hexdigest())),
    Canary("a wrong API key", _text(WRONG_KEY)),
    Canary("the webhook secret", _of_cloud(lambda cloud: cloud.webhook_secret)),
    Canary("the webhook key's bytes", lambda ground: [
        base64.b64decode(ground.cloud.webhook_secret.removeprefix("whsec_"))]),
    Canary("userinfo of an endpoint's URL",
           _text(SECOND_USERINFO, SECOND_USERINFO.partition(":")[2],
                 base64.b64encode(SECOND_USERINFO.encode()).decode())),
    Canary("the vendor's secret key", _of_cloud(lambda cloud: cloud.emulator.secret_key)),
    Canary("SenseID's key", _of_cloud(lambda cloud: cloud.emulator.senseid_key)),
    Canary("SenseID's IV", _of_cloud(lambda cloud: cloud.emulator.senseid_iv)),
    Canary("the files' bytes", lambda _: [FILE]),
    Canary("the files' bytes in base64", lambda _: in_base64(FILE)),
    Canary("a JPEG's beginning in base64", _text("/9j/4AAQSkZJRg")),
    Canary("metadata", _text(METADATA), _OWN_WORDS),
    Canary("reference", _text(REFERENCE), _OWN_WORDS),
    Canary("a person's name", _text(PERSON), _OWN_WORDS),
    Canary("a reference to a consent", _text(CONSENT), (RECORDS, STATE, LIST)),
    Canary("the words about an erased person", _text(ERASED), sqlite_keeps=True),
    Canary("an idempotency key", _text(IDEMPOTENCY)),
    Canary("device data", _text(DEVICE, *(text.decode() for text in in_base64(DEVICE.encode())))),
    Canary("a field of a refused body", _text(BODY)),
    Canary("a value of a refused query", _text(QUERY)),
    Canary("an id of a refused path", _text(PATH)),
    Canary("signatures and tokens of upload URLs", _signatures),
    Canary("any signed URL", _text("X-Amz-Signature=", "q-signature=")),
    Canary("any bearer", _text("Bearer lp_")),
)  # fmt: skip
