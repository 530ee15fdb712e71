"""What Lambda's context says."""

from __future__ import annotations

from liveproof.clock import now_ms
from liveproof.clouds.aws.runtime import invocation


def test_the_deadline_is_now_and_what_lambda_has_left() -> None:
    class Context:
        function_name = "run_check"
        aws_request_id = "request-1"

        def get_remaining_time_in_millis(self) -> int:
            return 1500

    before = now_ms()
    seen = invocation(Context())
    after = now_ms()

    assert (seen.function, seen.request_id) == ("run_check", "request-1")
    assert before + 1500 <= seen.deadline <= after + 1500
