"""The deployment's secrets: JSON documents, put by an operator, read at run time.

A document with one wrong field is refused as a whole. An unknown field is wrong, because a misspelt
name would otherwise pass for an omitted one. The error names the client and the field, and never
shows a value.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, NamedTuple, TypeVar

from msgspec import Meta, Struct

from liveproof import decoding, facts, observability
from liveproof.decoding import NotAsExpected, Path, path_text
from liveproof.evidence.signing_keys import MOST_EVIDENCE_KEYS, EvidenceKey
from liveproof.observability import Event, Metric
from liveproof.ports import Secrets, SecretUnusable
from liveproof.webhooks.keys import KeyInvalid, PrivateKey, SecretKey, parse_key
from liveproof.webhooks.urls import parse_endpoint

Sha256 = Annotated[str, Meta(pattern=r"^[0-9a-f]{64}\Z")]
Text = Annotated[str, Meta(min_length=1)]
Visible = Annotated[str, Meta(pattern=r"^[!-~]+\Z")]

_MOST_SIGNING_KEYS = 10
"""Of an endpoint: each is a signature in the header of every webhook."""

_LONGEST_NAME_BYTES = 255
"""What the records keep beside a verification."""

_EMPTY_DIGEST = hashlib.sha256(b"").hexdigest()

_PLAIN_NAME = re.compile("[A-Za-z0-9_.@-]{1,32}")
"""Names that an error may show. Any other may be a secret in the wrong place."""


class SecretDocument(Struct, frozen=True, forbid_unknown_fields=True):
    """A secret's content."""

    def validate(self) -> None:
        """Check what the types cannot express. Raises NotAsExpected."""


class VendorKey(SecretDocument, frozen=True):
    """The vendor account's key. `token` goes with temporary keys."""

    secret_id: Visible
    secret_key: Visible
    token: Visible | None = None


class SenseIdKey(SecretDocument, frozen=True):
    """SenseID's PARAM_DECRYPT_KEY and PARAM_DECRYPT_IV: text, used as its bytes."""

    key: Annotated[str, Meta(min_length=32, max_length=32, pattern="^[!-~]+$")]
    iv: Annotated[str, Meta(min_length=12, max_length=12, pattern="^[!-~]+$")]


class ApiClient(Struct, frozen=True, forbid_unknown_fields=True):
    """A client: the SHA-256 of each of its API keys, and its own thresholds by check.

    `threshold_floors` are the lowest thresholds that it may have, whoever asks for another one.
    """

    keys_sha256: Annotated[tuple[Sha256, ...], Meta(min_length=1)]
    thresholds: dict[str, Annotated[float, Meta(ge=0)]] = {}
    threshold_floors: dict[str, Annotated[float, Meta(ge=0)]] = {}


class ApiKeys(SecretDocument, frozen=True):
    """Every client by its name."""

    clients: dict[str, ApiClient]

    def client_of(self, api_key: str) -> str | None:
        """The name of the client that the key belongs to. Takes the same time for every key."""
        digest = hashlib.sha256(api_key.encode("utf-8", "surrogatepass")).hexdigest()
        owner = None
        for name, client in self.clients.items():
            for own_digest in client.keys_sha256:
                if hmac.compare_digest(own_digest, digest):
                    owner = name
        return owner

    def validate(self) -> None:
        _require_names(self.clients, "clients")
        owners: dict[str, str] = {}
        for name, client in self.clients.items():
            for number, digest in enumerate(client.keys_sha256):
                where = ("clients", name, "keys_sha256", number)
                if digest == _EMPTY_DIGEST:
                    raise NotAsExpected(where, "is the digest of no key at all")
                if owners.setdefault(digest, name) != name:
                    raise NotAsExpected(where, "is another client's key as well")
            _require_thresholds(("clients", name), client)


class EndpointKey(NamedTuple):
    """A signing key, and the last millisecond since 1970 at which it signs; None: for ever."""

    key: SecretKey | PrivateKey
    not_after: int | None

    def signs_at(self, now: int) -> bool:
        return self.not_after is None or now <= self.not_after


class DatedSecret(Struct, frozen=True, forbid_unknown_fields=True):
    """A webhook secret that signs until a time, which is included: RFC 3339 with its offset."""

    secret: str
    not_after: Annotated[datetime, Meta(tz=True)]


class WebhookEndpoint(Struct, frozen=True, forbid_unknown_fields=True):
    """Where a client's webhooks go, and what signs them. The first secret is the current one.

    An endpoint without a secret needs a key of the whole deployment.
    """

    url: Text
    secrets: Annotated[tuple[str | DatedSecret, ...], Meta(max_length=_MOST_SIGNING_KEYS)]

    def signing_keys(self) -> tuple[EndpointKey, ...]:
        """All keys in the order of the document, those whose time is over as well.

        Raises:
            KeyInvalid: a secret is none; no document that was read has one.
        """
        return tuple(_endpoint_key(secret) for secret in self.secrets)

    def signing_keys_at(self, now: int) -> tuple[EndpointKey, ...]:
        """Those that sign at `now` (ms since 1970); none when the time of all is over."""
        return tuple(key for key in self.signing_keys() if key.signs_at(now))


