"""What `make try` does: which check, with the user's files and drawn ones for the rest."""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass

from liveproof import facts
from tools.demo import samples
from tools.demo.samples import Sample
from tools.demo.user_files import UserFiles, rejection_reason
from tools.parameters import suggestion
from tools.processes import UsageError

# The check that needs nothing but the file, and the input that decides.
_CHECK_OF = (("live_data", "reflect"), ("video", "video"), ("image", "photo"))
_DRAWN = {"image": samples.photo, "video": samples.video, "live_data": samples.packet}


@dataclass(frozen=True)
class Plan:
    """A verification to make.

    Attributes:
        files: by the inputs' names.
        paths: of the user's own files, as they were written.
    """

    check: str
    files: Mapping[str, Sample]
    paths: Mapping[str, str]


def plan(files: UserFiles, environment: Mapping[str, str], rng: random.Random) -> Plan:
    """The plan for IMAGE, VIDEO, LIVE_DATA and CHECK of the environment.

    Raises:
        UsageError: there is no such check, or it does not take one of the files.
    """
    own = {name: sample for name, sample in vars(files).items() if sample is not None}
    check = environment.get("CHECK") or next(
        (check for name, check in _CHECK_OF if name in own), "photo"
    )
    if check not in facts.checks():
        names = ", ".join(facts.checks())
        near = suggestion(check, facts.checks())
        raise UsageError(f"CHECK={check}: there is no such check{near}; there are {names}")
    inputs = facts.checks()[check].inputs
    for name, sample in own.items():
        if name not in inputs:
            needs = ", ".join(input.upper() for input in inputs)
            raise UsageError(f"{name.upper()}= is not for the check {check}, which takes {needs}")
        if reason := rejection_reason(check, name, sample):
            raise UsageError(f"{name.upper()}={environment[name.upper()]}: {check}: {reason}")
    return Plan(
        check,
        {name: own.get(name) or _DRAWN[name](None, rng) for name in inputs},
        {name: environment[name.upper()] for name in own},
    )
