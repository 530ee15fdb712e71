"""The API's client."""

from __future__ import annotations

import json
import math
import uuid
from collections.abc import AsyncIterator, Mapping
from types import TracebackType
from typing import TYPE_CHECKING, Any, cast

import httpx

from liveproof_client import models, uploading
from liveproof_client._async.exchange import AsyncExchange
from liveproof_client._async.uploads import AsyncUploads
from liveproof_client.errors import LiveproofError, NoAnswerError
from liveproof_client.files import FileSource
from liveproof_client.requests import (
    Request,
    checked_idempotency_key,
    checked_key,
    checked_url,
    document_of,
    one,
    pause_after,
    renewal_of,
)
from liveproof_client.uploading import OnProgress, UploadResult
from liveproof_client.waiting import Clock

if TYPE_CHECKING:
    from typing_extensions import Self

_MAX_ANSWER_BYTES = 8 * 1024 * 1024
_POLL_SECONDS = 2.0


class AsyncLiveproof:
    """A client of one deployment. Safe to share; use it as a context manager, or close it.

    Every method raises ApiError (an answer that is no success) or NoAnswerError. Before that a
    failed attempt is repeated as long as `total_seconds` allows, if repeating is safe: Retry-After
    is honoured, other pauses grow and are drawn at random.
    """

    def __init__(
        self,
        url: str,
        api_key: str,
        *,
        attempt_seconds: float = 30.0,
        total_seconds: float = 60.0,
        transport: httpx.AsyncBaseTransport | None = None,
        clock: Clock | None = None,
    ) -> None:
        """A client that has not connected yet.

        Args:
            url: the API's address, such as the stack's output `HttpApiUrl`.
            api_key: the client's; it stays on the server.
            attempt_seconds: for one attempt. A light sequence may need 25.
            total_seconds: for an operation with all its attempts and pauses.
            transport: replaces the network.
            clock: replaces the time.

        Raises:
            ValueError: `url` or `api_key` cannot be one.
        """
        self._url, self._api_key = checked_url(url), checked_key(api_key)
        self._attempt_seconds, self._total_seconds = attempt_seconds, total_seconds
        self._clock = clock or Clock()
        self._exchange = AsyncExchange(self._clock, transport)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.aclose()

    async def aclose(self) -> None:
        """Closes all connections."""
        await self._exchange.aclose()

    async def create(
        self, body: models.CreateVerification, *, idempotency_key: str | None = None
    ) -> models.Created:
        """Asks for a verification. `uploads` of the answer go to the app, or to `upload`.

        Args:
            body: the check, and its inputs as `describe_file` makes them.
            idempotency_key: the same key with the same body leads to the same verification for a
                day. Without one, each call makes a key for its own attempts.

        Raises:
            ValueError: `idempotency_key` has other characters than printable ASCII.
        """
        headers = {"Idempotency-Key": checked_idempotency_key(idempotency_key or str(uuid.uuid4()))}
        request = Request("POST", "/v1/verifications", body=body, headers=headers)
        return cast(models.Created, await self._send(request))

    async def get(self, verification_id: str) -> models.Verification:
        """One verification."""
        return cast(models.Verification, await self._send(Request("GET", one(verification_id))))

    async def list_page(
        self,
        *,
        status: str | None = None,
        decision: str | None = None,
        reference: str | None = None,
        delivery: str | None = None,
        erased: bool | None = None,
        limit: int | None = None,
        cursor: str | None = None,
    ) -> models.VerificationList:
        """A page of the verifications that fit, newest first; `list_all` goes through the pages.

        Args:
            status, decision, reference, delivery: only those that have it.
            erased: false leaves out those whose erasure was requested.
            limit: 1 to 100; the API's default is 20.
            cursor: `next_cursor` of the page before.
        """
        query = {
            "status": status, "decision": decision, "reference": reference, "delivery": delivery,
            "erased": erased, "limit": limit, "cursor": cursor,
        }  # fmt: skip
        request = Request("GET", "/v1/verifications", query)
        return cast(models.VerificationList, await self._send(request))

    async def list_all(
        self,
        *,
        status: str | None = None,
        decision: str | None = None,
        reference: str | None = None,
        delivery: str | None = None,
        erased: bool | None = None,
        page_size: int = 100,
    ) -> AsyncIterator[models.Verification]:
        """All verifications that fit, newest first; pages are fetched when they are needed."""
        cursor: str | None = None
        while True:
            page = await self.list_page(
                status=status, decision=decision, reference=reference, delivery=delivery,
                erased=erased, limit=page_size, cursor=cursor,
            )  # fmt: skip
            for verification in page["verifications"]:
                yield verification
            cursor = page["next_cursor"]
            if cursor is None:
                return

    async def renew_uploads(self, verification_id: str) -> models.Created:
        """Fresh upload URLs for the inputs that have not arrived. An input has ten in all."""
        return cast(models.Created, await self._send(renewal_of(verification_id)))

    async def upload(
        self,
        created: models.Created,
        files: Mapping[str, FileSource],
        *,
        on_progress: OnProgress | None = None,
        total_seconds: float = uploading.TOTAL_SECONDS,
    ) -> dict[str, UploadResult]:
        """Sends the files to the bucket, one after the other.

        Attempts that failed are repeated; an expired URL is replaced by a fresh one; a file that is
        there already, because an earlier answer was lost, counts as sent once the API knows it.

        Args:
            created: the answer of `create` or `renew_uploads`.
            files: by the inputs' names.
            on_progress: called between two pieces of a file.
            total_seconds: for one file.

        Raises:
            UploadError: `code` says why.
            ValueError: an input has no entry in `uploads`.
        """
        uploads = AsyncUploads(self._send, self._exchange, self._clock, created, total_seconds)
        return await uploads.send(files, on_progress)

    async def resend(self, verification_id: str) -> models.Verification:
        """Sends the decision's webhook again."""
        request = Request("POST", f"{one(verification_id)}/deliveries", is_repeatable=False)
        return cast(models.Verification, await self._send(request))

    async def resend_range(self, body: models.ResendDeliveries) -> models.Resent:
        """Sends the webhooks of a period again. A dry run unless `dry_run` is false."""
        is_dry = body.get("dry_run", True)
        request = Request("POST", "/v1/deliveries", body=body, is_repeatable=is_dry)
        return cast(models.Resent, await self._send(request))

    async def erase(self, verification_id: str) -> models.Verification:
        """Erases a verification: its personal fields now, its files soon. May be repeated."""
        return cast(models.Verification, await self._send(Request("DELETE", one(verification_id))))

    async def evidence(self, verification_id: str) -> models.EvidenceFiles:
        """The signed manifest and the best frames, by short-lived URLs."""
        request = Request("GET", f"{one(verification_id)}/evidence")
        return cast(models.EvidenceFiles, await self._send(request))

    async def create_reflect_sequence(
        self, body: models.CreateReflectSequence
    ) -> models.ReflectSequence:
        """A light sequence for the mobile SDK. Takes up to 25 seconds; costs no paid call."""
        request = Request("POST", "/v1/reflect-sequences", body=body)
        return cast(models.ReflectSequence, await self._send(request))

    async def test_webhook(self) -> models.WebhookTestResult:
        """Sends a signed `webhook.test` to the endpoint, and says how the endpoint took it."""
        request = Request("POST", "/v1/webhooks/test", is_repeatable=False)
        return cast(models.WebhookTestResult, await self._send(request))

    async def webhook_health(self) -> models.WebhookHealth:
        """How the webhook endpoint is."""
        return cast(models.WebhookHealth, await self._send(Request("GET", "/v1/webhooks/health")))

    async def webhook_keys(self) -> models.WebhookKeys:
        """The public keys that verify webhooks and manifests."""
        request = Request("GET", "/.well-known/liveproof/webhook-keys.json")
        return cast(models.WebhookKeys, await self._send(request))

    async def wait_for_decision(
        self,
        verification_id: str,
        total_seconds: float,
        *,
        poll_seconds: float = _POLL_SECONDS,
    ) -> models.Verification:
        """Reads a verification until it has a decision or is being erased.

        For scripts and tests: a server takes the webhook, which is faster.

        Raises:
            NoAnswerError: `timed_out` after `total_seconds`.
        """
        end = self._clock.now() + total_seconds
        while True:
            request = Request("GET", one(verification_id))
            verification = cast(models.Verification, await self._send(request, until=end))
            if verification["decision"] is not None or verification["erasure"] is not None:
                return verification
            if self._clock.now() + poll_seconds >= end:
                raise NoAnswerError("timed_out", f"no decision within {total_seconds:g} seconds")
            await self._clock.sleep_async(poll_seconds)

    async def _send(self, request: Request, until: float = math.inf) -> Any:
        """The answer's JSON object, after as many attempts as are safe and in time."""
        end = min(until, self._clock.now() + self._total_seconds)
        failures = 0
        while True:
            try:
                return await self._attempt(request, end)
            except LiveproofError as error:
                failures += 1
                pause = pause_after(error, request, failures)
                # A pause that the total time does not allow would only delay the same error.
                if pause is None or self._clock.now() + pause >= end:
                    raise
            await self._clock.sleep_async(pause)

    async def _attempt(self, request: Request, end: float) -> Any:
        body = b"" if request.body is None else json.dumps(request.body).encode()
        headers = {
            "Accept": "application/json",
            "Accept-Encoding": "identity",
            "Authorization": f"Bearer {self._api_key}",
            **request.headers,
        }
        if request.body is not None:
            headers["Content-Type"] = "application/json"
        url = httpx.URL(self._url + request.path, params=request.parameters() or None)
        answer = await self._exchange.send(
            request.method,
            str(url),
            headers,
            body,
            seconds=max(0.0, min(self._attempt_seconds, end - self._clock.now())),
            stall_seconds=self._attempt_seconds,
            max_bytes=_MAX_ANSWER_BYTES,
        )
        return document_of(answer)
