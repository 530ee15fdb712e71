"""A request to the storage. It is read once, so that every part sees the same headers."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from urllib.parse import parse_qsl

from aiohttp import web

from liveproof_emulator.cos import v5_signature
from liveproof_emulator.cos.address import Target
from liveproof_emulator.cos.errors import CosError
from liveproof_emulator.facts import COS

# Headers that must come once, besides signed ones and x-cos-*: with two copies a request would
# have two meanings.
_SINGLE = {
    "authorization", "content-encoding", "content-length", "content-md5", "content-type", "host",
    "if-match", "if-none-match", "origin", "range",
}  # fmt: skip


@dataclass(frozen=True)
class StorageRequest:
    """One request.

    `headers` and `params` have names in lower case. `signature` has the q-* fields, which are not
    among the parameters; it is empty for an anonymous request. `sent_params` are the parameters
    under the names that they came with. `caller` is the address that the request came from.
    """

    method: str
    target: Target
    headers: Mapping[str, str] = field(repr=False)
    params: Mapping[str, str] = field(repr=False)
    sent_params: Mapping[str, str] = field(repr=False)
    signature: Mapping[str, str] = field(repr=False)
    caller: str
    secure: bool

    @property
    def signed_headers(self) -> frozenset[str]:
        """The names of the signed headers, in lower case."""
        return _listed(self.signature, "q-header-list")

    @property
    def signed_params(self) -> frozenset[str]:
        """The names of the signed parameters, in lower case, percent-encoded as in the list."""
        return _listed(self.signature, "q-url-param-list")

    @property
    def authorization(self) -> str:
        """The signature as it stands in a header, also if it came in the query."""
        return "&".join(f"{name}={self.signature.get(name, '')}" for name in v5_signature.FIELDS)


def read_request(request: web.Request, target: Target) -> StorageRequest:
    """The request.

    Raises:
        CosError: 400, a header or parameter that must come once came twice.
    """
    raw_query = request.raw_path.partition("?")[2]
    fields = v5_signature.read_fields(request.headers.get("Authorization"), raw_query)
    signature = {name: value for name, value in fields.items() if name in v5_signature.FIELDS}
    headers = [(name.lower(), value) for name, value in request.headers.items()]
    params = [(name.lower(), name, value) for name, value in _pairs(raw_query)]
    single = _SINGLE | _listed(signature, "q-header-list")
    for name in _doubled(name for name, _ in headers):
        if name in single or name.startswith("x-cos-"):
            raise CosError(400, COS.text("doubled_code"), f"The header {name} came twice.")
    single_params = {*v5_signature.FIELDS, *_listed(signature, "q-url-param-list")}
    for name in _doubled(name for name, _, _ in params):
        if (
            name in single_params
            or v5_signature.encode(name).lower() in single_params
            or name.startswith("x-cos-")
        ):
            raise CosError(400, COS.text("doubled_code"), f"The parameter {name} came twice.")
    rest = [param for param in params if param[1] not in v5_signature.FIELDS]
    return StorageRequest(
        request.method,
        target,
        dict(headers),
        {name: value for name, _, value in rest},
        {sent_name: value for _, sent_name, value in rest},
        signature,
        request.remote or "",
        request.secure,
    )


def _pairs(raw_query: str) -> list[tuple[str, str]]:
    return parse_qsl(raw_query, keep_blank_values=True)


def _listed(signature: Mapping[str, str], name: str) -> frozenset[str]:
    return frozenset(item for item in signature.get(name, "").lower().split(";") if item)


def _doubled(names: Iterable[str]) -> list[str]:
    return [name for name, count in Counter(names).items() if count > 1]