class Webhooks(SecretDocument, frozen=True):
    """Every client's endpoint by its name, and the keys that sign manifests of evidence."""

    endpoints: dict[str, WebhookEndpoint]
    evidence_keys: Annotated[tuple[EvidenceKey, ...], Meta(max_length=MOST_EVIDENCE_KEYS)] = ()

    def validate(self) -> None:
        for number, entry in enumerate(self.evidence_keys):
            if (fault := entry.fault()) is not None:
                raise NotAsExpected(("evidence_keys", number, "key"), fault)
        _require_names(self.endpoints, "endpoints")
        for name, endpoint in self.endpoints.items():
            _require_url(("endpoints", name, "url"), endpoint.url)
            _require_keys(("endpoints", name, "secrets"), endpoint)


def _require_names(clients: Mapping[str, object], field: str) -> None:
    for name in clients:
        if not name:
            raise NotAsExpected((field,), "a client has no name")
        if len(name.encode()) > _LONGEST_NAME_BYTES:
            longest = f"a client's name may have at most {_LONGEST_NAME_BYTES} bytes"
            raise NotAsExpected((field, name), longest)


def _require_thresholds(where: Path, client: ApiClient) -> None:
    for check, floor in client.threshold_floors.items():
        _require_threshold((*where, "threshold_floors", check), check, floor)
    for check, threshold in client.thresholds.items():
        place = (*where, "thresholds", check)
        _require_threshold(place, check, threshold)
        if threshold < client.threshold_floors.get(check, 0):
            raise NotAsExpected(place, "is below the client's own floor in threshold_floors")


def _require_threshold(where: Path, check: str, threshold: float) -> None:
    check_facts = facts.checks().get(check)
    if check_facts is None:
        raise NotAsExpected(where, f"there is no such check; there is {', '.join(facts.checks())}")
    if threshold > check_facts.threshold_max:
        raise NotAsExpected(where, f"may be at most {check_facts.threshold_max:g}")


def _require_url(where: Path, url: str) -> None:
    """Refuse a URL that no deployment could send to. A setting refuses http and private ones."""
    try:
        usable = parse_endpoint(url) is not None
    except ValueError:
        usable = False
    if not usable or not url.isprintable() or " " in url:
        raise NotAsExpected(where, "is no URL such as https://HOST/PATH")


def _require_keys(where: Path, endpoint: WebhookEndpoint) -> None:
    seen: set[SecretKey | PrivateKey] = set()
    for number, secret in enumerate(endpoint.secrets):
        try:
            key = _endpoint_key(secret).key
        except KeyInvalid as invalid:
            place = ("secret",) if isinstance(secret, DatedSecret) else ()
            raise NotAsExpected((*where, number, *place), str(invalid)) from None
        if key in seen:
            raise NotAsExpected((*where, number), "is in the list twice")
        seen.add(key)


def _endpoint_key(secret: str | DatedSecret) -> EndpointKey:
    """Raises KeyInvalid."""
    if isinstance(secret, DatedSecret):
        return EndpointKey(parse_key(secret.secret), round(secret.not_after.timestamp() * 1000))
    return EndpointKey(parse_key(secret), None)


_Document = TypeVar("_Document", bound=SecretDocument)


def read_document(content: bytes, kind: type[_Document]) -> _Document:
    """A secret's content as a document of type `kind`.

    Raises:
        SecretUnusable: with the client and the field that is wrong, never a value.
    """
    try:
        document = decoding.decode(content, kind)
        decoding.require_single_names(content)
        document.validate()
    except NotAsExpected as wrong:
        where = path_text(tuple(_shown(part) for part in wrong.path))
        raise SecretUnusable(f"{where}: {wrong.detail}" if where else wrong.detail) from None
    return document


def _shown(part: str | int) -> str | int:
    if isinstance(part, int) or _PLAIN_NAME.fullmatch(part):
        return part
    return "(a name that is not shown)"


def read_secret(secrets: Secrets, name: str, kind: type[_Document]) -> _Document:
    """The secret `name` as a document of type `kind`.

    Raises:
        SecretUnusable: with the secret's name, the client and the field that is wrong, never a
            value. It is logged and counted here.
    """
    try:
        content = secrets.get(name)
        try:
            return read_document(content, kind)
        except SecretUnusable as unusable:
            raise SecretUnusable(f"secret {name}: {unusable}") from None
    except SecretUnusable as unusable:
        observability.record_failure(Event.SECRET_UNUSABLE, unusable)
        observability.count(Metric.SECRET_UNUSABLE)
        raise


class StoredVendorKey:
    """The vendor account's key in a secret."""

    def __init__(self, secrets: Secrets, name: str) -> None:
        self._secrets = secrets
        self._name = name

    def __call__(self) -> VendorKey:
        """The key, as it is cached. Raises SecretUnusable."""
        return read_secret(self._secrets, self._name, VendorKey)

    def is_replaced(self, refused: VendorKey) -> bool:
        """Whether the secret has another key than one that the vendor refused.

        The secret is refreshed for that. One that cannot be used any more has another key: whoever
        reads it next gets the error.
        """
        self._secrets.refresh(self._name)
        try:
            return self() != refused
        except SecretUnusable:
            return True


def vendor_key(secrets: Secrets, name: str) -> StoredVendorKey:
    """What reads the vendor account's key. See `read_secret`."""
    return StoredVendorKey(secrets, name)
