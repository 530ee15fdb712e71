"""`make verify-deployment`: docs/verify-deployment.md."""

from __future__ import annotations

import os
import re
import sys
import time
from collections.abc import Iterable
from pathlib import Path

import click

from liveproof import __version__
from tools import BUILD
from tools.command import exit_status
from tools.demo.user_files import UserFiles
from tools.processes import UsageError
from tools.verify_deployment import report
from tools.verify_deployment.budget import Budget
from tools.verify_deployment.deployment import Deployment, Refused
from tools.verify_deployment.free_probes import FREE
from tools.verify_deployment.paid_probes import PAID
from tools.verify_deployment.probe import Context, DidNotHold, NotRun, Outcome, Probe, Verdict

PROBES: tuple[Probe, ...] = (*FREE, *PAID)
_ADDRESS = re.compile(r"https?://\S+|\b[\w-]+(?:\.[\w-]+)+\.(?:com|net|org|cn|io|invalid)\b")


def examine(context: Context, probe: Probe) -> Outcome:
    """Run one probe. Whatever it raises is an outcome; its text loses addresses."""
    began = time.monotonic()
    try:
        if context.deployment.cloud not in probe.clouds:
            raise NotRun(f"an assumption about {' and '.join(probe.clouds)} only")
        verdict, seen = Verdict.HELD, probe.run(context)
    except DidNotHold as error:
        verdict, seen = Verdict.DID_NOT_HOLD, str(error)
    except NotRun as error:
        verdict, seen = Verdict.NOT_RUN, str(error)
    except Exception as error:  # noqa: BLE001 - whatever it is, money may be spent: the report comes
        verdict, seen = Verdict.DID_NOT_HOLD, f"{type(error).__name__}: {error}"
    seen = _ADDRESS.sub("(an address)", seen)
    return Outcome(probe.name, probe.does, verdict, seen, time.monotonic() - began)


def chosen(only: Iterable[str], skip: Iterable[str]) -> list[Probe]:
    """The probes of these names, or all. Raises UsageError for a name that no probe has."""
    names = [probe.name for probe in PROBES]
    for name in (*only, *skip):
        if name not in names:
            raise UsageError(f"there is no probe {name}; there is {', '.join(names)}")
    return [p for p in PROBES if (not only or p.name in only) and p.name not in skip]


def _number(name: str, default: float | None) -> float | None:
    """A number of the environment. Raises UsageError."""
    text = os.environ.get(name)
    if not text:
        return default
    try:
        number = float(text)
    except ValueError:
        number = -1.0
    if not 0 <= number < 1e9:
        raise UsageError(f"{name}={text}: it has to be a number, 0 or more")
    return number


def _agree(question: str) -> bool:
    if not sys.stdin.isatty():
        click.echo(f"{question} Add ARGS=--yes to agree.", err=True)
        return False
    return click.confirm(question + " Go on?", err=True)


def _run(only: tuple[str, ...], skip: tuple[str, ...], yes: bool, output: Path) -> int:
    url, key = os.environ.get("API", ""), os.environ.get("KEY", "")
    if not url.startswith(("https://", "http://127.0.0.1:", "http://localhost:")):
        raise UsageError("API= has to be the address of the deployment's API, with https://")
    if not key:
        raise UsageError("KEY= has to be a client's API key; the environment may have it as well")
    probes = chosen(only, skip)
    budget = Budget(_number("BUDGET", 0.0) or 0.0, _number("PRICE", None), None if yes else _agree)
    context = Context(Deployment(url, key), UserFiles.of(os.environ), budget)
    try:
        cloud = context.deployment.cloud
    except Refused as error:
        raise UsageError(f"{url} does not create a verification with this key: {error}") from None
    outcomes = []
    for probe in probes:
        click.echo(f"{probe.name}: {probe.does} ...", err=True)
        outcome = examine(context, probe)
        click.echo(f"  {outcome.verdict.value}: {outcome.seen}", err=True)
        outcomes.append(outcome)
    document = report.document(cloud, __version__, budget.spent, outcomes)
    paths = report.write(document, output)
    click.echo(report.markdown(document))
    click.echo(f"verify-deployment: to send back: {paths[0]}, {paths[1]}", err=True)
    wrong = sum(one.verdict is Verdict.DID_NOT_HOLD for one in outcomes)
    held = sum(one.verdict is Verdict.HELD for one in outcomes)
    click.echo(f"verify-deployment: {held} of {len(outcomes)} held, {wrong} did not")
    return 1 if wrong else 0


@click.command()
@click.option("--only", multiple=True, help="A probe to run, and no others; may be repeated.")
@click.option("--skip", multiple=True, help="A probe to leave out; may be repeated.")
@click.option("--yes", is_flag=True, help="Do not ask before the first billed call.")
@click.option(
    "--output",
    type=click.Path(path_type=Path, file_okay=False),
    default=BUILD / "verify-deployment",
    help="The folder of the report.",
)
def main(only: tuple[str, ...], skip: tuple[str, ...], yes: bool, output: Path) -> None:
    """Try a deployment, and say which rows of docs/unconfirmed.md held there.

    API= is its address and KEY= a client's key. BUDGET= is what billed calls may cost, PRICE= what
    one of them costs at most. IMAGE=, VIDEO= and LIVE_DATA= are files of a live person.
    """
    sys.exit(exit_status(lambda: _run(only, skip, yes, output)))


if __name__ == "__main__":
    main()
