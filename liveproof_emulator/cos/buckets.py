"""A bucket's settings: policy, strict signatures, CORS, versions."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from xml.etree import ElementTree

from liveproof_emulator.cos import cors as coscors
from liveproof_emulator.cos import policy as cospolicy
from liveproof_emulator.cos import v5_signature
from liveproof_emulator.cos.bodies import CONTENT_TYPE
from liveproof_emulator.cos.documents import like, texts, xml
from liveproof_emulator.cos.errors import CosError
from liveproof_emulator.cos.request import Asked
from liveproof_emulator.replies import Reply

_MOST_RULES, _MOST_ACTIONS, _MOST_NAMES = 10, 200, 20
_STRICT = "Strict signature missing"
_VERSIONING = ("Enabled", "Suspended")
_ABSENT = {
    "cors": "NoSuchCORSConfiguration",
    "policy": "NoSuchBucketPolicy",
    "strict-signature": "NoSuchStrictSignatureConfiguration",
}


@dataclass(frozen=True)
class StrictRule:
    """What has to be signed, if a request of these actions brings it.

    Source: COS documentation, strict signature mode (436/53892, 436/53889). `x-cos-*` stands for
    every header of COS's own, `all` for every parameter.
    """

    actions: tuple[str, ...]
    headers: tuple[str, ...]
    params: tuple[str, ...]

    def prove(self, asked: Asked, operation: str) -> None:
        """CosError 403 if the request brings what it should have signed."""
        if not any(like(each, operation) for each in self.actions):
            return
        for name in asked.headers:
            named = name in self.headers or ("x-cos-*" in self.headers and _is_cos(name))
            if named and name not in asked.signed_headers:
                raise CosError(403, "AccessDenied", f"{_STRICT} header that must be signed")
        for name in asked.params:
            named = "all" in self.params or name in self.params
            if named and v5_signature.encode(name).lower() not in asked.signed_params:
                raise CosError(403, "AccessDenied", f"{_STRICT} param that must be signed")


@dataclass
class Bucket:
    """One bucket's settings, and their documents as they were put, by sub-resource.

    `versioning` is empty until it was switched on once. `copies_with_body` says whether a PUT with
    `x-cos-copy-source` copies although it has a body: only an account can show.
    """

    policy: cospolicy.Policy | None = None
    strict: tuple[StrictRule, ...] = ()
    cors: tuple[coscors.Rule, ...] = ()
    versioning: str = ""
    copies_with_body: bool = True
    documents: dict[str, bytes] = field(default_factory=dict, repr=False)

    def put(self, name: str, document: bytes) -> Reply:
        """Take a setting. CosError 400 if it is malformed, 501 for what is not played."""
        if name == "policy":
            self.policy = cospolicy.parsed(document)
        elif name == "cors":
            self.cors = coscors.rules(xml(document, "CORSConfiguration"))
        elif name == "strict-signature":
            self.strict = _strict(xml(document, "StrictSignatureConfiguration"))
        else:
            status = xml(document, "VersioningConfiguration").findtext("Status")
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
        """Forget a setting. CosError 405 for versions, which never go away again."""
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
        """The settings of a bucket, which are none at first."""
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


def _strict(configuration: ElementTree.Element) -> tuple[StrictRule, ...]:
    found = tuple(
        StrictRule(
            texts(rule, "action"),
            tuple(name.lower() for name in texts(rule, "header")),
            tuple(name.lower() for name in texts(rule, "param")),
        )
        for rule in configuration.iter("Rule")
    )
    if not 1 <= len(found) <= _MOST_RULES:
        raise CosError(400, "MalformedXML", f"There are 1 to {_MOST_RULES} rules.")
    for each in found:
        names = max(len(each.headers), len(each.params))
        if len(each.actions) > _MOST_ACTIONS or names > _MOST_NAMES:
            raise CosError(400, "MalformedXML", "A rule has too many actions, headers or params.")
        if "PostObject" in each.actions:
            raise CosError(400, "InvalidArgument", "PostObject cannot be named.")
    return found


def _is_cos(name: str) -> bool:
    return name.startswith("x-cos-")
