"""Commands: `liveproof explain CODE`; for operators `liveproof held`, `liveproof release ID`.

`explain` needs nothing. The others use the AWS credentials of the shell and need dynamodb:Query,
GetItem and PutItem on the table. Output is JSON lines.
"""

from __future__ import annotations

import argparse
import json
import sys

from liveproof.clock import SystemClock
from liveproof.clouds.aws.clients import Clients
from liveproof.clouds.aws.records import DynamoRecords
from liveproof.domain.verification import Verification
from liveproof.explain import explanations
from liveproof.ports import Conflict
from liveproof.times import iso
from liveproof.use_cases.release_held import NotHeld, held_verifications, release


def main(arguments: list[str] | None = None) -> int:
    """Run a command; 0 when it was done, 1 when it could not be."""
    options = _parser().parse_args(arguments)
    if options.command == "explain":
        return _explain(options.code)
    # Only finished records get a time to live, and these commands finish none.
    records = DynamoRecords(Clients(options.region), options.table, record_days=1)
    if options.command == "held":
        for verification in held_verifications(records):
            _print(verification)
        return 0
    try:
        _print(release(records, SystemClock(), options.id))
    except (NotHeld, Conflict) as error:
        print(error, file=sys.stderr)
        return 1
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="liveproof", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    explained = commands.add_parser("explain", help="what a vendor's code or one of ours means")
    explained.add_argument("code", help="such as FailedOperation.LivessDetectFake, 1002, too_dark")
    deployment = argparse.ArgumentParser(add_help=False)
    deployment.add_argument("--table", required=True, help="the deployment's table")
    deployment.add_argument("--region", required=True, help="the deployment's AWS region")
    commands.add_parser(
        "held", parents=[deployment], help="list verifications that wait for an operator"
    )
    released = commands.add_parser("release", parents=[deployment], help="allow one more paid call")
    released.add_argument("id", help="the verification")
    return parser


def _explain(code: str) -> int:
    found = explanations(code)
    for explanation in found:
        print(json.dumps(explanation))
    if not found:
        print(f"{code} is in no code table", file=sys.stderr)
        return 1
    return 0


def _print(verification: Verification) -> None:
    call = verification.last_call
    line = {
        "id": verification.id,
        "status": verification.status.value,
        "calls": len(verification.calls),
        "called_at": iso(call.called_at) if call and call.called_at else None,
        "due_at": iso(verification.due_at) if verification.due_at is not None else None,
    }
    print(json.dumps(line))


if __name__ == "__main__":
    sys.exit(main())
