"""Every command in the pages is run by a test, or is on a list with the reason why not."""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import botocore.session
import pytest

from liveproof import facts
from liveproof.__main__ import _parser
from liveproof.secret_documents import ApiKeys, SenseIdKey, VendorKey, Webhooks, read_secret
from tests.docs.pages import ROOT, Block, blocks, text_of
from tools.docs.settings import params
from tools.packaging.aws import checks

# Blocks that no test in this folder runs: page and beginning of the block, with the reason.
LOCAL_CLOUD = (
    "starts a local cloud; tests/acceptance plays on one, tests/tools/local tests its parts"
)
ACCOUNT = "needs an AWS account; its words are checked below"
WALK = "tests/acceptance/test_documentation.py runs it on a local cloud"
OSLS = ".venv/bin/python -m tools.packaging.node npx osls"
LIVEPROOF = ".venv/bin/liveproof"
TENCENT = "deploy-tencent.md"
TERRAFORM = "needs a Tencent Cloud account; test_deploy_tencent.py checks its words"
STORE = "test_deploy_tencent.py runs it on a store of its own"
NOT_RUN_HERE = {
    ("README.md", "make demo\n"): LOCAL_CLOUD,
    ("README.md", "CLOUD=tencent make demo\n"): LOCAL_CLOUD,
    ("README.md", "make test\n"): "is what runs this",
    ("README.md", "make demo IMAGE="): LOCAL_CLOUD,
    ("local.md", "make local\n"): LOCAL_CLOUD,
    ("local.md", "CLOUD=tencent make local\n"): LOCAL_CLOUD,
    ("local.md", "make emulator PORT="): "serves until it is stopped; tests/emulator starts it",
    ("deploy-aws.md", "make package\n"): "tests/infra packages with the same function",
    ("deploy-aws.md", f"{OSLS} deploy "): ACCOUNT,
    ("deploy-aws.md", f"{OSLS} remove "): ACCOUNT,
    ("deploy-aws.md", "aws cloudformation describe-stacks "): ACCOUNT,
    ("deploy-aws.md", "output() {"): "a test below runs it with an aws of its own",
    ("deploy-aws.md", "aws secretsmanager put-secret-value "): ACCOUNT,
    ("deploy-aws.md", "aws lambda get-account-settings "): ACCOUNT,
    (TENCENT, "make package\n"): "tests/tools/packaging packages with the same function",
    (TENCENT, "terraform -chdir=infra/tencent init\n"): TERRAFORM,
    (TENCENT, "terraform -chdir=infra/tencent output url\n"): TERRAFORM,
    (TENCENT, "terraform -chdir=infra/tencent output database_ca_url\n"): TERRAFORM,
    (TENCENT, "terraform -chdir=infra/tencent state rm "): TERRAFORM,
    (TENCENT, "API=$(terraform "): TERRAFORM,
    (TENCENT, 'DATABASE="mysql://'): TERRAFORM,
    (TENCENT, "tccli ssm PutSecretValue "): TERRAFORM,
    (TENCENT, "tccli ssm UpdateSecret "): TERRAFORM,
    (TENCENT, "tccli monitor DescribeAllNamespaces "): TERRAFORM,
    (TENCENT, "for name in api_keys "): TERRAFORM,
    (
        TENCENT,
        ".venv/bin/python -m tools.deployment.tfvars ",
    ): "tests/tools/deployment/test_tfvars.py runs it",
    (TENCENT, "BUCKET=$(terraform "): "test_strict_signature.py plays COS",
    (TENCENT, f"{LIVEPROOF} held "): STORE,
    (TENCENT, f"{LIVEPROOF} release "): STORE,
    ("operating.md", "DEAD_LETTER_QUEUE_ARN="): ACCOUNT,
    ("operating.md", "DEAD_LETTER_QUEUE_URL="): ACCOUNT,
    ("operating.md", f"{LIVEPROOF} held "): WALK,
    ("operating.md", f"{LIVEPROOF} release "): WALK,
    ("checks.md", "make new-check "): "tests/tools/test_new_check.py runs it in a copy",
    ("reasons.md", f"{LIVEPROOF} explain "): "a test below runs it in the repository's folder",
    ("uploading.md", ""): WALK,
    ("webhooks.md", ""): WALK,
}


