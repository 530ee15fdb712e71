"""The uploads that are tried, each with what must come of it."""

from __future__ import annotations

from dataclasses import dataclass

from tests.attack.uploader_changes import (
    ALGORITHM,
    LISTED,
    ONCE,
    SCOPE,
    SIGNATURE,
    TOKEN,
    Change,
    added,
    bucket_itself,
    chunked,
    flipped,
    header,
    key,
    length,
    md5_of_other,
    method,
    no_body,
    no_query,
    other_bucket,
    other_bytes,
    other_md5_first,
    other_md5_last,
    overwrite,
    parameter,
    query,
    spaced,
    spelled,
    two_lengths,
    uploaded_before,
    without,
)


@dataclass(frozen=True)
class Ends:
    """What must come of an upload.

    Attributes:
        text: in words.
        taken: whether it may answer 200, with the declared bytes stored.
        refused: whether it may be refused, and nothing changes.
        added: whether an object that was taken may carry what the row added.
        before: the declared bytes lay there already, and must stay.
    """

    text: str
    taken: bool = False
    refused: bool = False
    added: bool = False
    before: bool = False


TAKEN = Ends("200, the declared bytes", taken=True)
REFUSED = Ends("refused, nothing stored", refused=True)
HARMLESS = Ends("refused, or the declared bytes alone", taken=True, refused=True)
LABELLED = Ends(
    "the declared bytes; the header is kept and nobody heeds it", taken=True, refused=True,
    added=True,
)  # fmt: skip
KEPT = Ends("refused, the first bytes stay", refused=True, before=True)


@dataclass(frozen=True)
class Put:
    """A row of the table: what is changed in an honest upload, and what must come of it."""

    name: str
    ends: Ends
    changes: tuple[Change, ...] = ()
    on: tuple[str, ...] = ("aws", "tencent")
    slow: bool = False


BODIES_AND_HEADERS = (
    Put("an honest upload", TAKEN),
    Put("other bytes of the same length", REFUSED, (other_bytes,)),
    Put("other bytes with their own Content-MD5", REFUSED, (other_bytes, md5_of_other)),
    Put("shorter, with its own Content-Length", REFUSED, (length(-5),)),
    Put("longer, with its own Content-Length", REFUSED, (length(5),)),
    Put("more bytes behind the declared length", HARMLESS, (length(9, declared=True),)),
    Put("fewer bytes than the declared length", REFUSED, (length(-5, declared=True),)),
    Put("Content-Type image/png", REFUSED, (header("Content-Type", "image/png"),)),
    Put("Content-Type text/html", REFUSED, (header("Content-Type", "text/html"),)),
    Put("Content-Type IMAGE/JPEG", REFUSED, (header("Content-Type", "IMAGE/JPEG"),)),
    Put("Content-Type with a charset", REFUSED, (header("Content-Type", "image/jpeg;charset=x"),)),
    Put("Content-Type of two types", REFUSED, (header("Content-Type", "image/jpeg, text/html"),)),
    Put("without Content-MD5", REFUSED, (without("Content-MD5"),)),
    Put("without Content-MD5, other bytes", REFUSED, (without("Content-MD5"), other_bytes)),
    Put("without Content-Type", REFUSED, (without("Content-Type"),)),
    Put("without the header that forbids to overwrite", REFUSED, (without(ONCE),)),
    Put("without Content-Length and body", REFUSED, (without("Content-Length"), no_body)),
    Put("another value of the header that forbids to overwrite", REFUSED, (overwrite("no"),)),
    Put("names of headers in lower case", TAKEN, (spelled(str.lower),)),
    Put("names of headers in upper case", TAKEN, (spelled(str.upper),)),
    Put("Content-MD5 twice, the other bytes' first", REFUSED, (other_bytes, other_md5_first)),
    Put("Content-MD5 twice, the other bytes' last", REFUSED, (other_bytes, other_md5_last)),
    Put("Content-MD5 twice, both right", HARMLESS,
        (lambda upload, _: upload.request.headers.append(
            ("Content-MD5", upload.request.value("Content-MD5"))),)),
    Put("Content-Type twice", REFUSED, (added("Content-Type", "text/html"),)),
    Put("Content-Length twice, different", REFUSED, (two_lengths,)),
    Put("do not overwrite twice, off first", REFUSED, (overwrite("false", first=True),)),
    Put("do not overwrite twice, off last", REFUSED, (overwrite("false", again=True),)),
    Put("spaces around the headers' values", HARMLESS, (spaced,)),
    Put("chunked instead of Content-Length", REFUSED, (without("Content-Length"), chunked)),
    Put("chunked beside Content-Length, other bytes", REFUSED, (other_bytes, chunked)),
    Put("chunked beside Content-Length, the declared bytes", HARMLESS, (chunked,)),
)  # fmt: skip

