"""Whether an object in the bucket comes back as an event."""

from __future__ import annotations

from collections.abc import Iterator

from liveproof.heartbeats import BUCKET_TRIGGER
from liveproof_cli.doctor.examination import Examination
from liveproof_cli.doctor.findings import Finding, failed, ok
from liveproof_cli.doctor.probe import Probe

_PAUSE_SECONDS = 0.5
_UPLOADERS = ("create_upload", "api")
_MENDS = {
    "aws": "deploy again, which restores the bucket's notification and the queue's policy; then"
    " look at the event source of verify_upload.",
    "tencent": "run terraform apply, which restores the trigger of verify_upload; then look at the"
    " function's log.",
}


def _examine(examination: Examination) -> Iterator[Finding]:
    """The self-test has made the upload."""
    began = None
    for function, trial in examination.trials("upload"):
        if trial.failed is not None:
            yield failed(
                f"{function} could not upload: {trial.failed}", "see the probe `functions`."
            )
            return
        began = examination.self_tests[function].now
    if began is None:
        yield from examination.unanswered(*_UPLOADERS)
        return
    for pauses_left in range(round(examination.wait_seconds / _PAUSE_SECONDS), -1, -1):
        beat = examination.deployment.heartbeats.last(BUCKET_TRIGGER)
        # Another doctor's probe, which came since, proves the same.
        if beat is not None and (beat.detail == examination.token or beat.at > began):
            yield ok("an upload came back as an event")
            return
        if pauses_left:
            examination.pause(_PAUSE_SECONDS)
    yield failed(
        f"the event of an upload did not come within {examination.wait_seconds:g} s: uploads"
        " are noticed only when their verification's time is up",
        _MENDS[examination.deployment.cloud],
    )


PROBE = Probe("bucket-trigger", "Does an upload in the bucket come back as an event?", _examine)
