"""The generated page docs/reasons.md: every reason of a decision, every known code of a vendor."""

from __future__ import annotations

from liveproof import facts

_REASONS = """# Reasons and vendor codes

Every decision has a reason. `reason.code` is stable: your code may switch on it.
`reason.message` is for people; with `resubmit` you may show it to the person as it is.

| reason | decision | message |
|---|---|---|
"""

_CODES = """
## Vendor codes

A vendor answers with a code. Each product has a table of its own below, because numbers clash: a
number of one product means another thing in the next. A code that is not in its product's table is
never `passed`: the decision is `error` with the reason `vendor_code_unknown`, and an alarm tells
the operator.

To look one up in every product at once:

```sh
.venv/bin/liveproof explain FailedOperation.LivessDetectFake
```

The command is there after `make .venv`. It needs no account and prints one JSON line per product
that has the code. It knows the reasons above as well, and ends with 1 for a code that nobody has.

The columns:

* `class` is our judgement of what the code means: CLASSES
* `billed` says whether the call costs money: `yes` and `no` where a vendor page says so,
  `unknown` where none was found. A `retryable` code that is `unknown` makes the outcome
  of the call unknown: see [operating](operating.md#unknown-outcomes).
* `reason` is what the API and the webhook say. `retryable` and `rate_limited` codes that
  are not billed lead to another try first.
* `score`: only with these codes the score in the answer means something.
* `note` is what else is known.
"""

TITLES = {
    "faceid": "Vendor codes: Tencent Face ID",
    "iai": "Vendor codes: Tencent Face Recognition",
    "senseid": "Vendor codes: SenseID",
    "saas": "Vendor codes: Face ID web and app flows",
}
"""The heading of each product's table."""

_WHERE = {
    "faceid": "Answers of the APIs of `reflect` and `video`, and of GenerateReflectSequence and"
    " CreateUploadUrl. The code comes\nas an error or as the result of a successful answer; both"
    " are read through this table.",
    "iai": "Answers of the API of `photo`. The code comes as an error. An answer without one has a"
    " score, and\nthe score is the verdict.",
    "senseid": "Answers of the service of `silent`. What is not a number is not the vendor's code:"
    " `http` and three digits\nstand for an HTTP status without a code, words for a"
    " `liveness_status`, `not_passed` for neither.",
    "saas": "No check calls these flows. A team that uses them beside liveproof can look the"
    " numbers up here.",
}


def reasons_page(mark: str) -> str:
    """docs/reasons.md. Raises KeyError for a product without a title."""
    lines = [mark, _REASONS.rstrip()]
    lines += [
        f"| `{code}` | `{reason.decision.value}` | {reason.message} |"
        for code, reason in facts.reasons().items()
    ]
    classes = ", ".join(f"`{each.value}`" for each in facts.CodeKind)
    lines.append(_CODES.replace("CLASSES", f"{classes}.").rstrip())
    for product in facts.PRODUCTS:
        lines += _product(product)
    return "\n".join(lines) + "\n"


def _product(product: str) -> list[str]:
    table = facts.code_table(product)
    return [
        "",
        f"## {TITLES[product]}",
        "",
        f"{table.product}, {len(table.codes)} codes, compiled on {table.date}.",
        _WHERE[product],
        "",
        "| code | class | reason | billed | score | source | note |",
        "|---|---|---|---|---|---|---|",
        *(
            f"| `{code}` | `{row.kind.value}` | `{row.reason}` | {row.billable} |"
            f" {'yes' if row.scored else ''} | {row.source} | {row.note or ''} |"
            for code, row in table.codes.items()
        ),
    ]
