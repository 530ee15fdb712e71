"""SCF: functions by name, invoked at once or from the queue, by APIs, timers and the bucket."""

from __future__ import annotations

import asyncio
import json
import os
import time
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timezone
from pathlib import Path
from typing import Any, TextIO

from liveproof_emulator.keys import Key
from tools.local.tencent.platform.async_queue import AsyncQueue, Event
from tools.local.tencent.platform.container import Container
from tools.local.tencent.platform.outcome import Failure, Outcome
from tools.local.tencent.platform.pool import Pool
from tools.local.tencent.platform.wiring import Function, Timer

# Of a synchronous event and of its answer (583/11637).
MAX_BYTES = 6 * 1024 * 1024
_LOOK_AT_IDLE_SECONDS = 1.0
UIN = "100000000001"


@dataclass(frozen=True)
class Location:
    """The region and the bucket, for the functions' contexts and environments."""

    region: str
    bucket: str

    @property
    def app_id(self) -> str:
        """The account's APPID, the end of every bucket's name."""
        return self.bucket.rpartition("-")[2]


@dataclass(frozen=True)
class Limits:
    """`most_containers` and `idle_seconds` are per function; `retry_seconds` between two tries."""

    retry_seconds: float
    idle_seconds: float
    most_containers: int


class Scf:
    """The functions of one deployment. To be made on a running loop.

    Args:
        functions: by name.
        keys: each function's own temporary key, by its name.
        code: each function's unpacked package, by its name.
        location: where they run.
        limits: shorter than SCF's, so that tests need not wait.
        log: gets `function  text` for every line that a function prints. SCF also logs what each
            function returns (RetMsg); that is not copied, since an answer of the API holds upload
            URLs, and whoever reads this log may not upload.
    """

    def __init__(
        self,
        functions: Mapping[str, Function],
        keys: Mapping[str, Key],
        code: Mapping[str, Path],
        location: Location,
        limits: Limits,
        log: TextIO,
    ) -> None:
        self.functions, self.location = functions, location
        self._keys, self._code, self._log = keys, code, log
        self._changed: dict[str, Mapping[str, str]] = {}
        starting = asyncio.Semaphore(os.cpu_count() or 1)
        most, idle = limits.most_containers, limits.idle_seconds
        self.pools = {
            name: Pool(self._starter(function), starting, most, idle)
            for name, function in functions.items()
        }
        self.queue = AsyncQueue(self._attempt, limits.retry_seconds, self._say)
        self._background = [asyncio.create_task(self._end_idle())]
        for function in functions.values():
            for timer in function.timers:
                self._background.append(asyncio.create_task(self._tick(function, timer)))

    def deployed(self, name: str) -> Function | None:
        """The function of this name on SCF."""
        functions = self.functions.values()
        return next((function for function in functions if function.deployed == name), None)

    async def invoke(self, function: Function, event: object, request_id: str) -> Outcome:
        """Runs a function now and waits for its end."""
        pool = self.pools[function.name]
        if not await pool.acquire(function.timeout_seconds):
            return Outcome(failure=Failure("busy", "no container is free"))
        try:
            return await self._run(function, event, request_id)
        finally:
            pool.release()

    def send(self, function: Function, event: object, source: str) -> str:
        """Puts an event into the queue; its request id."""
        queued = Event(function, event, source)
        self.queue.add(queued)
        return queued.request_id

    def timer_event(self, timer: Timer, due: float) -> dict[str, str]:
        """The event that a timer sends."""
        moment = datetime.fromtimestamp(due, timezone.utc)
        return {
            "Type": "Timer",
            "TriggerName": timer.name,
            "Time": moment.strftime("%Y-%m-%dT%H:%M:%SZ"),
            "Message": "",
        }

    def bucket_event(self, event: dict[str, Any]) -> int:
        """Hands a bucket's event to every function with a fitting trigger; how many there were.

        Raises:
            ValueError: it is no event of this deployment's bucket.
        """
        (record,) = event["Records"]
        bucket, name = record["cos"]["cosBucket"], record["event"]["eventName"]
        if f"{bucket['name']}-{bucket['appid']}" != self.location.bucket:
            raise ValueError(f"the bucket is {bucket['name']}-{bucket['appid']}")
        stem = f"/{bucket['appid']}/{bucket['name']}/"
        key = record["cos"]["cosObject"]["key"].removeprefix(stem)
        fitting = [
            function
            for function in self.functions.values()
            if any(trigger.matches(name, key) for trigger in function.cos)
        ]
        for function in fitting:
            queue = record["event"]["eventQueue"].replace(
                ":default.function.", f":default.{function.deployed}."
            )
            copy = {"cos": record["cos"], "event": {**record["event"], "eventQueue": queue}}
            self.send(function, {"Records": [copy]}, "cos")
        return len(fitting)

    async def change_environment(self, function: Function, variables: Mapping[str, str]) -> None:
        """Gives a function variables beside its own ones, in containers that start from now on."""
        self._changed[function.name] = variables
        await self.pools[function.name].retire()

    async def stop(self) -> None:
        """Ends the clocks, forgets the queue and kills every container."""
        for task in self._background:
            task.cancel()
        await asyncio.gather(*self._background, return_exceptions=True)
        await self.queue.stop()
        for pool in self.pools.values():
            await pool.stop()

    async def _attempt(self, event: Event) -> Outcome:
        # No time limit: an event that waits here is as safe as in the queue.
        pool = self.pools[event.function.name]
        await pool.acquire(None)
        try:
            return await self._run(event.function, event.body, event.request_id)
        finally:
            pool.release()

    async def _run(self, function: Function, event: object, request_id: str) -> Outcome:
        context = self.context(function, request_id)
        pool = self.pools[function.name]
        outcome = await pool.run(event, context, function.timeout_seconds)
        if len(json.dumps(outcome.value)) > MAX_BYTES:
            outcome = Outcome(failure=Failure("result", "the value is over 6 MB"))
        if outcome.failure is not None:
            self._say(function, f"platform: {request_id} failed: {outcome.failure.kind}")
        return outcome

    def context(self, function: Function, request_id: str) -> dict[str, Any]:
        """The second argument of a handler."""
        # With a role, SCF puts the function's key here as well: never log a context.
        environment = {"SCF_NAMESPACE": "default", **self._key(function)}
        return {
            "memory_limit_in_mb": function.memory_mb,
            "time_limit_in_ms": function.timeout_seconds * 1000,
            "request_id": request_id,
            "environment": json.dumps(environment),
            "environ": ";".join(f"{name}={value}" for name, value in environment.items()),
            "function_version": "$LATEST",
            "function_name": function.deployed,
            "namespace": "default",
            "tencentcloud_region": self.location.region,
            "tencentcloud_appid": self.location.app_id,
            "tencentcloud_uin": UIN,
        }

    def _key(self, function: Function) -> dict[str, str]:
        key = self._keys[function.name]
        return {
            "TENCENTCLOUD_SECRETID": key.secret_id,
            "TENCENTCLOUD_SECRETKEY": key.secret_key,
            "TENCENTCLOUD_SESSIONTOKEN": key.token or "",
        }

    def environment(self, function: Function) -> dict[str, str]:
        """All that a container of a function sees, with the function's key."""
        code = self._code[function.name]
        return {
            **function.environment,
            **self._changed.get(function.name, {}),
            **self._key(function),
            "TENCENTCLOUD_RUNENV": "SCF",
            "TENCENTCLOUD_REGION": self.location.region,
            "SCF_FUNCTIONNAME": function.deployed,
            "SCF_FUNCTIONVERSION": "$LATEST",
            "SCF_NAMESPACE": "default",
            "USER_CODE_ROOT": f"{code}/",
            "PYTHONPATH": str(code),
            "LANG": "en_US.UTF-8",
            "HOME": "/tmp",  # noqa: S108 - where SCF lets a function write as well
            "PATH": "/usr/local/bin:/usr/bin:/bin",
        }

    def _starter(self, function: Function) -> Any:
        code = self._code[function.name]

        async def start() -> Container:
            environment = self.environment(function)
            return await Container.start(
                function.handler, code, environment, lambda line: self._say(function, line)
            )

        return start

    def _say(self, function: Function, line: str) -> None:
        self._log.write(f"{function.name}  {line}\n")
        self._log.flush()

    async def _tick(self, function: Function, timer: Timer) -> None:
        due = timer.cron.next_after(time.time())
        while True:
            await asyncio.sleep(max(0.0, due - time.time()))
            if time.time() < due:
                continue  # sleeping follows another clock than the calendar
            self.send(function, self.timer_event(timer, due), "timer")
            due = timer.cron.next_after(max(due, time.time()))

    async def _end_idle(self) -> None:
        while True:
            await asyncio.sleep(_LOOK_AT_IDLE_SECONDS)
            for pool in self.pools.values():
                await pool.end_idle()


def new_request_id() -> str:
    """As SCF gives one to every invocation."""
    return str(uuid.uuid4())
