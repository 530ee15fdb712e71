"""What browsers may do with a bucket.

Source: COS documentation, OPTIONS Object (436/8288) and PUT Bucket cors (436/8279).
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from xml.etree.ElementTree import Element

from liveproof_emulator.cos.documents import like, texts
from liveproof_emulator.cos.errors import CosError
from liveproof_emulator.replies import Reply

_METHODS = {"PUT", "GET", "POST", "DELETE", "HEAD"}


@dataclass(frozen=True)
class Rule:
    """One rule of a bucket's CORS configuration; `*` stands for any text in an origin or header."""

    origins: tuple[str, ...]
    methods: tuple[str, ...]
    headers: tuple[str, ...]
    exposed: tuple[str, ...]
    max_age: str

    def fits(self, origin: str, method: str, headers: Iterable[str] = ()) -> bool:
        """Whether a page of this origin may send this."""
        return (
            any(like(each, origin) for each in self.origins)
            and method in self.methods
            and all(any(like(each, name) for each in self.headers) for name in headers)
        )

    def answer(self, origin: str) -> dict[str, str]:
        """The headers with which a browser lets the page see the answer."""
        given = {"Access-Control-Allow-Origin": "*" if "*" in self.origins else origin}
        given["Access-Control-Allow-Methods"] = ",".join(self.methods)
        if self.exposed:
            given["Access-Control-Expose-Headers"] = ",".join(self.exposed)
        return {**given, "Vary": "Origin"}


def rules(configuration: Element) -> tuple[Rule, ...]:
    """The rules of a CORSConfiguration. CosError 400 if it cannot be so."""
    found = []
    for each in configuration.iter("CORSRule"):
        rule = Rule(
            texts(each, "AllowedOrigin"),
            texts(each, "AllowedMethod"),
            tuple(name.lower() for name in texts(each, "AllowedHeader")),
            texts(each, "ExposeHeader"),
            each.findtext("MaxAgeSeconds", ""),
        )
        if not rule.origins or not rule.methods or not _METHODS.issuperset(rule.methods):
            raise CosError(400, "MalformedXML", "A rule needs origins, and methods of HTTP.")
        found.append(rule)
    if not found:
        raise CosError(400, "MalformedXML", "There is no rule.")
    return tuple(found)


def preflight(known: Iterable[Rule], headers: Mapping[str, str]) -> Reply:
    """The answer to a browser that asks before it sends. CosError 403 if no rule fits."""
    origin, method = headers.get("origin"), headers.get("access-control-request-method")
    if origin is None or method is None:
        raise CosError(400, "BadRequest", "Origin and Access-Control-Request-Method are needed.")
    names = [
        name.strip().lower()
        for name in headers.get("access-control-request-headers", "").split(",")
        if name.strip()
    ]
    for rule in known:
        if rule.fits(origin, method, names):
            sent = rule.answer(origin)
            if names:
                sent["Access-Control-Allow-Headers"] = ",".join(names)
            if rule.max_age:
                sent["Access-Control-Max-Age"] = rule.max_age
            return Reply(200, b"", "application/xml", sent)
    raise CosError(403, "AccessForbidden", "The bucket's CORS rules do not allow this request.")


def answer(known: Iterable[Rule], method: str, headers: Mapping[str, str]) -> dict[str, str]:
    """What to add to the answer of a page's request; nothing if no rule fits."""
    origin = headers.get("origin")
    if origin is None:
        return {}
    return next((rule.answer(origin) for rule in known if rule.fits(origin, method)), {})
