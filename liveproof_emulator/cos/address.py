"""Which bucket and object a request is for, in every style of address that clients use."""

import re
from dataclasses import dataclass
from urllib.parse import unquote

from aiohttp import web

from liveproof_emulator.facts import COS

# localhost: browsers and some resolvers send every name under it to this machine.
_HOST = re.compile(
    r"(?P<bucket>[a-z0-9-]+-\d+)\.cos\.(?P<region>[a-z0-9-]+)"
    r"\.(?:myqcloud\.com|tencentcos\.cn|localhost)\Z"
)
_PREFIX = "/cos/"
_ORIGIN = re.compile(r"https?://[^/?]*")


@dataclass(frozen=True)
class Target:
    """The object, or with an empty key the bucket, that a request is for.

    `host` is the bucket's name in the domain myqcloud.com, whichever domain the caller used; empty
    if no bucket can have that name. `paths` and `hosts` are those that the caller may have signed.
    """

    host: str
    key: str
    paths: tuple[str, ...]
    hosts: tuple[str, ...]

    @property
    def bucket(self) -> str:
        """Name and APPID."""
        return self.host.partition(".")[0]


def target_of(request: web.Request) -> Target | None:
    """The bucket and object of a request; None if it is no COS request.

    A request to the server's bare address is a COS request if it has a COS signature. Then the
    address is taken as the custom domain of the bucket `domain_bucket`.
    """
    # A client that takes this server for its proxy sends the whole URL.
    raw = _ORIGIN.sub("", request.raw_path.partition("?")[0], count=1) or "/"
    netloc = request.headers.get("Host", "")
    name = netloc.partition(":")[0]
    own = (netloc, netloc.rpartition(":")[0] or netloc)
    if _HOST.match(name):
        return _target(name, raw[1:], (unquote(raw),), own)
    if raw.startswith(_PREFIX):
        host, _, raw_key = raw.removeprefix(_PREFIX).partition("/")
        return _target(host, raw_key, ("/" + unquote(raw_key), unquote(raw)), own)
    if not raw.startswith("/_emulator/") and _signed(request):
        return _target(COS.text("domain_bucket"), raw[1:], (unquote(raw),), own)
    return None


def bucket_host(name: str) -> str:
    """A bucket's name in the domain myqcloud.com; empty if `name` is no bucket's host."""
    match = _HOST.match(name)
    return f"{match['bucket']}.cos.{match['region']}.myqcloud.com" if match else ""


def _target(name: str, raw_key: str, paths: tuple[str, ...], own: tuple[str, ...]) -> Target:
    host = bucket_host(name)
    return Target(host, unquote(raw_key), paths, tuple(dict.fromkeys((*own, name, host))))


def _signed(request: web.Request) -> bool:
    header = request.headers.get("Authorization", "")
    return "q-sign-algorithm=" in (header or request.raw_path.partition("?")[2])
