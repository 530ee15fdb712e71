"""The generated pages on codes: docs/reasons.md, and a page for each vendor product's codes."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from liveproof import facts

_REASONS = """# Reasons and vendor codes

Every decision has a reason. `reason.code` is stable: your code may switch on it.
`reason.message` is for people; with `resubmit` you may show it to the person as it is.

| reason | decision | message |
|---|---|---|
"""

_CODES = """
## Vendor codes

A vendor answers with a code. Each product has a page of its own, because numbers clash: a number
of one product means another thing in the next. A code that is not in its product's table is never
`passed`: the decision is `error` with the reason `vendor_code_unknown`, and an alarm tells
the operator.

PRODUCTS

To look a code up in every product at once:

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
    classes = ", ".join(f"`{kind.value}`" for kind in facts.CodeKind)
    products = "\n".join(
        f"* [{facts.code_table(product).title}]({page_of(product)})" for product in facts.PRODUCTS
    )
    texts = _CODES.replace("CLASSES", f"{classes}.").replace("PRODUCTS", products)
    lines.append(texts.rstrip())
    return "\n".join(lines) + "\n"


def page_of(product: str) -> str:
    """The name of the page with a product's codes."""
    return f"codes-{product}.md"


def product_pages(mark: str) -> dict[str, Callable[[], str]]:
    """For each product of `facts.PRODUCTS` its page's path and what writes the page."""
    return {
        f"docs/{page_of(product)}": partial(_product_page, mark, product)
        for product in facts.PRODUCTS
    }


def _product_page(mark: str, product: str) -> str:
    table = facts.code_table(product)
    lines = [
        mark,
        f"# {table.title}",
        "",
        f"{table.product}, {len(table.codes)} codes, compiled on {table.date}.",
        table.where,
        "",
        "[Reasons](reasons.md#vendor-codes) explains the columns.",
        "",
        "| code | class | reason | billed | score | source | note |",
        "|---|---|---|---|---|---|---|",
        *(
            f"| `{code}` | `{row.kind.value}` | `{row.reason}` | {row.billable} |"
            f" {'yes' if row.scored else ''} | {row.source} | {row.note or ''} |"
            for code, row in table.codes.items()
        ),
    ]
    return "\n".join(lines) + "\n"
