"""Sends one file to the bucket, with the standard library."""

import http.client
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import urlsplit


def put(url: str, headers: Mapping[str, str], path: Path) -> tuple[int, str]:
    """Sends a file with the URL and the headers of an entry of `uploads`.

    Returns the bucket's status, and the beginning of its answer. Raises OSError without an answer.
    """
    parts = urlsplit(url)
    kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
    connection = kind(parts.netloc, timeout=60)
    try:
        with path.open("rb") as file:
            connection.request("PUT", f"{parts.path}?{parts.query}", file, dict(headers))
        answer = connection.getresponse()
        return answer.status, answer.read(65_536).decode()
    finally:
        connection.close()
