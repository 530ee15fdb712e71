"""The generated page docs/checks.md: what each check needs, calls and answers, from the data."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from liveproof import facts
from liveproof.facts import InputFacts
from liveproof.use_cases.create_reflect_sequence import LONGEST_WAIT_MS
from tools.docs import codes
from tools.new_check.places import PLACES

_TEMPLATE = Path(__file__).with_name("checks.md")


def page(mark: str) -> str:
    """docs/checks.md. Raises KeyError for a check that this module does not know."""
    text = _TEMPLATE.read_text(encoding="utf-8")
    tables = {
        "checks": ["| check | question | inputs | score | passes at |", *check_rows()],
        "regions": [
            "| `vendorRegion` | AWS region in the same place | functions of Tencent Cloud there |"
            " checks |",
            *_region_rows(),
        ],
        "apis": [
            "| API | answers | product, version | regions | vendor's limit | our pace | codes |"
            " source |",
            *api_rows(),
        ],
        "inputs": [
            "| check | input | content types | kinds of file | largest file | pixels |",
            *(row for check in facts.checks() for row in input_rows(check)),
        ],
        "sources": ["| check | input | source |", *_source_rows()],
        "places": [
            "| place | work |",
            *(f"| `{place.path.format(name='NAME')}` | {place.work} |" for place in PLACES),
        ],
    }
    for name, (head, *rows) in tables.items():
        line = "|" + "---|" * (head.count("|") - 1)
        text = text.replace(f"{{{{{name}}}}}", "\n".join([head, line, *rows]))
    return f"{mark}\n{text}".replace("{{longest_wait}}", f"{LONGEST_WAIT_MS // 1000}")


def check_rows() -> list[str]:
    """One row per check: question, inputs, score and threshold."""
    return [
        f"| `{name}` | {check.question} | {_ticked(check.inputs)} | `{check.score}`,"
        f" 0 to {check.threshold_max:g} |"
        f" {'more than' if check.above_threshold_only else 'at least'} {check.threshold:g} |"
        for name, check in facts.checks().items()
    ]


def api_rows() -> list[str]:
    """One row per API."""
    return [_api_row(action) for action in facts.apis()]


def input_rows(check: str) -> list[str]:
    """One row per input of a check, with its limits."""
    return [
        f"| `{check}` | `{name}` | {_ticked(input.content_types)} | {', '.join(input.formats)} |"
        f" {largest(check, name)} | {_pixels(input)} |"
        for name, input in facts.checks()[check].inputs.items()
    ]


def largest(check: str, name: str) -> str:
    """An input's limit: the vendor's, or the param that holds ours with its default."""
    input = facts.checks()[check].inputs[name]
    if input.max_bytes is not None:
        return f"{input.max_bytes} bytes ({_mebibytes(input.max_bytes)})"
    size = facts.default_max_bytes()[f"{check}.{name}"]
    return f"{size} bytes ({_mebibytes(size)}), our setting `maxBytes`, `{check}.{name}`"


def _api_row(action: str) -> str:
    api = facts.apis()[action]
    checks = [name for name, check in facts.checks().items() if action in check.apis]
    pace = [f"{facts.checks()[name].default_calls_per_second:g}" for name in checks]
    own = f"{facts.checks()['reflect'].default_calls_per_second:g}"
    answers = _ticked(checks) if checks else "the first step of `reflect`"
    regions = _ticked(api.regions) if api.regions else "takes none"
    return (
        f"| `{action}` | {answers} | {api.service} {api.version} | {regions} |"
        f" {api.calls_per_second:g} | {', '.join(pace) or own} |"
        f" [{api.codes}]({codes.page_of(api.codes)}) | {api.source} |"
    )


def _region_rows() -> list[str]:
    rows = []
    for region in facts.vendor_regions():
        served = [
            name
            for name, check in facts.checks().items()
            if region in facts.apis()[check.apis[0]].regions
        ]
        aws = facts.regions()[region].aws
        place = f"`{aws}`" if aws else "none"
        scf = "yes" if region in facts.scf_regions() else "not known of"
        rows.append(f"| `{region}` | {place} | {scf} | {_ticked(served)} |")
    return rows


def _source_rows() -> list[str]:
    return [
        f"| `{check}` | `{name}` | {input.source} |"
        for check, check_facts in facts.checks().items()
        for name, input in check_facts.inputs.items()
    ]


def _pixels(input: InputFacts) -> str:
    if input.pixels is None:
        return "not looked at"
    most: dict[int, list[str]] = {}
    for kind, side in input.pixels.max_side.items():
        most.setdefault(side, []).append(kind)
    sides = ", ".join(f"{side} ({', '.join(kinds)})" for side, kinds in most.items())
    text = f"a side at least {input.pixels.min_side}, at most {sides}"
    ratio = input.pixels.max_ratio
    return text if ratio is None else f"{text}; ratio at most {ratio:g}"


def _mebibytes(size: int) -> str:
    return f"{size / 2**20:.4g} MiB"


def _ticked(names: Iterable[str]) -> str:
    return ", ".join(f"`{name}`" for name in names)
