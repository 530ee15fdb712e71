"""Who may do what: signatures, tokens, the keys' permissions, the bucket's policy."""

import hmac
import re

from liveproof_emulator.cos import v5_signature
from liveproof_emulator.cos.address import Target
from liveproof_emulator.cos.buckets import Buckets
from liveproof_emulator.cos.errors import CosError
from liveproof_emulator.cos.request import StorageRequest
from liveproof_emulator.cos.store import Stored
from liveproof_emulator.facts import COS
from liveproof_emulator.keys import Key, Keys

_KEY_TIME = re.compile(r"(\d{1,10});(\d{1,10})\Z", re.ASCII)
_READS = ("GetObject", "HeadObject")


class Access:
    """Decides whether a request may be executed."""

    def __init__(self, keys: Keys, buckets: Buckets) -> None:
        self._keys, self._buckets = keys, buckets

    def check(
        self, request: StorageRequest, operation: str, stored: Stored | None, now: float
    ) -> Key | None:
        """The key that signed this request and may do this now; None if no signature is needed.

        Args:
            request: the request.
            operation: its name in permissions.
            stored: the object that it names, if there is one.
            now: Unix seconds.

        Raises:
            CosError: 403, with the reason.
        """
        policy = self._buckets.of(request.target.host).policy
        if not request.signature:
            readable = operation in _READS and stored is not None and stored.public
            allowed = policy is not None and policy.allows(request, operation)
            if not readable and not allowed:
                raise CosError(403, "AccessDenied", "The request is not signed.")
            key = None
        else:
            key = self._signer(request, operation, now)
        if policy is not None and policy.denies(request, operation):
            raise CosError(403, "AccessDenied", "The bucket's policy denies this.")
        return key

    def may_read(self, key: Key | None, host: str, object_key: str, stored: Stored) -> bool:
        """Whether the signer of a copy may read its source."""
        return stored.public or (
            key is not None and key.may("cos:GetObject", f"{host}/{object_key}")
        )

    def _signer(self, request: StorageRequest, operation: str, now: float) -> Key:
        signature, target = request.signature, request.target
        if any(name not in signature for name in v5_signature.FIELDS):
            raise CosError(403, "AccessDenied", "The request is not signed.")
        times = _KEY_TIME.match(signature["q-key-time"])
        if signature["q-sign-algorithm"] != "sha1" or times is None:
            raise CosError(403, "AccessDenied", "The signature's fields cannot be understood.")
        key = self._key(signature["q-ak"], target)
        for rule in self._buckets.of(target.host).strict:
            rule.check(request, operation)
        if signature["q-sign-time"] != signature["q-key-time"] or not v5_signature.matches(
            signature,
            key,
            request.method,
            target.paths,
            request.headers,
            target.hosts,
            request.sent_params,
        ):
            raise CosError(403, "SignatureDoesNotMatch", "The signature is another request's.")
        if not int(times[1]) <= now < int(times[2]):
            raise CosError(403, COS.text("expired_code"), "Request has expired")
        _check_token(key, request)
        resource = f"{target.host}/{target.key or request.params.get('prefix', '')}"
        if not key.may(f"cos:{operation}", resource):
            raise CosError(403, "AccessDenied", "The key's permissions do not reach this.")
        return key

    def _key(self, secret_id: str, target: Target) -> Key:
        """The vendor's key for its own buckets, the customer's for any other."""
        vendor = self._keys.vendor
        key = vendor if secret_id == vendor.secret_id else self._keys.customers(secret_id)
        if key is None:
            raise CosError(403, "InvalidAccessKeyId", "No key has this id.")
        if is_vendors(target) != (key is vendor):
            raise CosError(403, "AccessDenied", "The key has no right to this bucket.")
        return key


def is_vendors(target: Target) -> bool:
    """Whether the bucket is one of the vendor's own."""
    return target.bucket in COS.table("vendor_buckets").values()


def _check_token(key: Key, request: StorageRequest) -> None:
    if key.token is None:
        return
    name = "x-cos-security-token"
    token = request.headers.get(name, request.params.get(name, ""))
    if not hmac.compare_digest(token.encode("utf-8", "surrogateescape"), key.token.encode()):
        raise CosError(403, "AccessDenied", "The temporary key's token is missing or wrong.")
