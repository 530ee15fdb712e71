"""Probes that cost nothing: they upload at most one of two files, so nothing is judged."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from tools.demo.samples import Sample
from tools.verify_deployment.deployment import half_files
from tools.verify_deployment.probe import Context, Probe, require

KEYS = "/.well-known/liveproof/webhook-keys.json"
LIST = "/v1/verifications"
_SEEN_SECONDS, _EXPIRY_SECONDS, _ERASED_SECONDS = 90, 180, 1_500


def keys(context: Context) -> str:
    """The route without a key; on Tencent Cloud another function answers it, through an Invoke."""
    answer = context.deployment.ask("GET", KEYS, with_key=False)
    require(answer.status == 200 and "keys" in answer.document, answer.in_words())
    listed = context.deployment.ask("GET", f"{LIST}?limit=1")
    require(listed.status == 200, f"a list: {listed.in_words()}")
    return f"HTTP 200, {len(answer.document['keys'])} public keys"


def answer_headers(context: Context) -> str:
    """Whether each header of an answer arrives."""
    answer = context.deployment.ask("GET", LIST, with_key=False)
    require(answer.status == 401, answer.in_words())
    expected = {"content-type": "application/problem+json", "cache-control": "no-store"}
    missing = [name for name, value in expected.items() if answer.headers.get(name) != value]
    require(not missing, f"not as sent: {', '.join(missing)}")
    names = ("www-authenticate", "x-amzn-remapped-www-authenticate")
    arrived = next((name for name in names if name in answer.headers), "no WWW-Authenticate")
    return f"Content-Type and Cache-Control as sent; {arrived}"


def header_bytes(context: Context) -> str:
    """A header with bytes above 127: refused, never a fault."""
    statuses = []
    for value in (b"k\xe9", b"k\xff\xfe"):
        answer = context.deployment.ask("POST", LIST, {"Idempotency-Key": value}, b"{}")
        require(400 <= answer.status < 500, answer.in_words())
        statuses.append(answer.in_words())
    return ", ".join(statuses)


def binary_body(context: Context) -> str:
    """A body that is no text."""
    answer = context.deployment.ask("POST", LIST, body=b"\x1f\x8b\xff\xfe\x00")
    require(answer.status == 400, answer.in_words())
    return answer.in_words()


def escapes(context: Context) -> str:
    """Escaped and decoded forms of a query say the same."""
    plain = context.deployment.ask("GET", f"{LIST}?reference=a-b%20c%2Fd&limit=1")
    require(plain.status == 200, plain.in_words())
    path = f"{LIST}?reference=verify%20deployment%2F50%2525"
    with _created(context, reference="verify deployment/50%25") as (created, _):
        verifications = context.deployment.ask("GET", path).document.get("verifications", [])
    require(
        [one["id"] for one in verifications][:1] == [created["id"]], "a list by reference lacks it"
    )
    return "a reference with a space, a slash and a percent sign was found"


def twice(context: Context) -> str:
    """A query parameter that comes twice."""
    answer = context.deployment.ask("GET", f"{LIST}?limit=1&limit=2")
    require(answer.status in (200, 400), answer.in_words())
    return answer.in_words()


def slash(context: Context) -> str:
    """A path with a slash at its end is the gateway's own 404."""
    answer = context.deployment.ask("GET", f"{LIST}/")
    require(answer.status == 404, answer.in_words())
    require("message" in answer.document, f"liveproof's own {answer.in_words()}")
    return answer.in_words()


def webhook_test(context: Context) -> str:
    """A signed test to the client's endpoint."""
    answer = context.deployment.ask("POST", "/v1/webhooks/test", body=b"{}")
    if answer.status == 429:
        return "the function answers: too soon after another test"
    require(answer.status == 200, answer.in_words())
    taken = "accepted" if answer.document.get("accepted") else "not accepted"
    return f"the function answers; the endpoint: {taken}"


def upload_seen(context: Context) -> str:
    """The bucket's event of a file makes liveproof prove it."""
    with _created(context) as (created, files):
        status = context.deployment.put(created["uploads"]["image"], files["image"].data).status
        require(status == 200, f"the PUT: HTTP {status}")
        seen = context.deployment.wait(created["id"], _has_photo, _SEEN_SECONDS)
    require(_has_photo(seen), f"not proven after {_SEEN_SECONDS} seconds")
    return "the photo was proven"


def second_file(context: Context) -> str:
    """The bucket refuses a second file."""
    expected = _code(context, b"412", b"FileAlreadyExists")
    with _created(context) as (created, files):
        upload = created["uploads"]["image"]
        first = context.deployment.put(upload, files["image"].data)
        second = context.deployment.put(upload, files["image"].data)
    require(first.status == 200, f"the first file: HTTP {first.status}")
    expected_status = _code(context, 412, 409)
    require(second.status == expected_status, f"the second file: HTTP {second.status}")
    named = context.deployment.cloud == "aws" or expected in second.body
    require(named, "HTTP 409 with another code than FileAlreadyExists")
    return f"the second file: HTTP {second.status}"


