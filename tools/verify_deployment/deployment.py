"""The deployment under test, from outside: its API, and the upload URLs that it gives."""

from __future__ import annotations

import http.client
import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any
from urllib.parse import urlsplit

from tools.demo.samples import Sample
from tools.http_client import Response, request

CONSENT = "verify-deployment"
PAIRED_CHECKS = ("reflect", "video", "silent")
"""Checks of two files: one file alone is proven, and nothing is paid for."""

_MAX_ANSWER_BYTES = 8 * 1024 * 1024
"""What is beyond is not read: the JSON of it is broken then, and refused."""


@dataclass(frozen=True)
class Answer:
    """An answer of the API: its headers' names are in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def document(self) -> dict[str, Any]:
        """The JSON object of the body; empty if there is none."""
        try:
            document = json.loads(self.body)
        except ValueError:
            return {}
        return document if isinstance(document, dict) else {}

    def in_words(self) -> str:
        """Status, and the problem's code or the platform's message."""
        said = self.document.get("code") or self.document.get("message")
        return f"HTTP {self.status}" + (f" {said}" if said else "")


class Refused(Exception):
    """The API answered with something else than success; the text says what, for people."""

    def __init__(self, answer: Answer) -> None:
        """`answer` is the API's."""
        super().__init__(f"{answer.in_words()} {answer.document.get('detail', '')}".rstrip())


class Deployment:
    """A deployment that is known by the address of its API and a client's key."""

    def __init__(self, url: str, api_key: str) -> None:
        """`url` has no slash at its end."""
        self.url, self._api_key = url.rstrip("/"), api_key

    def ask(
        self,
        method: str,
        path: str,
        headers: Mapping[str, bytes] | None = None,
        body: bytes = b"",
        *,
        with_key: bool = True,
    ) -> Answer:
        """One request, with headers byte by byte. Raises OSError."""
        parts = urlsplit(self.url)
        secure = parts.scheme == "https"
        kind = http.client.HTTPSConnection if secure else http.client.HTTPConnection
        connection = kind(parts.hostname or "", parts.port, timeout=60)
        sent = {"Content-Length": str(len(body)).encode(), **(headers or {})}
        if with_key:
            sent.setdefault("Authorization", f"Bearer {self._api_key}".encode())
        try:
            connection.putrequest(method, parts.path + path)
            for name, value in sent.items():
                connection.putheader(name, value)
            connection.endheaders(body)
            answer = connection.getresponse()
            lower = {name.lower(): value for name, value in answer.getheaders()}
            return Answer(answer.status, lower, answer.read(_MAX_ANSWER_BYTES))
        finally:
            connection.close()

    def create(self, check: str, files: Mapping[str, Sample], **more: Any) -> dict[str, Any]:
        """A new verification of files. Raises Refused, OSError."""
        inputs = {name: sample.declaration() for name, sample in files.items()}
        body = {"check": check, "inputs": inputs, "consent_reference": CONSENT, **more}
        return self._call("POST", "/v1/verifications", json.dumps(body).encode())

    def read(self, verification_id: str) -> dict[str, Any]:
        """A verification. Raises Refused, OSError."""
        return self._call("GET", f"/v1/verifications/{verification_id}")

    def delete(self, verification_id: str) -> None:
        """Has a verification erased. Raises Refused, OSError."""
        self._call("DELETE", f"/v1/verifications/{verification_id}")

    def _call(self, method: str, path: str, body: bytes = b"") -> dict[str, Any]:
        answer = self.ask(method, path, body=body)
        if not 200 <= answer.status < 300:
            raise Refused(answer)
        return answer.document

    @cached_property
    def paired_check(self) -> str:
        """A check of two files that the deployment serves. Raises Refused, OSError."""
        problem: Refused | None = None
        for check in PAIRED_CHECKS:
            try:
                created = self.create(check, half_files(check))
            except Refused as error:
                problem = error
                continue
            self.delete(created["id"])
            return check
        raise problem or AssertionError

    @cached_property
    def cloud(self) -> str:
        """`aws` or `tencent`, by the header that forbids to overwrite. Raises Refused, OSError."""
        created = self.create(self.paired_check, half_files(self.paired_check))
        self.delete(created["id"])
        headers = {name.lower() for name in created["uploads"]["image"]["headers"]}
        return "tencent" if "x-cos-forbid-overwrite" in headers else "aws"

    def put(
        self, upload: Mapping[str, Any], data: bytes, headers: Mapping[str, str] | None = None
    ) -> Response:
        """Sends a file with the headers of its upload, and with others in their place or beside."""
        return request("PUT", upload["url"], {**upload["headers"], **(headers or {})}, data, 60)

    def wait(
        self, verification_id: str, until: Callable[[dict[str, Any]], bool], seconds: float
    ) -> dict[str, Any]:
        """The verification when it is so far, or as it is after so many seconds."""
        deadline = time.monotonic() + seconds
        while True:
            seen = self.read(verification_id)
            if until(seen) or time.monotonic() >= deadline:
                return seen
            time.sleep(1)


def half_files(check: str) -> dict[str, Sample]:
    """Declarations for a check of two files, whose photo alone will be uploaded."""
    from tools.demo import samples

    other, kind = (
        ("live_data", "application/gzip") if check == "reflect" else ("video", "video/mp4")
    )
    return {
        "image": samples.photo(None, samples.new_rng()),
        other: Sample(b"never uploaded", kind),
    }
