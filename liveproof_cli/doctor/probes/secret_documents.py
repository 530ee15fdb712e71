"""Whether the functions can read their secrets, and take the documents in them."""

from __future__ import annotations

from collections.abc import Iterator

from liveproof_cli.doctor.examination import Examination
from liveproof_cli.doctor.findings import Finding, failed, ok, warning
from liveproof_cli.doctor.probe import Probe

_EFFECTS = {
    "api_keys": "every request to the API is refused with 503",
    "webhooks": "no webhook is sent",
    "vendor_key": "no check is made but silent",
    "senseid_key": "the check silent is not made",
    "webhook_key": "no webhook is sent",
}
_MENDS = {
    "webhook_key": "look at the key in KMS: setting webhookKmsKey.",
}


def _examine(examination: Examination) -> Iterator[Finding]:
    tried = list(examination.trials(*_EFFECTS))
    failures: dict[tuple[str, str], list[str]] = {}
    for function, trial in tried:
        if trial.failed is not None:
            failures.setdefault((trial.name, trial.failed), []).append(function)
    for (name, why), functions in failures.items():
        file = name.replace("_", "-")
        yield failed(
            f"{', '.join(functions)}: {_EFFECTS[name]}: {why}",
            _MENDS.get(
                name, f"repair the document, `liveproof secrets check {file}.json`, and put it."
            ),
        )
    yield from examination.unanswered() if not tried else ()
    yield from _without_endpoint(examination)
    if tried and not failures:
        names = sorted({trial.name.replace("_", "-") for _, trial in tried})
        yield ok(f"the functions take their secrets: {', '.join(names)}")


def _without_endpoint(examination: Examination) -> Iterator[Finding]:
    keys = next((t.clients for _, t in examination.trials("api_keys") if not t.failed), None)
    hooks = next((t.clients for _, t in examination.trials("webhooks") if not t.failed), None)
    if keys is None or hooks is None:
        return
    for client in sorted(set(keys) - set(hooks)):
        yield warning(
            f"the client {client} has an API key and no webhook endpoint: its decisions wait",
            "add its endpoint to the secret webhooks, or remove its key.",
        )


PROBE = Probe("secrets", "Can the functions read their secrets, and take the documents?", _examine)
