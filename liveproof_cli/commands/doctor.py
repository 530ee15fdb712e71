"""`liveproof doctor`: what is wrong with a deployment, and how to mend it."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import click

from liveproof.settings import SettingsError
from liveproof_cli import output
from liveproof_cli.command import choices, command
from liveproof_cli.deployments.opening import named
from liveproof_cli.doctor.examination import Examination
from liveproof_cli.doctor.examining import PROBES, Examined, examine
from liveproof_cli.doctor.findings import Verdict, could_not_ask, failed
from liveproof_cli.doctor.probe import Probe
from liveproof_cli.errors import CannotBeDone, one_line

_AMISS = (Verdict.FAILED, Verdict.COULD_NOT_ASK)
_LABELS = {
    Verdict.OK: "ok",
    Verdict.WARNING: "warning",
    Verdict.FAILED: "FAILED",
    Verdict.COULD_NOT_ASK: "could not ask",
}


@command
@click.option(
    "--only",
    multiple=True,
    type=click.Choice([probe.name for probe in PROBES]),
    help="Ask only this; may be given several times.",
)
@click.option("--list", "listed", is_flag=True, help="List the probes, and ask nothing.")
@click.option(
    "--allow-distant-region",
    is_flag=True,
    help="The vendor may judge in another place than the deployment's.",
)
@click.option(
    "--wait",
    "wait_seconds",
    type=click.FloatRange(0, 600),
    default=20.0,
    show_default=True,
    help="How many seconds the event of the probe's upload may take.",
)
@click.pass_context
def run(
    context: click.Context,
    only: tuple[str, ...],
    listed: bool,
    allow_distant_region: bool,
    wait_seconds: float,
) -> None:
    """Ask everything that can be wrong with a deployment, and say how to mend it.

    Every function tries what its work needs. Nothing is paid for, and no verification changes. A
    probe's upload lies in the bucket until uploads expire.

    Exit status: 0 if all is well, warnings included; 1 if a probe failed or could not be asked.
    """
    probes = [probe for probe in PROBES if not only or probe.name in only]
    if listed:
        _list(probes)
        return
    counts: Counter[Verdict] = Counter()
    for examined in _examined(probes, allow_distant_region, wait_seconds):
        counts[examined.finding.verdict] += 1
        _print(examined)
    if not choices().as_json:
        parts = [f"{count} {_LABELS[verdict].lower()}" for verdict, count in counts.items()]
        output.print_text(f"findings: {', '.join(parts)}")
    if any(counts[verdict] for verdict in _AMISS):
        context.exit(1)


def _list(probes: Sequence[Probe]) -> None:
    if choices().as_json:
        output.print_json(
            {"probe": probe.name, "asks": probe.asks, "clouds": probe.clouds, "page": probe.page}
            for probe in probes
        )
    else:
        rows = [(probe.name, probe.asks, ", ".join(probe.clouds)) for probe in probes]
        output.print_table(("probe", "asks", "clouds"), rows)


def _examined(
    probes: Sequence[Probe], distant_region: bool, wait_seconds: float
) -> Iterator[Examined]:
    """The findings; of a deployment that cannot be opened, that none could be asked."""
    deployment, explain = named()
    opened = False
    try:
        with deployment as connected:
            opened = True
            examination = Examination(
                connected, explain, distant_region=distant_region, wait_seconds=wait_seconds
            )
            for probe in probes:
                with _progress(probe.name):
                    findings = list(examine(examination, [probe]))
                yield from findings
    except (click.ClickException, click.Abort, click.exceptions.Exit):
        raise
    except Exception as error:
        explained = None if isinstance(error, (CannotBeDone, SettingsError)) else explain(error)
        if opened:
            raise
        says = one_line(explained or error)
        yield Examined(PROBES[0], failed(says, ""))
        for probe in probes:
            if probe is not PROBES[0]:
                yield Examined(probe, could_not_ask("the deployment cannot be opened", ""))


@contextmanager
def _progress(name: str) -> Iterator[None]:
    """What is being asked, in one line of a terminal."""
    shown = sys.stderr.isatty()
    if shown:
        click.echo(f"\r\x1b[Kasking: {name} ...", nl=False, err=True)
    try:
        yield
    finally:
        if shown:
            click.echo("\r\x1b[K", nl=False, err=True)


def _print(examined: Examined) -> None:
    probe, finding = examined
    if choices().as_json:
        output.print_json(
            [
                {
                    "probe": probe.name,
                    "verdict": finding.verdict.value,
                    "says": finding.says,
                    "mend": finding.mend or None,
                    "page": probe.page,
                }
            ]
        )
        return
    output.print_text(f"{_LABELS[finding.verdict]:13}  {probe.name:14}  {finding.says}")
    if finding.mend:
        output.print_text(f"{'':13}  {'':14}  mend: {finding.mend} ({probe.page})")
