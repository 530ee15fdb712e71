"""What every check at Tencent Cloud shares: its API, its region, the call."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Any

from liveproof import facts
from liveproof.facts import ApiFacts, CheckFacts
from liveproof.vendors.answer import Answer
from liveproof.vendors.tencent.api import TencentApi

if TYPE_CHECKING:
    from liveproof.outbound.connection import Connection


class TencentCheck:
    """A check's action, bound to the vendor's pinned region."""

    name: str
    face_model: str | None = None

    def __init__(self, client: TencentApi, action: str) -> None:
        self._client = client
        self._action = action

    @property
    def facts(self) -> CheckFacts:
        return facts.checks()[self.name]

    @property
    def api(self) -> ApiFacts:
        return facts.apis()[self._action]

    @property
    def region(self) -> str:
        return self._client.region

    @property
    def called_region(self) -> str | None:
        return self.region if self.api.regions else None

    def relay_count(self, sizes: Mapping[str, int]) -> int:
        return 0

    def connect(self, seconds: float) -> AbstractContextManager[Connection | None]:
        return self._client.connect(seconds)

    def call(
        self,
        parameters: dict[str, Any],
        timeout: float,
        connection: Connection | None = None,
        wait: Callable[[], None] | None = None,
    ) -> Answer:
        api = self.api
        regional = self.called_region is not None
        return self._client.call(
            api.service,
            api.version,
            api.action,
            parameters,
            timeout,
            regional=regional,
            connection=connection,
            wait=wait,
        )
