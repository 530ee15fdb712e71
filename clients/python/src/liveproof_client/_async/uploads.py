"""Files on their way to the bucket: attempts, fresh URLs and lost answers."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, cast

from liveproof_client import uploading
from liveproof_client._async.exchange import AsyncExchange
from liveproof_client.errors import ApiError, LiveproofError, NoAnswerError, UploadError
from liveproof_client.files import FileSource, size_of
from liveproof_client.models import Created, Upload, Verification
from liveproof_client.requests import Request, one, renewal_of
from liveproof_client.storage import Meaning, StorageAnswer
from liveproof_client.uploading import OnProgress, UploadResult, failure
from liveproof_client.waiting import Clock, backoff

_Send = Callable[[Request, float], Any]
"""Asks the API until a time of the clock: what `AsyncLiveproof` does for every method."""

_AGAIN = {Meaning.CONFLICT, Meaning.CUT_OFF, Meaning.UNAVAILABLE}


class AsyncUploads:
    """The uploads of one verification; `send` may be called once."""

    def __init__(
        self,
        send: _Send,
        exchange: AsyncExchange,
        clock: Clock,
        created: Created,
        total_seconds: float,
    ) -> None:
        """`total_seconds` is for one file; `send` asks for fresh URLs and for states."""
        self._send, self._exchange, self._clock = send, exchange, clock
        self._id = created["id"]
        self._uploads = dict(created["uploads"])
        self._total_seconds = total_seconds

    async def send(
        self, files: Mapping[str, FileSource], on_progress: OnProgress | None
    ) -> dict[str, UploadResult]:
        """Sends the files one after the other. Raises UploadError, ValueError."""
        unknown = sorted(files.keys() - self._uploads.keys())
        if unknown:
            raise ValueError(f"no upload is awaited for {', '.join(unknown)}")
        for name, source in files.items():
            uploading.require_declared_size(source, self._uploads[name])
        return {name: await self._file(name, files[name], on_progress) for name in files}

    async def _file(
        self, name: str, source: FileSource, on_progress: OnProgress | None
    ) -> UploadResult:
        end = self._clock.now() + self._total_seconds
        attempts = failures = renewals = 0
        is_fresh = False
        while True:
            attempts += 1
            answer = await self._put(name, source, on_progress, end)
            meaning = None if answer is None else answer.meaning
            if meaning is Meaning.STORED:
                return UploadResult(attempts, already_there=False)
            if answer is None or meaning is None:
                error = uploading.no_answer()
            elif meaning is Meaning.EXISTS:
                await self._confirm(name, answer, end)
                return UploadResult(attempts, already_there=True)
            elif meaning is Meaning.STALE_URL:
                if is_fresh:
                    raise UploadError(
                        "clock_skew", "the bucket says that a fresh URL has expired: a clock of the"
                        " deployment, or the network's delay, is wrong",
                        answer.status, answer.code,
                    )  # fmt: skip
                if renewals == uploading.MAX_RENEWALS:
                    raise failure(meaning, answer)
                renewals += 1
                if not await self._renew(name, end):
                    await self._confirm(name, answer, end)
                    return UploadResult(attempts, already_there=True)
                is_fresh = True
                continue
            else:
                error = failure(meaning, answer)
                # Bytes that were right when they left may be altered once on their way.
                altered = meaning is Meaning.WRONG_BYTES and failures == 0
                if not altered and meaning not in _AGAIN:
                    raise error
            is_fresh = False
            failures += 1
            pause = backoff(failures, uploading.FIRST_PAUSE, uploading.LONGEST_PAUSE)
            if self._clock.now() + pause >= end:
                raise error
            await self._clock.sleep_async(pause)

    async def _put(
        self, name: str, source: FileSource, on_progress: OnProgress | None, end: float
    ) -> StorageAnswer | None:
        """One PUT; None if there was no answer."""
        upload: Upload = self._uploads[name]
        uploading.require_sendable(upload)
        total = int(upload["headers"].get("Content-Length", size_of(source)))

        def sent(count: int) -> None:
            if on_progress is not None:
                on_progress(name, count, total)

        try:
            answer = await self._exchange.send(
                upload["method"],
                upload["url"],
                upload["headers"],
                uploading.body_of(source, upload, sent),
                seconds=max(0.0, end - self._clock.now()),
                stall_seconds=uploading.STALL_SECONDS,
                max_bytes=uploading.MAX_ANSWER_BYTES,
            )
        except NoAnswerError:
            return None
        return StorageAnswer(answer.status, answer.body.decode("utf-8", "replace"))

    async def _renew(self, name: str, end: float) -> bool:
        """Fetches fresh URLs; False if the input is no longer awaited."""
        try:
            renewed = await self._send(renewal_of(self._id), end)
            self._uploads = dict(renewed["uploads"])
        except LiveproofError as error:
            # The API gives no URLs either when every file has arrived.
            is_refused = isinstance(error, ApiError) and error.code == "not_allowed_now"
            if is_refused and await self._has_arrived(name, end):
                return False
            raise UploadError("renew_failed", f"no fresh URL could be had: {error}") from error
        return name in self._uploads

    async def _has_arrived(self, name: str, end: float) -> bool:
        try:
            return await self._state(name, end) != "missing"
        except UploadError:
            return False

    async def _state(self, name: str, end: float) -> str:
        """The input's state. Raises UploadError."""
        try:
            verification = await self._send(Request("GET", one(self._id)), end)
            return cast(Verification, verification)["inputs"][name]["state"]
        except (LiveproofError, KeyError) as error:
            raise UploadError(
                "confirm_failed", f"the input's state could not be had: {error}"
            ) from error

    async def _confirm(self, name: str, answer: StorageAnswer, end: float) -> None:
        """Waits until the API knows the file that the bucket has. Raises UploadError."""
        for asked in range(1, uploading.MAX_CONFIRMATIONS + 1):
            state = await self._state(name, end)
            if state == "proven":
                return
            if state == "refused":
                text = "the file arrived and was refused"
                raise UploadError("input_refused", text, answer.status, answer.code)
            pause = backoff(asked, uploading.FIRST_PAUSE, uploading.LONGEST_PAUSE)
            if asked == uploading.MAX_CONFIRMATIONS or self._clock.now() + pause >= end:
                break
            await self._clock.sleep_async(pause)
        text = "the bucket has the file, and the API does not know it"
        raise UploadError("not_confirmed", text, answer.status, answer.code)