SECOND_TIME = (
    Put("again, the same bytes", KEPT, (uploaded_before,)),
    Put("again, other bytes", KEPT, (uploaded_before, other_bytes)),
    Put("again, other bytes and their MD5 first", KEPT,
        (uploaded_before, other_bytes, other_md5_first, overwrite("false", first=True))),
    Put("again, without the header that forbids to overwrite", KEPT,
        (uploaded_before, without(ONCE))),
    *(
        Put(f"{name} with the upload's URL", KEPT, (uploaded_before, method(name)))
        for name in ("GET", "HEAD", "DELETE", "POST", "OPTIONS", "PATCH", "COPY", "TRACE")
    ),
    Put("X-HTTP-Method-Override: DELETE", HARMLESS, (added("X-HTTP-Method-Override", "DELETE"),)),
    Put("a list of the bucket with the query", REFUSED, (bucket_itself,)),
)  # fmt: skip

OTHER_KEYS = (
    Put("another key by its last letter", REFUSED,
        (key(lambda path: path[:-1] + ("1" if path.endswith("0") else "0")),)),
    Put("a key under evidence/", REFUSED, (key(lambda path: "evidence/" + path[8:]),)),
    Put("the key and a suffix", REFUSED, (key(lambda path: path + "x"),)),
    Put("the key and a slash", REFUSED, (key(lambda path: path + "/"),)),
    Put("the key with two slashes", REFUSED, (key(lambda path: path.replace("/", "//", 1)),)),
    Put("the key with /./", HARMLESS, (key(lambda path: path.replace("/", "/./", 1)),)),
    Put("up and into evidence/", REFUSED, (key(lambda path: "uploads/x/../../evidence/y"),)),
    Put("up by %2e%2e%2f", REFUSED, (key(lambda path: "uploads/%2e%2e%2fevidence/y"),)),
    Put("the key with %2F for its slash", HARMLESS, (key(lambda path: path.replace("/", "%2F")),)),
    Put("the key and %00", REFUSED, (key(lambda path: path + "%00"),)),
    Put("another bucket in the path", REFUSED, (other_bucket,)),
    Put("another bucket as Host", REFUSED,
        (header("Host", "other-1250000000.cos.ap-singapore.myqcloud.com"),)),
)  # fmt: skip


def _other_second(value: str) -> str:
    """A time, or a range of times, with another last digit."""
    return value[:-1] + ("8" if value[-1] == "9" else "9")


SIGNATURES = (
    Put("no query at all", REFUSED, (no_query,)),
    Put("signature left out", REFUSED, (parameter(SIGNATURE, lambda _: None),)),
    Put("signature empty", REFUSED, (parameter(SIGNATURE, lambda _: ""),)),
    Put("signature one digit off", REFUSED, (parameter(SIGNATURE, flipped),)),
    Put("signature in upper case", HARMLESS, (parameter(SIGNATURE, str.upper),)),
    Put("signature twice, the wrong one first", HARMLESS,
        (parameter(SIGNATURE, lambda value: value, twice="0" * 64),)),
    Put("token left out", REFUSED, (parameter(TOKEN, lambda _: None),)),
    Put("token changed", REFUSED, (parameter(TOKEN, lambda value: value[:-4] + "AAAA"),)),
    Put("only Host in the list of signed headers", REFUSED,
        (parameter(LISTED, lambda _: "host"),)),
    Put("only Host in the list, other bytes, no MD5", REFUSED,
        (parameter(LISTED, lambda _: "host"), without("Content-MD5"), other_bytes)),
    Put("an empty list of signed headers", REFUSED, (parameter(LISTED, lambda _: ""),)),
    Put("another algorithm", REFUSED, (parameter(ALGORITHM, lambda _: "none"),)),
    Put("another key's id", REFUSED, (parameter(SCOPE, lambda value: "AKIDx" + value[5:]),)),
    Put("the URL's life made longer", REFUSED,
        (parameter({"aws": "X-Amz-Expires", "tencent": "q-key-time"},
                   _other_second),)),
    Put("the time of signing moved", REFUSED,
        (parameter({"aws": "X-Amz-Date", "tencent": "q-sign-time"},
                   lambda value: value.replace("T", "T0")[:-2] + "0Z" if "T" in value
                   else _other_second(value)),)),
    Put("both times moved", REFUSED,
        (parameter({"aws": "", "tencent": "q-key-time"}, _other_second),
         parameter({"aws": "", "tencent": "q-sign-time"}, _other_second)),
        on=("tencent",)),
    Put("an empty list of signed parameters", REFUSED,
        (parameter({"aws": "", "tencent": "q-url-param-list"}, lambda _: ""),), on=("tencent",)),
    Put("names of the query in lower case", REFUSED,
        (parameter({"aws": "X-Amz-Signature", "tencent": ""}, lambda _: None),
         query("x-amz-signature=" + "0" * 64)), on=("aws",)),
)  # fmt: skip