def altered_md5(context: Context) -> str:
    """A Content-MD5 that was not signed."""
    with _created(context) as (created, files):
        upload = created["uploads"]["image"]
        answer = context.deployment.put(upload, files["image"].data, {"Content-MD5": "no MD5"})
    codes = [b"SignatureDoesNotMatch", b"InvalidDigest", b"BadDigest"]
    code = next((code.decode() for code in codes if code in answer.body), "another code")
    require((answer.status, code) == (403, "SignatureDoesNotMatch"), f"HTTP {answer.status} {code}")
    return f"HTTP {answer.status} {code}"


def forbidden_headers(context: Context) -> str:
    """Headers beside a signed URL that would publish a file, hide it or replace it."""
    refused = {
        "x-cos-acl": "public-read",
        "x-cos-grant-read": 'id="100000000001"',
        "x-cos-storage-class": "ARCHIVE",
        "x-cos-copy-source": "examplebucket-1250000000.cos.ap-singapore.myqcloud.com/a",
        "x-cos-server-side-encryption-customer-algorithm": "AES256",
    }
    wrong = []
    with _created(context) as (created, files):
        upload, data = created["uploads"]["image"], files["image"].data
        for name, value in refused.items():
            status = context.deployment.put(upload, data, {name: value}).status
            if not 400 <= status < 500:
                wrong.append(f"{name} is HTTP {status}")
        last = context.deployment.put(upload, data).status
    require(not wrong, "; ".join(wrong))
    require(last == 200, f"without such a header: HTTP {last}")
    return f"{len(refused)} headers refused, and the file taken without them"


def expiry(context: Context) -> str:
    """Missing files end a verification on its time: 404, not a refusal to read."""
    check = context.deployment.paired_check
    created = context.deployment.create(check, half_files(check), expires_in=30)

    def is_decided(seen: Mapping[str, Any]) -> bool:
        return seen["decision"] is not None

    seen = context.deployment.wait(created["id"], is_decided, _EXPIRY_SECONDS)
    require(is_decided(seen), f"undecided {_EXPIRY_SECONDS} seconds after its creation")
    reason = (seen["reason"] or {}).get("code")
    require(seen["decision"] == "expired" and reason != "uploads_unread", f"reason {reason}")
    return f"expired ({reason}) at {seen['decided_at']}, due {seen['expires_at']}"


def erase(context: Context) -> str:
    """A verification with a file is erased."""
    with _created(context) as (created, files):
        context.deployment.put(created["uploads"]["image"], files["image"].data)

    def is_erased(seen: Mapping[str, Any]) -> bool:
        return bool(seen["status"] == "erased")

    seen = context.deployment.wait(created["id"], is_erased, _ERASED_SECONDS)
    require(is_erased(seen), f"not erased after {_ERASED_SECONDS} seconds")
    return "erased"


@contextmanager
def _created(context: Context, **more: Any) -> Iterator[tuple[dict[str, Any], dict[str, Sample]]]:
    """A verification and its files. It is erased, whatever happens meanwhile."""
    check = context.deployment.paired_check
    files = half_files(check)
    created = context.deployment.create(check, files, **more)
    try:
        yield created, files
    finally:
        context.deployment.delete(created["id"])


def _has_photo(seen: Mapping[str, Any]) -> bool:
    return bool(seen["inputs"].get("image", {}).get("state") == "proven")


def _code(context: Context, aws: Any, tencent: Any) -> Any:
    return aws if context.deployment.cloud == "aws" else tencent


FREE = (
    Probe("keys", "asks for the public keys, and for a list", keys),
    Probe("answer_headers", "reads the headers of a refusal", answer_headers),
    Probe("header_bytes", "sends header bytes above 127", header_bytes),
    Probe("binary_body", "sends a body that is no text", binary_body),
    Probe("escapes", "lists by a reference that needs escapes", escapes),
    Probe("twice", "sends a query parameter twice", twice, ("tencent",)),
    Probe("slash", "asks for a path with a slash at its end", slash, ("aws",)),
    Probe("webhook_test", "sends a test to the client's endpoint", webhook_test),
    Probe("upload_seen", "uploads one of two files", upload_seen),
    Probe("second_file", "uploads a file twice", second_file),
    Probe("altered_md5", "uploads with another Content-MD5", altered_md5, ("aws",)),
    Probe("forbidden_headers", "uploads with headers of its own", forbidden_headers, ("tencent",)),
    Probe("expiry", "lets a verification without files expire", expiry),
    Probe("erase", "erases a verification with a file", erase),
)
