"""Requests to a SenseID private cloud: form-encoded POST, answered with JSON and a numeric code."""

from __future__ import annotations

import json
import ssl
import time
from collections.abc import Iterator, Mapping
from urllib.parse import quote_plus

from liveproof.ports import ObjectStream, Secrets
from liveproof.secret_documents import SenseIdKey, read_secret
from liveproof.trust import authorities
from liveproof.vendors.answer import Answer, milliseconds_since, word
from liveproof.vendors.errors import NotSent, OutcomeUnknown
from liveproof.vendors.senseid.encryption import append_encrypted

_CONNECT_TIMEOUT_SECONDS = 5.0
_MAX_ANSWER_BYTES = 32 * 1024 * 1024
_SEND_BYTES = 256 * 1024
"""Sent at once: each part may take as long as connecting may, the form as long as it needs."""
_SUCCESS = 1000


class SenseId:
    """A SenseID service.

    Args:
        url: scheme, host and port.
        secrets: where the key lies.
        secret_name: a JSON secret with `key` (32 characters) and `iv` (12 characters).
    """

    def __init__(self, url: str, secrets: Secrets, secret_name: str) -> None:
        self._url = url.rstrip("/")
        self._secrets = secrets
        self._secret_name = secret_name

    def form(self, files: Mapping[str, ObjectStream], fields: Mapping[str, str]) -> bytearray:
        """A request's body: each file encrypted as it is read. Raises SecretUnusable."""
        key = read_secret(self._secrets, self._secret_name, SenseIdKey)
        form = bytearray()
        for name, stream in files.items():
            form += f"{quote_plus(name)}=".encode()
            append_encrypted(form, stream, key.key.encode(), key.iv.encode())
            form += b"&"
        form += "&".join(
            f"{quote_plus(name)}={quote_plus(value)}" for name, value in fields.items()
        ).encode()
        return form

    def call(self, path: str, form: bytearray, timeout: float) -> Answer:
        """Make one request, once.

        Args:
            timeout: seconds until the answer begins, and for each read of it.

        Raises:
            NotSent: no connection could be made, or the form was not through in time.
            OutcomeUnknown: timed out, cut off, or answered with something that is no answer.
        """
        import urllib3

        connect = min(_CONNECT_TIMEOUT_SECONDS, timeout)
        limits = urllib3.Timeout(connect=connect, read=timeout, total=timeout)
        pool = urllib3.PoolManager(
            num_pools=1, retries=False, timeout=limits, ca_certs=authorities()
        )
        started = time.monotonic()
        try:
            response = pool.request(
                "POST",
                self._url + path,
                body=_parts(form, started + timeout),
                headers={
                    "Content-Type": "application/x-www-form-urlencoded",
                    "Content-Length": str(len(form)),
                },
                redirect=False,
                preload_content=False,
            )
            body = response.read(_MAX_ANSWER_BYTES)
            response.close()
        except (urllib3.exceptions.NewConnectionError, urllib3.exceptions.ConnectTimeoutError):
            raise NotSent("no connection to SenseID") from None
        except urllib3.exceptions.HTTPError as error:
            if error.args and isinstance(error.args[0], ssl.SSLCertVerificationError):
                raise NotSent("SenseID's certificate is not trusted") from None
            raise OutcomeUnknown(f"no usable answer: {type(error).__name__}") from None
        return _answer(response.status, body, milliseconds_since(started))


def _parts(form: bytearray, deadline: float) -> Iterator[bytes]:
    whole = memoryview(form)
    for start in range(0, len(whole), _SEND_BYTES):
        if time.monotonic() > deadline:
            # Less than its Content-Length has left: no service executes that.
            raise NotSent("the form could not be sent in time")
        yield bytes(whole[start : start + _SEND_BYTES])


def _answer(status: int, body: bytes, latency_ms: int) -> Answer:
    try:
        document = json.loads(body)
    except (ValueError, RecursionError):
        document = None
    fields = document if isinstance(document, dict) else {}
    code = fields.get("code")
    known = isinstance(code, int) and not isinstance(code, bool)
    if status == 200 and not known:
        raise OutcomeUnknown("the answer has no code")
    if not known or (status != 200 and code == _SUCCESS):
        return Answer({}, f"http{status}", None, latency_ms)
    request_id = fields.get("request_id")
    error = None if code == _SUCCESS else str(code)
    return Answer(fields, error, word(str(request_id)) if request_id else None, latency_ms)