# S3 signs the whole query; COS what is listed, so there the role and the bucket decide.
_ANY_QUERY = ("acl", "tagging", "uploads", "partNumber=1&uploadId=abc", "versionId=1", "retention",
              "restore", "response-content-type=text/html", "foo=bar")  # fmt: skip
_AWS_QUERY = ("x-amz-acl=public-read", "x-id=PutObject", "x-amz-storage-class=GLACIER", "torrent",
              "X-Amz-SignedHeaders=host", "X-Amz-Expires=604800", "legal-hold", "attributes",
              "select&select-type=2")  # fmt: skip
_COS_OPERATIONS = ("acl", "tagging", "uploads", "partNumber=1&uploadId=abc", "retention",
                   "restore", "append&position=0", "legal-hold", "symlink")  # fmt: skip
_COS_QUERY = ("versionId=1", "response-content-type=text/html", "foo=bar",
              "x-cos-acl=public-read", "x-cos-storage-class=ARCHIVE",
              "x-cos-copy-source=other-1250000000.cos.ap-singapore.myqcloud.com/a",
              "ci-process=ImageProcess")  # fmt: skip


def _queried(text: str, ends: Ends, cloud: str) -> Put:
    return Put(f"query with {text}", ends, (query(text),), on=(cloud,))


QUERIES = (
    *(_queried(text, REFUSED, "aws") for text in (*_ANY_QUERY, *_AWS_QUERY)),
    *(_queried(text, REFUSED, "tencent") for text in _COS_OPERATIONS),
    *(_queried(text, HARMLESS, "tencent") for text in _COS_QUERY),
    Put("query with q-header-list=host", REFUSED, (query("q-header-list=host"),), on=("tencent",)),
    Put("query that begins with acl", REFUSED, (query("acl", first=True),)),
)  # fmt: skip