def reasons_not_to_run(block: Block) -> list[str]:
    """The list's reasons for a block; more than one is a mistake."""
    return [
        reason
        for (page, beginning), reason in NOT_RUN_HERE.items()
        if page == block.page and block.text.startswith(beginning)
    ]


COMMANDS = [
    command
    for block in blocks("sh")
    for command in block.text.replace("\\\n", " ").strip().splitlines()
]
MAKE = [
    command.removeprefix("CLOUD=tencent ")
    for command in COMMANDS
    if command.removeprefix("CLOUD=tencent ").startswith("make ")
]
AWS = [command for command in COMMANDS if command.startswith("aws ")]


@pytest.mark.parametrize("entry", NOT_RUN_HERE, ids=str)
def test_the_list_names_only_blocks_that_exist(entry: tuple[str, str]) -> None:
    assert any(block.text.startswith(entry[1]) for block in blocks("sh", entry[0]))


def test_a_block_is_on_the_list_once_at_most() -> None:
    assert all(len(reasons_not_to_run(block)) <= 1 for block in blocks("sh"))


@pytest.fixture(scope="module")
def ran(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder in which every block that is not on the list was run, page by page."""
    folder = tmp_path_factory.mktemp("documented")
    pages: dict[str, list[Block]] = {}
    for block in blocks("sh"):
        if not reasons_not_to_run(block):
            pages.setdefault(block.page, []).append(block)
    for page, each in pages.items():
        place = folder / page
        # This page goes on with the files of the other one, which comes before it.
        shutil.copytree(folder / "deploy-aws.md", place) if page == TENCENT else place.mkdir()
        script = "\n".join(["set -eu", *(block.text for block in each)])
        if page == "deploy-aws.md":
            script += '\nprintf %s "$API_KEY" > api-key\n'
        if page == TENCENT:
            script += "\nenv | grep ^TF_VAR_ > variables\n"
        environment = {**os.environ, "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"}
        subprocess.run(["bash", "-c", script], cwd=place, env=environment, check=True, timeout=60)
    return folder


class Files:
    """Secrets port over the files that the commands wrote."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def get(self, name: str) -> bytes:
        return (self._folder / name).read_bytes()


def test_the_documented_secrets_are_the_ones_that_functions_read(ran: Path) -> None:
    folder = ran / "deploy-aws.md"
    files = Files(folder)
    keys = read_secret(files, "api-keys.json", ApiKeys)
    assert keys.client_of((folder / "api-key").read_text()) == "shop"
    endpoint = read_secret(files, "webhooks.json", Webhooks).endpoints["shop"]
    assert len(endpoint.keys()[0]) == 32
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
    ((granted,),) = ([each["action"]] for each in policy["statement"])
    called = {
        f"{api.service}:{action}"
        for action, api in facts.apis().items()
        if api.service != "senseid"
    }
    assert set(granted) == called | {"faceid:CreateUploadUrl"}


def test_the_documented_explain_command_tells_what_the_code_means() -> None:
    (block,) = blocks("sh", "reasons.md")
    command = block.text.replace(LIVEPROOF, f"{shlex.quote(sys.executable)} -m liveproof")
    done = subprocess.run(
        ["bash", "-euc", command], cwd=ROOT / "layers",
        capture_output=True, text=True, timeout=60, check=True,
    )  # fmt: skip
    (found,) = (json.loads(line) for line in done.stdout.splitlines())
    code = command.split()[-1]
    entry = facts.code_table("faceid").codes[code]
    assert (found["code"], found["reason"]) == (code, entry.reason)
    assert found["tell"] in text_of("reasons.md")


@pytest.mark.parametrize("command", ["held", "release", "explain"])
def test_the_command_lines_subcommands_take_the_documented_options(command: str) -> None:
    texts = [
        block.text for block in blocks("sh") if block.text.startswith(f"{LIVEPROOF} {command} ")
    ]
    assert len(texts) == (1 if command == "explain" else len(("aws", "tencent")))
    for text in texts:
        arguments = shlex.split(text.removeprefix(LIVEPROOF))
        assert vars(_parser().parse_args(arguments))["command"] == command


@pytest.mark.parametrize("name", ["api-keys", "webhooks", "vendor-key", "senseid-key"])
def test_the_documented_secrets_reach_ssm_as_they_are(ran: Path, name: str) -> None:
    folder = ran / TENCENT
    wanted = json.loads((folder / f"put-{name}.json").read_text(encoding="utf-8"))
    assert wanted == {
        "SecretName": f"liveproof-production-{name}",
        "VersionId": "v1",
        "SecretString": (folder / f"{name}.json").read_text(encoding="utf-8"),
    }


def test_the_documented_passwords_are_ones_that_the_variables_take(ran: Path) -> None:
    lines = (ran / TENCENT / "variables").read_text(encoding="utf-8").splitlines()
    given = dict(line.removeprefix("TF_VAR_").split("=", 1) for line in lines)
    assert set(given) == {"database_password", "database_root_password"}
    for password in given.values():
        assert 16 <= len(password) <= 64
        assert all(
            re.search(kind, password) for kind in ("[a-z]", "[A-Z]", "[0-9]", "[^a-zA-Z0-9]")
        )
    assert len(set(given.values())) == len(given)


@pytest.mark.parametrize("command", MAKE)
def test_make_targets_and_their_variables_exist(command: str) -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    target, *variables = command.split()[1:]
    assert re.search(rf"^{target}:.*## ", makefile, re.MULTILINE)
    for variable in variables:
        name = variable.partition("=")[0]
        assert f"$({name})" in makefile or f"$(value {name})" in makefile


@pytest.mark.parametrize("command", AWS)
def test_aws_commands_name_real_operations_and_parameters(command: str) -> None:
    words = shlex.split(command)[1:]
    model = botocore.session.get_session().get_service_model(words[0])
    operation = model.operation_model(_camel(words[1]))
    shape = operation.input_shape
    assert shape is not None
    given = {_camel(word[2:]) for word in words[2:] if word.startswith("--")}
    assert given - {"Region", "Query", "Output"} <= set(shape.members)
    assert set(shape.required_members) <= given


def _camel(text: str) -> str:
    return "".join(part.capitalize() for part in text.split("-"))


def test_params_in_commands_exist() -> None:
    named = {name for command in COMMANDS for name in re.findall(r"--param (\w+)=", command)}
    assert named == {"vendorRegion"}
    assert named <= set(params())


def _outputs(folder: Path) -> dict[str, str]:
    """What the documented lines make of a stack's outputs, through an `aws` that knows them."""
    names = set(re.findall(r"^  (\w+):\n    Value:", _infra("*.yml"), re.MULTILINE))
    names |= {"HttpApiUrl"}  # osls'
    names |= {name for check in facts.checks() for name in checks.template(check)["Outputs"]}
    aws = folder / "aws"
    known = json.dumps(dict.fromkeys(sorted(names)))
    aws.write_text(
        f"#!{sys.executable}\nimport re, sys\n"
        "name = re.search(r\"OutputKey=='(\\w+)'\", sys.argv[sys.argv.index('--query') + 1])[1]\n"
        f"print('value of', name) if name in {known.replace('null', 'None')} else sys.exit(1)\n"
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
    given = _outputs(tmp_path)
    # Made on the page itself, or somebody's own.
    others = {"ID", "1", "API_KEY", "DIGEST", "WEBHOOK_SECRET"}
    pages = ("deploy-aws.md", "operating.md")
    used = {
        name
        for page in pages
        for block in blocks("sh", page)
        for name in re.findall(r"\$\{?(\w+)", block.text)
    }
    assert {name for name in used - others if not given.get(name, "").startswith("value of")} == (
        set()
    )
    assert given["DEAD_LETTER_QUEUE_ARN"] == "value of CheckReflectDeadLetterQueueArn"


def test_every_variable_of_the_commands_for_tencent_cloud_is_set_on_the_page() -> None:
    text = "\n".join(block.text for block in blocks("sh", TENCENT))
    used = set(re.findall(r"\$\{?([A-Za-z_]+)", text))
    made = set(re.findall(r"^(?:export )?([A-Za-z_]+)=|^for ([a-z]+) in", text, re.MULTILINE))
    # ID is in what the command before it lists, PWD is the shell's.
    assert used - {name for pair in made for name in pair} == {"ID", "PWD"}


def test_osls_is_found_through_the_documented_way() -> None:
    """The deploying commands' beginning, with a question that needs no account."""
    answer = subprocess.run(
        [sys.executable, "-m", "tools.packaging.node", "npx", "osls", "--version"],
        cwd=ROOT, capture_output=True, text=True, timeout=120, check=True,
    )  # fmt: skip
    assert "4.3" in answer.stdout
