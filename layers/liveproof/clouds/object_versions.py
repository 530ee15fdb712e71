"""Lists of objects with their versions, as S3 and COS write them.

Sources: S3 API reference, ListObjectVersions; COS, GET Bucket Object Versions (436/35521).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from xml.etree import ElementTree

from liveproof.bucket_versions import ObjectVersion

_ELEMENTS = ("Version", "DeleteMarker")


class ListUnreadable(Exception):
    """A bucket's list has another form."""


def all_versions(
    prefix: str, read: Callable[[Mapping[str, str]], bytes]
) -> Iterator[ObjectVersion]:
    """Every version under a prefix, page by page, with the id that the bucket writes.

    Args:
        read: one page of the list, for these query parameters in the order of their names.

    Raises:
        ListUnreadable: a page has another form.
    """
    parameters = {"prefix": prefix, "versions": ""}
    while True:
        page = _parse(read(dict(sorted(parameters.items()))))
        for element in page:
            if _name(element) in _ELEMENTS:
                yield ObjectVersion(
                    _text(element, "Key"),
                    _text(element, "VersionId") or None,
                    int(_text(element, "Size") or 0),
                )
        if _text(page, "IsTruncated") != "true":
            return
        before = dict(parameters)
        parameters["key-marker"] = _text(page, "NextKeyMarker")
        parameters["version-id-marker"] = _text(page, "NextVersionIdMarker")
        if parameters["key-marker"] == "" or parameters == before:
            raise ListUnreadable("a bucket's list goes on, and does not say where")


def _parse(page: bytes) -> ElementTree.Element:
    try:
        # Of at most two megabytes, by the outbound exchange.
        root = ElementTree.fromstring(page)  # noqa: S314 - the cloud's own answer, over TLS
    except ElementTree.ParseError:
        raise ListUnreadable("a bucket's list is no XML") from None
    if _name(root) != "ListVersionsResult":
        raise ListUnreadable("a bucket's list has an unknown form")
    return root


def _name(element: ElementTree.Element) -> str:
    """Without a namespace, which S3 has and COS has not."""
    return element.tag.rpartition("}")[2]


def _text(element: ElementTree.Element, name: str) -> str:
    """The text of a child; empty if there is none."""
    return next((child.text or "" for child in element if _name(child) == name), "")
