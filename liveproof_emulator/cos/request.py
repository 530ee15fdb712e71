"""A request to storage, read once, so that every part sees the same copy of a header."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from urllib.parse import parse_qsl

from aiohttp import web

from liveproof_emulator.cos import v5_signature
from liveproof_emulator.cos.address import Target
from liveproof_emulator.cos.errors import CosError
from liveproof_emulator.facts import COS

# Besides what is signed and x-cos-*: two copies of these would mean two different requests.
_SINGLE = {
    "authorization", "content-encoding", "content-length", "content-md5", "content-type", "host",
    "if-match", "if-none-match", "origin", "range",
}  # fmt: skip


@dataclass(frozen=True)
class Asked:
    """One request.

    `headers` and `params` have names in lower case; the signature's own fields are not among the
    parameters but in `given`, which is empty for an anonymous request. `sent_params` are the
    parameters under the names that they came with.
    """

    method: str
    target: Target
    headers: Mapping[str, str] = field(repr=False)
    params: Mapping[str, str] = field(repr=False)
    sent_params: Mapping[str, str] = field(repr=False)
    given: Mapping[str, str] = field(repr=False)
    caller: str
    secure: bool

    @property
    def signed_headers(self) -> frozenset[str]:
        """Names in lower case."""
        return _listed(self.given, "q-header-list")

    @property
    def signed_params(self) -> frozenset[str]:
        """Names in lower case, percent-encoded as they are in the list."""
        return _listed(self.given, "q-url-param-list")

    @property
    def authorization(self) -> str:
        """The signature as it stands in a header, from wherever it came."""
        return "&".join(f"{name}={self.given.get(name, '')}" for name in v5_signature.FIELDS)


def read(request: web.Request, target: Target) -> Asked:
    """The request.

    Raises:
        CosError: 400, a header or parameter that counts came twice.
    """
    raw_query = request.raw_path.partition("?")[2]
    given = v5_signature.given_fields(request.headers.get("Authorization"), raw_query)
    given = {name: value for name, value in given.items() if name in v5_signature.FIELDS}
    headers = [(name.lower(), value) for name, value in request.headers.items()]
    params = [(name.lower(), name, value) for name, value in _pairs(raw_query)]
    single = _SINGLE | _listed(given, "q-header-list")
    for name in _doubled(name for name, _ in headers):
        if name in single or name.startswith("x-cos-"):
            raise CosError(400, COS.text("doubled_code"), f"The header {name} came twice.")
    fields = {*v5_signature.FIELDS, *_listed(given, "q-url-param-list")}
    for name in _doubled(name for name, _, _ in params):
        if (
            name in fields
            or v5_signature.encode(name).lower() in fields
            or name.startswith("x-cos-")
        ):
            raise CosError(400, COS.text("doubled_code"), f"The parameter {name} came twice.")
    rest = [each for each in params if each[1] not in v5_signature.FIELDS]
    return Asked(
        request.method,
        target,
        dict(headers),
        {name: value for name, _, value in rest},
        {own: value for _, own, value in rest},
        given,
        request.remote or "",
        request.secure,
    )


def _pairs(raw_query: str) -> list[tuple[str, str]]:
    return parse_qsl(raw_query, keep_blank_values=True)


def _listed(given: Mapping[str, str], name: str) -> frozenset[str]:
    return frozenset(each for each in given.get(name, "").lower().split(";") if each)


def _doubled(names: Iterable[str]) -> list[str]:
    return [name for name, count in Counter(names).items() if count > 1]
