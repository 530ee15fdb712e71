"""Parsing the XML documents that configure a bucket."""

import re
from xml.etree import ElementTree

from liveproof_emulator.cos.errors import CosError


def parse_xml(document: bytes, root: str) -> ElementTree.Element:
    """The element `root`, its names without namespaces. CosError 400 for anything else."""
    if b"<!" in document:
        raise CosError(400, "MalformedXML", "The body has a declaration.")
    try:
        element = ElementTree.fromstring(document)  # noqa: S314 - it has no entities
    except ElementTree.ParseError as problem:
        raise CosError(400, "MalformedXML", "The body is no XML.") from problem
    for child in element.iter():
        child.tag = child.tag.rpartition("}")[2]
    if element.tag != root:
        raise CosError(400, "MalformedXML", f"The body is no {root}.")
    return element


def texts(element: ElementTree.Element, name: str) -> tuple[str, ...]:
    """The text of every element of that name."""
    return tuple((child.text or "").strip() for child in element.iter(name))


def like(pattern: str, text: str) -> bool:
    """Whether the text matches the pattern, in which `*` stands for any text."""
    parts = (re.escape(part) for part in pattern.split("*"))
    return re.fullmatch(".*".join(parts), text) is not None
