"""How near the limits before money are: attempts, open verifications and money of the day."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from liveproof.clock import now_ms
from liveproof.domain.limits import MILLION, Counts, Most, counter_name, day_of, millionths
from liveproof.settings import Settings
from liveproof_cli.doctor.examination import Examination
from liveproof_cli.doctor.findings import Finding, failed, ok, warning
from liveproof_cli.doctor.probe import Probe

_NEAR_PERCENT = 80
"""Of a limit that is no money, which has a setting for this."""
_MEND = "more people than usual, a client without a pause, or a leaked key: docs/limits.md."


def _examine(examination: Examination) -> Iterator[Finding]:
    settings = examination.settings()
    if settings is None:
        yield from examination.unanswered()
        return
    of_deployment = Most(spend=millionths(settings.daily_spend) or None)
    of_client = Most(
        settings.attempts_per_client_per_day or None,
        settings.open_verifications_per_client or None,
        millionths(settings.daily_spend_per_client) or None,
    )
    if not any(of_deployment) and not any(of_client):
        yield ok("no limit of a client's or of the deployment's day is set: docs/limits.md")
        return
    limits, day = examination.deployment.limits, day_of(now_ms())
    findings: list[Finding] = []
    if any(of_deployment):
        counts = limits.counts(counter_name(day))
        findings += _judged("the deployment", counts, of_deployment, settings)
    clients = {client for _, trial in examination.trials("api_keys") for client in trial.clients}
    for client in sorted(clients) if any(of_client) else ():
        counts = limits.counts(counter_name(day, client))
        findings += _judged(client, counts, of_client, settings)
    yield from findings
    if not findings:
        spent = limits.counts(counter_name(day)).spend if any(of_deployment) else None
        money = "" if spent is None else f"; spent or reserved today: {_money(spent)}"
        yield ok(f"no limit of the day (UTC) is near, for {len(clients)} clients{money}")


def _judged(who: str, counts: Counts, most: Most, settings: Settings) -> Iterator[Finding]:
    parts: tuple[tuple[str, int, Callable[[int], str]], ...] = (
        ("verifications created today", _NEAR_PERCENT, str),
        ("open verifications", _NEAR_PERCENT, str),
        ("money spent or reserved today", settings.spend_warning_percent, _money),
    )
    for (what, percent, shown), count, highest in zip(parts, counts, most, strict=True):
        if highest is None or count < highest * percent / 100:
            continue
        says = f"{who}: {what}: {shown(count)} of {shown(highest)}"
        if count < highest:
            yield warning(says, _MEND)
        elif who == "the deployment":
            yield failed(f"{says}; every new verification is refused", _MEND)
        else:
            yield warning(f"{says}; its new verifications are refused", _MEND)


def _money(amount: int) -> str:
    return f"{amount / MILLION:g}"


PROBE = Probe("limits", "How near are the limits before money?", _examine)
