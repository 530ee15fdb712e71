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

    def allows(self, origin: str, method: str, headers: Iterable[str] = ()) -> bool:
        """Whether a page of this origin may send a request with this method and these headers."""
        return (
            any(like(pattern, origin) for pattern in self.origins)
            and method in self.methods
            and all(any(like(pattern, name) for pattern in self.headers) for name in headers)
        )

    def response_headers(self, origin: str) -> dict[str, str]:
        """The headers that let a browser show the answer to the page."""
        headers = {"Access-Control-Allow-Origin": "*" if "*" in self.origins else origin}
        headers["Access-Control-Allow-Methods"] = ",".join(self.methods)
        if self.exposed:
            headers["Access-Control-Expose-Headers"] = ",".join(self.exposed)
        return {**headers, "Vary": "Origin"}


def parse_rules(configuration: Element) -> tuple[Rule, ...]:
    """The rules of a CORSConfiguration. CosError 400 if it is malformed."""
    rules = []
    for element in configuration.iter("CORSRule"):
        rule = Rule(
            texts(element, "AllowedOrigin"),
            texts(element, "AllowedMethod"),
            tuple(name.lower() for name in texts(element, "AllowedHeader")),
            texts(element, "ExposeHeader"),
            element.findtext("MaxAgeSeconds", ""),
        )
        if not rule.origins or not rule.methods or not _METHODS.issuperset(rule.methods):
            raise CosError(400, "MalformedXML", "A rule needs origins, and methods of HTTP.")
        rules.append(rule)
    if not rules:
        raise CosError(400, "MalformedXML", "There is no rule.")
    return tuple(rules)


def preflight(rules: Iterable[Rule], headers: Mapping[str, str]) -> Reply:
    """The answer to a browser's preflight request. CosError 403 if no rule allows the request."""
    origin, method = headers.get("origin"), headers.get("access-control-request-method")
    if origin is None or method is None:
        raise CosError(400, "BadRequest", "Origin and Access-Control-Request-Method are needed.")
    names = [
        name.strip().lower()
        for name in headers.get("access-control-request-headers", "").split(",")
        if name.strip()
    ]
    for rule in rules:
        if rule.allows(origin, method, names):
            answer = rule.response_headers(origin)
            if names:
                answer["Access-Control-Allow-Headers"] = ",".join(names)
            if rule.max_age:
                answer["Access-Control-Max-Age"] = rule.max_age
            return Reply(200, b"", "application/xml", answer)
    raise CosError(403, "AccessForbidden", "The bucket's CORS rules do not allow this request.")


def response_headers(
    rules: Iterable[Rule], method: str, headers: Mapping[str, str]
) -> dict[str, str]:
    """Headers to add to the answer to a page's request; none if no rule allows it."""
    origin = headers.get("origin")
    if origin is None:
        return {}
    return next(
        (rule.response_headers(origin) for rule in rules if rule.allows(origin, method)), {}
    )
