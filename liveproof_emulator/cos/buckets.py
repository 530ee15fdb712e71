"""A bucket's settings: policy, strict signatures, CORS, versions."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from xml.etree import ElementTree

from liveproof_emulator.cos import v5_signature
from liveproof_emulator.cos.bodies import CONTENT_TYPE
from liveproof_emulator.cos.cors import Rule, parse_rules
from liveproof_emulator.cos.documents import like, parse_xml, texts
from liveproof_emulator.cos.errors import CosError
from liveproof_emulator.cos.policy import Policy, parse_policy
from liveproof_emulator.cos.request import StorageRequest
from liveproof_emulator.replies import Reply

_MAX_RULES, _MAX_ACTIONS, _MAX_NAMES = 10, 200, 20
_STRICT = "Strict signature missing"
_VERSIONING = ("Enabled", "Suspended")
_ABSENT = {
    "cors": "NoSuchCORSConfiguration",
    "policy": "NoSuchBucketPolicy",
    "strict-signature": "NoSuchStrictSignatureConfiguration",
}


@dataclass(frozen=True)
class StrictRule:
    """What a request of these actions has to sign, if it has it.

    Source: COS documentation, strict signature mode (436/53892, 436/53889). `x-cos-*` stands for
    every header of COS's own, `all` for every parameter.
    """

    actions: tuple[str, ...]
    headers: tuple[str, ...]
    params: tuple[str, ...]

    def check(self, request: StorageRequest, operation: str) -> None:
        """CosError 403 if the request has an unsigned header or parameter that must be signed."""
        if not any(like(action, operation) for action in self.actions):
            return
        for name in request.headers:
            must_sign = name in self.headers or ("x-cos-*" in self.headers and _is_cos(name))
            if must_sign and name not in request.signed_headers:
                raise CosError(403, "AccessDenied", f"{_STRICT} header that must be signed")
        for name in request.params:
            must_sign = "all" in self.params or name in self.params
            if must_sign and v5_signature.encode(name).lower() not in request.signed_params:
                raise CosError(403, "AccessDenied", f"{_STRICT} param that must be signed")


@dataclass
class Bucket:
    """One bucket's settings.

    `documents` are the settings as they were put, by sub-resource. `versioning` is empty until
    versions are switched on for the first time. `copies_with_body` says whether a PUT with
    `x-cos-copy-source` copies although it has a body: nothing published says so.
    """

    policy: Policy | None = None
    strict: tuple[StrictRule, ...] = ()
    cors: tuple[Rule, ...] = ()
    versioning: str = ""
    copies_with_body: bool = True
    documents: dict[str, bytes] = field(default_factory=dict, repr=False)

    def put(self, name: str, document: bytes) -> Reply:
        """Set a setting. CosError 400 if it is malformed, 501 if the emulator cannot obey it."""
        if name == "policy":
            self.policy = parse_policy(document)
        elif name == "cors":
            self.cors = parse_rules(parse_xml(document, "CORSConfiguration"))
        elif name == "strict-signature":
            self.strict = _parse_strict_rules(parse_xml(document, "StrictSignatureConfiguration"))
        else:
            status = parse_xml(document, "VersioningConfiguration").findtext("Status")
            if status not in _VERSIONING:
                raise CosError(400, "MalformedXML", "Status is Enabled or Suspended.")
            self.versioning = status
        self.documents[name] = document
        return Reply(204 if name == "policy" else 200, b"", CONTENT_TYPE)

    def get(self, name: str) -> Reply:
        """The setting as it was put. CosError 404 if there is none."""
        if name == "versioning" and name not in self.documents:
            return Reply(200, b"<VersioningConfiguration/>", CONTENT_TYPE)
        if name not in self.documents:
            raise CosError(404, _ABSENT[name], "The bucket has no such setting.")
        return Reply(200, self.documents[name], CONTENT_TYPE)

    def delete(self, name: str) -> Reply:
        """Delete a setting. CosError 405 for versions, which can only be suspended."""
        if name == "versioning":
            raise CosError(405, "MethodNotAllowed", "Versions cannot be deleted as a setting.")
        self.documents.pop(name, None)
        if name == "policy":
            self.policy = None
        elif name == "cors":
            self.cors = ()
        else:
            self.strict = ()
        return Reply(204, b"", CONTENT_TYPE)


class Buckets:
    """Every bucket's settings, by host."""

    def __init__(self) -> None:
        self._buckets: defaultdict[str, Bucket] = defaultdict(Bucket)

    def of(self, host: str) -> Bucket:
        """The settings of a bucket; a new bucket has none."""
        return self._buckets[host]

    def document(self) -> Mapping[str, object]:
        """Which settings each bucket has."""
        return {
            host: {
                "settings": sorted(bucket.documents),
                "copies_with_body": bucket.copies_with_body,
            }
            for host, bucket in self._buckets.items()
        }


def _parse_strict_rules(configuration: ElementTree.Element) -> tuple[StrictRule, ...]:
    rules = tuple(
        StrictRule(
            texts(rule, "action"),
            tuple(name.lower() for name in texts(rule, "header")),
            tuple(name.lower() for name in texts(rule, "param")),
        )
        for rule in configuration.iter("Rule")
    )
    if not 1 <= len(rules) <= _MAX_RULES:
        raise CosError(400, "MalformedXML", f"There are 1 to {_MAX_RULES} rules.")
    for rule in rules:
        names = max(len(rule.headers), len(rule.params))
        if len(rule.actions) > _MAX_ACTIONS or names > _MAX_NAMES:
            raise CosError(400, "MalformedXML", "A rule has too many actions, headers or params.")
        if "PostObject" in rule.actions:
            raise CosError(400, "InvalidArgument", "PostObject cannot be named.")
    return rules


def _is_cos(name: str) -> bool:
    return name.startswith("x-cos-")
