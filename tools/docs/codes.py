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

The command is there after `make .venv`. It needs no account and explains the code for each product
that has it; with `--json` each is a JSON line. It knows the reasons above as well, and ends with 1
for a code that nobody has.

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


def reasons_page(mark: str) -> str:
    """docs/reasons.md."""
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
        f"## {table.title}",
        "",
        f"{table.product}, {len(table.codes)} codes, compiled on {table.date}.",
        table.where,
        "",
        "| code | class | reason | billed | score | source | note |",
        "|---|---|---|---|---|---|---|",
        *(
            f"| `{code}` | `{row.kind.value}` | `{row.reason}` | {row.billable} |"
            f" {'yes' if row.scored else ''} | {row.source} | {row.note or ''} |"
            for code, row in table.codes.items()
        ),
    ]
