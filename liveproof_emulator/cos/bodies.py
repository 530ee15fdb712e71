"""The XML bodies of COS's answers."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timezone
from urllib.parse import quote
from xml.sax.saxutils import escape

from liveproof_emulator.cos.store import Stored

CONTENT_TYPE = "application/xml"
_HEAD = '<?xml version="1.0" encoding="utf-8"?>\n'


@dataclass(frozen=True)
class Page:
    """One page of a bucket's list.

    `objects` and `prefixes` are in order. `after` is the last name of both, which
    the client sends to get the next page; None on the last page.
    """

    objects: list[tuple[str, Stored]] = field(default_factory=list)
    prefixes: list[str] = field(default_factory=list)
    after: str | None = None


def error(code: str, message: str, key: str, request_id: str) -> bytes:
    """The body of an error."""
    return _bytes(
        f"<Error><Code>{code}</Code><Message>{escape(message)}</Message>"
        f"<Resource>/{escape(quote(key, errors='surrogateescape'))}</Resource>"
        f"<RequestId>{request_id}</RequestId></Error>"
    )


def page_of(
    objects: Iterable[tuple[str, Stored]], prefix: str, delimiter: str, marker: str, max_keys: int
) -> Page:
    """The page after `marker`: keys that begin with `prefix`, at most `max_keys` names.

    Keys that share the text up to the first `delimiter` after the prefix count as one name.
    """
    page: list[tuple[str, Stored]] = []
    prefixes: list[str] = []
    last = ""
    for key, stored in objects:
        if not key.startswith(prefix):
            continue
        head, cut, _ = key[len(prefix) :].partition(delimiter) if delimiter else (key, "", "")
        name = prefix + head + cut if cut else key
        if _order(name) <= _order(marker) or (cut and prefixes and prefixes[-1] == name):
            continue
        if len(page) + len(prefixes) == max_keys:
            return Page(page, prefixes, last)
        last = name
        if cut:
            prefixes.append(name)
        else:
            page.append((key, stored))
    return Page(page, prefixes)


def listing(bucket: str, parameters: Mapping[str, str], page: Page) -> bytes:
    """A bucket's list; `parameters` has prefix, delimiter, marker, max-keys and encoding-type."""
    encoding = parameters.get("encoding-type", "")

    def escaped(text: str) -> str:
        if encoding:
            return quote(text, safe="-_.~/", errors="surrogateescape")
        return escape(text)

    parts = [
        f"<Name>{bucket}</Name>",
        f"<EncodingType>{escape(encoding)}</EncodingType>" if encoding else "",
        f"<Prefix>{escaped(parameters.get('prefix', ''))}</Prefix>",
        f"<Marker>{escaped(parameters.get('marker', ''))}</Marker>",
        f"<MaxKeys>{escape(parameters.get('max-keys', ''))}</MaxKeys>",
        f"<Delimiter>{escaped(parameters['delimiter'])}</Delimiter>"
        if parameters.get("delimiter")
        else "",
        f"<IsTruncated>{'false' if page.after is None else 'true'}</IsTruncated>",
        "" if page.after is None else f"<NextMarker>{escaped(page.after)}</NextMarker>",
    ]
    owner = bucket.rpartition("-")[2]
    for key, stored in page.objects:
        parts.append(
            f"<Contents><Key>{escaped(key)}</Key>"
            f"<LastModified>{_moment(stored.created_at)}</LastModified>"
            f"<ETag>{escape(stored.etag, {chr(34): '&quot;'})}</ETag>"
            f"<Size>{len(stored.body)}</Size>"
            f"<Owner><ID>{owner}</ID><DisplayName>{owner}</DisplayName></Owner>"
            f"<StorageClass>{stored.storage_class}</StorageClass></Contents>"
        )
    parts += [
        f"<CommonPrefixes><Prefix>{escaped(prefix)}</Prefix></CommonPrefixes>"
        for prefix in page.prefixes
    ]
    return _bytes(f"<ListBucketResult>{''.join(parts)}</ListBucketResult>")


def version_listing(
    bucket: str, prefix: str, versions: list[tuple[str, Stored]], after: tuple[str, str] | None
) -> bytes:
    """A list of versions, newest first of each key.

    Args:
        after: key and version of the last one, if the list goes on.
    """
    parts = [
        f"<Name>{bucket}</Name><Prefix>{escape(prefix)}</Prefix>",
        f"<IsTruncated>{'false' if after is None else 'true'}</IsTruncated>",
    ]
    if after is not None:
        parts.append(f"<NextKeyMarker>{escape(after[0])}</NextKeyMarker>")
        parts.append(f"<NextVersionIdMarker>{after[1]}</NextVersionIdMarker>")
    former = None
    for key, stored in versions:
        name = "DeleteMarker" if stored.deleted else "Version"
        size = "" if stored.deleted else f"<Size>{len(stored.body)}</Size>"
        parts.append(
            f"<{name}><Key>{escape(key)}</Key><VersionId>{stored.version or 'null'}</VersionId>"
            f"<IsLatest>{'false' if key == former else 'true'}</IsLatest>"
            f"<LastModified>{_moment(stored.created_at)}</LastModified>{size}</{name}>"
        )
        former = key
    return _bytes(f"<ListVersionsResult>{''.join(parts)}</ListVersionsResult>")


def copied(stored: Stored) -> bytes:
    """The answer to a copy."""
    return _bytes(
        f"<CopyObjectResult><ETag>{escape(stored.etag, {chr(34): '&quot;'})}</ETag>"
        f"<CRC64>{stored.crc64}</CRC64>"
        f"<LastModified>{_moment(stored.created_at)}</LastModified></CopyObjectResult>"
    )


def _order(text: str) -> bytes:
    return text.encode("utf-8", "surrogateescape")


def _moment(seconds: float) -> str:
    moment = datetime.fromtimestamp(seconds, timezone.utc)
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _bytes(body: str) -> bytes:
    return (_HEAD + body).encode("utf-8", "xmlcharrefreplace")
