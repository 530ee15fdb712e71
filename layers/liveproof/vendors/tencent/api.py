"""Tencent Cloud API 3.0 through the vendor's own SDK (TC3-HMAC-SHA256), without its retryer.

The SDK's `StandardRetryer` repeats successful, billed calls, and its exceptions blur what matters
for money: whether the request left. `TencentApi.call` sorts that out and never repeats anything.
"""

from __future__ import annotations

import json
import ssl
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from liveproof.secret_documents import VendorKey
from liveproof.vendors.answer import Answer, milliseconds_since, word
from liveproof.vendors.errors import NotSent, OutcomeUnknown, VendorRefused

if TYPE_CHECKING:
    from tencentcloud.common.common_client import CommonClient

_NEVER_SENT_SDK_CODES = frozenset({"InvalidCredential", "ClientParamsError", "ClientError"})


class TencentApi:
    """Requests to one region of Tencent Cloud.

    Args:
        endpoint: scheme and host, such as https://faceid.intl.tencentcloudapi.com.
        region: the value of X-TC-Region.
        key: gives the key to sign with; asked at each request, since keys rotate.
        keep_alive: use a connection again, which saves its TLS handshake. Only where a request may
            be repeated: a connection that the server has closed meanwhile fails in a way that
            cannot be told from a request that was executed.
    """

    def __init__(
        self,
        endpoint: str,
        region: str,
        key: Callable[[], VendorKey],
        *,
        keep_alive: bool = False,
    ) -> None:
        self._endpoint = urlsplit(endpoint)
        self.region = region
        self._key = key
        self._keep_alive = keep_alive
        self._clients: dict[tuple[str, str, float], CommonClient] = {}

    @property
    def host(self) -> str:
        """Host and port of the endpoint."""
        return self._endpoint.netloc

    def call(
        self, service: str, version: str, action: str, parameters: dict[str, Any], timeout: float
    ) -> Answer:
        """Make one request, once.

        Args:
            timeout: seconds, for connecting and for each read.

        Raises:
            NotSent: refused locally, or no connection could be made.
            OutcomeUnknown: timed out, cut off, or answered with something that is no API answer.
            SecretUnusable: the key cannot be read.
        """
        from requests.exceptions import ConnectTimeout, RequestException
        from tencentcloud.common.exception.tencent_cloud_sdk_exception import (
            TencentCloudSDKException,
        )

        started = time.monotonic()
        try:
            client = self._client(service, version, timeout)
            document = client.call_json(action, parameters)
        except TencentCloudSDKException as error:
            latency = milliseconds_since(started)
            code = word(str(error.code))
            if error.requestId:
                return Answer({}, code, word(str(error.requestId)), latency)
            if code in _NEVER_SENT_SDK_CODES:
                raise NotSent(f"the SDK refused the request: {code}") from None
            if code == "ClientNetworkError" and _never_connected(error.__context__, ConnectTimeout):
                raise NotSent("no connection to the vendor") from None
            raise OutcomeUnknown(f"no usable answer: {code}") from None
        except (RequestException, json.JSONDecodeError, KeyError, TypeError) as error:
            raise OutcomeUnknown(f"no usable answer: {type(error).__name__}") from None
        return _answer(document, milliseconds_since(started))

    def ask(
        self, service: str, version: str, action: str, parameters: dict[str, Any], timeout: float
    ) -> dict[str, Any]:
        """Make one free request; its answer's fields.

        Raises:
            VendorRefused: the vendor answered with an error code.
            NotSent, OutcomeUnknown: as for `call`; harmless here.
        """
        answer = self.call(service, version, action, parameters, timeout)
        if answer.error is not None:
            raise VendorRefused(answer.error, answer.request_id)
        return answer.response

    def _client(self, service: str, version: str, timeout: float) -> CommonClient:
        from tencentcloud.common.common_client import CommonClient
        from tencentcloud.common.credential import Credential
        from tencentcloud.common.profile.client_profile import ClientProfile
        from tencentcloud.common.profile.http_profile import HttpProfile

        key = self._key()
        credential = Credential(key.secret_id, key.secret_key, key.token)
        kept = self._clients.get((service, version, timeout))
        if kept is not None:
            kept.credential = credential
            return kept
        http = HttpProfile(
            protocol=self._endpoint.scheme,
            endpoint=self._endpoint.netloc,
            reqTimeout=timeout,
            keepAlive=self._keep_alive,
        )
        profile = ClientProfile(signMethod="TC3-HMAC-SHA256", httpProfile=http, language="en-US")
        client = CommonClient(service, version, credential, self.region, profile)
        if self._keep_alive:
            self._clients[service, version, timeout] = client
        return client


def _never_connected(error: BaseException | None, connect_timeout: type[Exception]) -> bool:
    """Whether the exception under an SDK network error shows that no byte of the request left."""
    from urllib3.exceptions import NewConnectionError, SSLError

    if isinstance(error, connect_timeout):
        return True
    cause = error.args[0] if error is not None and error.args else None
    reason = getattr(cause, "reason", None)
    if isinstance(reason, SSLError):
        # TLS can break in the middle as well; a bad certificate is seen before anything is sent.
        return bool(reason.args) and isinstance(reason.args[0], ssl.SSLCertVerificationError)
    return isinstance(reason, NewConnectionError)


def _answer(document: object, latency_ms: int) -> Answer:
    # The SDK looks for Response.Error only under an exact Content-Type, so it is looked for again.
    response = document.get("Response") if isinstance(document, dict) else None
    if not isinstance(response, dict):
        raise OutcomeUnknown("the answer has no Response")
    request_id = response.get("RequestId")
    error = response.get("Error")
    code = word(str(error.get("Code"))) if isinstance(error, dict) else None
    return Answer(response, code, word(str(request_id)) if request_id else None, latency_ms)
