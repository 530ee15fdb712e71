"""The deployed API does what docs/openapi.json says, whatever the request."""

from __future__ import annotations

import re
from pathlib import Path

from tests.contract.contract import examine
from tests.support.local_clouds import CONTRACT_CLIENT
from tools.local.cloud import LocalCloud

PHASES = {"aws": "examples,fuzzing,stateful", "tencent": "examples,coverage,fuzzing,stateful"}
"""The phase `coverage` sends hundreds of requests. One cloud is enough: the code is the same."""


def test_every_answer_is_a_declared_one(local_cloud: LocalCloud, tmp_path: Path) -> None:
    (client,) = (one for one in local_cloud.clients if one.name == CONTRACT_CLIENT)
    status, report = examine(
        *(local_cloud.api, client.api_key, tmp_path),
        examples=3,
        phases=PHASES[local_cloud.name],
    )

    assert status == 0, report
    tested = re.search(r"Tested: +(\d+)", report)
    assert tested is not None
    assert int(tested[1]) == 12, report
