"""The commands of the pages for AWS: secrets, parameters, outputs, operations."""

from __future__ import annotations

import json
import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import botocore.session
import pytest

from liveproof import facts
from liveproof.secret_documents import ApiKeys, SenseIdKey, VendorKey, Webhooks, read_secret
from liveproof.webhooks.keys import PrivateKey, SecretKey
from tests.docs.commands import COMMANDS, SECRETS
from tests.docs.pages import ROOT, blocks
from tools.docs.settings import params
from tools.packaging.aws import checks

AWS = [command for command in COMMANDS if command.startswith("aws ")]


class Files:
    """Secrets port over the files that the commands wrote."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def get(self, name: str) -> bytes:
        return (self._folder / name).read_bytes()

    def refresh(self, name: str) -> bool:
        return False


def test_the_documented_secrets_are_the_ones_that_functions_read(ran: Path) -> None:
    folder = ran / SECRETS
    files = Files(folder)
    keys = read_secret(files, "api-keys.json", ApiKeys)
    assert keys.client_of((folder / "api-key").read_text()) == "shop"
    endpoint = read_secret(files, "webhooks.json", Webhooks).endpoints["shop"]
    (secret, _), (private, _) = endpoint.signing_keys()
    assert isinstance(secret, SecretKey)
    assert len(secret.key) == 32
    assert isinstance(private, PrivateKey)
    assert read_secret(files, "vendor-key.json", VendorKey).secret_id
    assert read_secret(files, "senseid-key.json", SenseIdKey).iv


def test_every_secret_of_the_template_is_put_by_a_documented_command() -> None:
    template = (ROOT / "infra" / "aws" / "secrets.yml").read_text(encoding="utf-8")
    names = re.findall(r"Description: '([a-z-]+)\.", template)
    assert len(names) == template.count("Type: AWS::SecretsManager::Secret")
    puts = next(command for command in blocks("sh", "deploy-aws.md") if "put-sec" in command.text)
    assert sorted(re.findall(r"file://([a-z-]+)\.json", puts.text)) == sorted(names)


def test_the_policy_for_the_vendor_grants_every_action_that_is_called_and_no_other() -> None:
    (policy,) = (json.loads(block.text) for block in blocks("json", "deploy-aws.md"))
    ((granted,),) = ([statement["action"]] for statement in policy["statement"])
    called = {
        f"{api.service}:{action}"
        for action, api in facts.apis().items()
        if api.service != "senseid"
    }
    assert set(granted) == called | {"faceid:CreateUploadUrl"}


@pytest.mark.parametrize("command", AWS)
def test_aws_commands_name_real_operations_and_parameters(command: str) -> None:
    words = shlex.split(command)[1:]
    model = botocore.session.get_session().get_service_model(words[0])
    operation = model.operation_model(_camel(words[1]))
    shape = operation.input_shape
    assert shape is not None
    options = {_camel(word[2:]) for word in words[2:] if word.startswith("--")}
    assert options - {"Region", "Query", "Output"} <= set(shape.members)
    assert set(shape.required_members) <= options


def _camel(text: str) -> str:
    return "".join(part.capitalize() for part in text.split("-"))


def test_params_in_commands_exist() -> None:
    commands = [command for command in COMMANDS if not command.startswith("CLOUD=tencent ")]
    named = {name for command in commands for name in re.findall(r"--param (\w+)=", command)}
    assert named == {"vendorRegion", "traceEndpoint", "corsOrigins"}
    assert named <= set(params())


def _outputs(folder: Path) -> dict[str, str]:
    """What the documented lines make of a stack's outputs, through an `aws` that knows them."""
    names = set(re.findall(r"^  (\w+):\n    Value:", _infra("*.yml"), re.MULTILINE))
    names |= {"HttpApiUrl"}  # osls'
    names |= {name for check in facts.checks() for name in checks.template(check)["Outputs"]}
    aws = folder / "aws"
    document = json.dumps(dict.fromkeys(sorted(names)))
    aws.write_text(
        f"#!{sys.executable}\nimport re, sys\n"
        "name = re.search(r\"OutputKey=='(\\w+)'\", sys.argv[sys.argv.index('--query') + 1])[1]\n"
        f"print('value of', name) if name in {document.replace('null', 'None')} else sys.exit(1)\n"
    )
    aws.chmod(0o755)
    (lines,) = (
        block.text for block in blocks("sh", "deploy-aws.md") if block.text.startswith("output() {")
    )
    # The lines of operating.md that take an output, without the commands that follow them.
    taken = [
        line
        for block in blocks("sh", "operating.md")
        for line in block.text.splitlines()
        if "=$(output " in line
    ]
    script = "\n".join(["set -eu", lines, *taken, "set -o posix; set"])
    done = subprocess.run(
        ["bash", "-s"],
        input=script, capture_output=True, text=True, timeout=60, check=True,
        env={"PATH": f"{folder}:{os.environ['PATH']}"},
    )  # fmt: skip
    pairs = (line.partition("=") for line in done.stdout.splitlines())
    return {name: value.strip("'") for name, _, value in pairs}


def _infra(pattern: str) -> str:
    return "\n".join(
        path.read_text(encoding="utf-8") for path in (ROOT / "infra" / "aws").glob(pattern)
    )


def test_every_variable_of_the_commands_for_aws_is_set_by_the_documented_lines(
    tmp_path: Path,
) -> None:
    """The redrive command once asked for an ARN that no output had."""
    variables = _outputs(tmp_path)
    # Made on the page itself, or somebody's own.
    others = {"ID", "1", "API_KEY", "CLIENT", "DIGEST", "WEBHOOK_SECRET", "PRIVATE_KEY"}
    pages = ("deploy-aws.md", SECRETS, "quotas.md", "operating.md", "command-line.md")
    used = {
        name
        for page in pages
        for block in blocks("sh", page)
        for name in re.findall(r"\$\{?(\w+)", block.text)
    }
    assert {
        name for name in used - others if not variables.get(name, "").startswith("value of")
    } == (set())
    assert variables["DEAD_LETTER_QUEUE_URL"] == "value of CheckReflectDeadLetterQueueUrl"


def test_osls_is_found_through_the_documented_way() -> None:
    """The deploying commands' beginning, with a question that needs no account."""
    answer = subprocess.run(
        [sys.executable, "-m", "tools.packaging.node", "npx", "osls", "--version"],
        cwd=ROOT, capture_output=True, text=True, timeout=120, check=True,
    )  # fmt: skip
    assert "4.3" in answer.stdout