# S3 refuses each x-amz-* header that is not signed. COS leaves unsigned headers to the uploader;
# what matters is closed by the bucket's policy, the rest changes nothing.
UNSIGNED = (
    ("aws", "x-amz-acl", "public-read", REFUSED),
    ("aws", "x-amz-acl", "bucket-owner-full-control", REFUSED),
    ("aws", "x-amz-grant-read", 'uri="http://acs.amazonaws.com/groups/global/AllUsers"', REFUSED),
    ("aws", "x-amz-copy-source", "/other/key", REFUSED),
    ("aws", "x-amz-server-side-encryption", "aws:kms", REFUSED),
    ("aws", "x-amz-server-side-encryption-customer-algorithm", "AES256", REFUSED),
    ("aws", "x-amz-website-redirect-location", "https://evil.example/", REFUSED),
    ("aws", "x-amz-meta-evil", "1", REFUSED),
    ("aws", "x-amz-storage-class", "GLACIER", REFUSED),
    ("aws", "x-amz-storage-class", "DEEP_ARCHIVE", REFUSED),
    ("aws", "x-amz-tagging", "a=b", REFUSED),
    ("aws", "x-amz-object-lock-mode", "COMPLIANCE", REFUSED),
    ("aws", "x-amz-object-lock-legal-hold", "ON", REFUSED),
    # S3 takes this one alone unsigned: it says what a presigned URL says anyway.
    ("aws", "x-amz-content-sha256", "UNSIGNED-PAYLOAD", HARMLESS),
    ("aws", "x-amz-content-sha256", "STREAMING-UNSIGNED-PAYLOAD-TRAILER", REFUSED),
    ("aws", "x-amz-decoded-content-length", "5", REFUSED),
    ("aws", "x-amz-date", "20200101T000000Z", REFUSED),
    ("aws", "x-amz-security-token", "abc", REFUSED),
    ("aws", "x-amz-checksum-crc32", "AAAAAA==", REFUSED),
    ("aws", "x-amz-write-offset-bytes", "0", REFUSED),
    ("aws", "x-amz-bypass-governance-retention", "true", REFUSED),
    ("aws", "x-amz-request-payer", "requester", REFUSED),
    ("aws", "x-amz-expected-bucket-owner", "111111111111", REFUSED),
    ("aws", "Authorization", "AWS4-HMAC-SHA256 Credential=x/20200101/a", REFUSED),
    ("aws", "Authorization", "Bearer x", REFUSED),
    ("aws", "If-Match", '"x"', REFUSED),
    ("tencent", "x-cos-acl", "public-read", REFUSED),
    ("tencent", "x-cos-acl", "private", HARMLESS),
    ("tencent", "x-cos-grant-read", 'id="100000000001"', REFUSED),
    ("tencent", "x-cos-grant-write", 'id="100000000001"', REFUSED),
    ("tencent", "x-cos-grant-full-control", 'id="100000000001"', REFUSED),
    ("tencent", "x-cos-copy-source", "other-1250000000.cos.ap-singapore.myqcloud.com/a", REFUSED),
    ("tencent", "x-cos-storage-class", "ARCHIVE", REFUSED),
    ("tencent", "x-cos-storage-class", "DEEP_ARCHIVE", REFUSED),
    ("tencent", "x-cos-storage-class", "STANDARD", HARMLESS),
    ("tencent", "x-cos-server-side-encryption", "cos/kms", HARMLESS),
    ("tencent", "x-cos-server-side-encryption-customer-algorithm", "AES256", REFUSED),
    ("tencent", "x-cos-website-redirect-location", "https://evil.example/", LABELLED),
    ("tencent", "x-cos-meta-evil", "1", LABELLED),
    ("tencent", "x-cos-tagging", "a=b", LABELLED),
    ("tencent", "x-cos-traffic-limit", "819200", HARMLESS),
    ("tencent", "x-cos-callback", "eyJjYWxsYmFja1VybCI6Imh0dHBzOi8vZXZpbC5leGFtcGxlIn0=", HARMLESS),
    ("tencent", "Pic-Operations",
     '{"is_pic_info":1,"rules":[{"fileid":"/evidence/x","rule":"imageView2/1"}]}', HARMLESS),
    ("tencent", "x-cos-security-token", "abc", REFUSED),
    ("tencent", "Authorization", "q-sign-algorithm=sha1&q-ak=x&q-sign-time=1;2", REFUSED),
    ("tencent", "x-amz-acl", "public-read", HARMLESS),
    ("tencent", "If-Match", '"x"', HARMLESS),
    ("tencent", "If-None-Match", "*", HARMLESS),
)  # fmt: skip
UNSIGNED_ON_BOTH = (
    ("Content-Encoding", "gzip", LABELLED),
    ("Content-Encoding", "aws-chunked", LABELLED),
    ("Cache-Control", "no-store", LABELLED),
    ("Content-Disposition", "attachment; filename=x.html", LABELLED),
    ("Content-Language", "xx", LABELLED),
    ("Expires", "Thu, 01 Jan 1970 00:00:00 GMT", LABELLED),
    ("Expect", "100-continue", HARMLESS),
    ("Range", "bytes=0-1", HARMLESS),
    ("Content-Range", "bytes 0-1/2", HARMLESS),
    ("Origin", "https://evil.example", HARMLESS),
    ("Cookie", "a=b", HARMLESS),
    ("X-Forwarded-Host", "evil.example", HARMLESS),
)
UNSIGNED_HEADERS = (
    *(
        Put(f"unsigned header {name}: {value}"[:80], ends, (added(name, value),), on=(cloud,))
        for cloud, name, value, ends in UNSIGNED
    ),
    *(
        Put(f"unsigned header {name}: {value}"[:80], ends, (added(name, value),))
        for name, value, ends in UNSIGNED_ON_BOTH
    ),
)

PUTS = (*BODIES_AND_HEADERS, *SECOND_TIME, *OTHER_KEYS, *SIGNATURES, *QUERIES, *UNSIGNED_HEADERS)
