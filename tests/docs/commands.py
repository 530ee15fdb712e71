"""The commands of the pages: those that no test of this folder runs, with the reason, and a run of
the others."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

from tests.docs.pages import Block, blocks

# Blocks that no test in this folder runs: page and beginning of the block, with the reason.
LOCAL_CLOUD = (
    "starts a local cloud; tests/acceptance plays on one, tests/tools/local tests its parts"
)
ACCOUNT = "needs an AWS account; test_aws_commands.py checks its words"
DEPLOYMENT = "tests/acceptance/test_verify_deployment.py runs it on the local clouds"
WALK = "tests/acceptance/test_documentation.py runs it on a local cloud"
MENDS = "tests/acceptance/test_operator_mends.py runs it on a local cloud"
OUTAGES = "tests/acceptance/test_operator_outages.py runs it on a local cloud"
OSLS = ".venv/bin/python -m tools.packaging.node npx osls"
LIVEPROOF = ".venv/bin/liveproof"
TENCENT = "deploy-tencent.md"
SECRETS = "secrets.md"
TERRAFORM = "needs a Tencent Cloud account; test_deploy_tencent.py checks its words"
STORE = "test_deploy_tencent.py runs it on a store of its own"
NOT_RUN_HERE = {
    ("README.md", "make try IMAGE="): LOCAL_CLOUD,
    ("README.md", "make local\n"): LOCAL_CLOUD,
    ("README.md", "make demo\n"): LOCAL_CLOUD,
    ("README.md", "CLOUD=tencent make demo\n"): LOCAL_CLOUD,
    ("README.md", "make test\n"): "is what runs this",
    ("README.md", "make demo IMAGE="): LOCAL_CLOUD,
    ("local.md", "make local\n"): LOCAL_CLOUD,
    ("local.md", "CLOUD=tencent make local\n"): LOCAL_CLOUD,
    ("local.md", "make local ARGS="): LOCAL_CLOUD,
    ("local.md", f"{LIVEPROOF} webhook listen "): "serves until it is stopped; tests/cli runs it",
    ("console.md", "make local\n"): LOCAL_CLOUD,
    (
        "console.md",
        f"{LIVEPROOF} console ",
    ): "serves until it is stopped; tests/console/test_command.py runs it",
    ("console.md", "CONSOLE_CHROMIUM="): "is what runs this",
    ("local.md", "make emulator PORT="): "serves until it is stopped; tests/emulator starts it",
    ("verify-deployment.md", "API="): DEPLOYMENT,
    ("verify-deployment.md", "make verify-deployment BUDGET="): DEPLOYMENT,
    ("deploy-aws.md", "make package\n"): "tests/infra packages with the same function",
    ("deploy-aws.md", f"{OSLS} deploy "): ACCOUNT,
    ("deploy-aws.md", f"{OSLS} remove "): ACCOUNT,
    ("deploy-aws.md", "aws cloudformation describe-stacks "): ACCOUNT,
    ("deploy-aws.md", "output() {"): "test_aws_commands.py runs it with an aws of its own",
    ("deploy-aws.md", "aws secretsmanager put-secret-value "): ACCOUNT,
    (SECRETS, "aws kms create-key "): ACCOUNT,
    (SECRETS, f"{LIVEPROOF} secrets check "): "tests/cli/test_secrets.py runs the command",
    (SECRETS, f"{LIVEPROOF} webhook keys "): "tests/cli/test_webhook_keys.py runs it",
    ("quotas.md", "aws lambda get-account-settings "): ACCOUNT,
    (TENCENT, "make package\n"): "tests/tools/packaging packages with the same function",
    (TENCENT, "terraform -chdir=infra/tencent init\n"): TERRAFORM,
    (TENCENT, "terraform -chdir=infra/tencent output url\n"): TERRAFORM,
    (TENCENT, "terraform -chdir=infra/tencent output database_ca_url\n"): TERRAFORM,
    (TENCENT, "terraform -chdir=infra/tencent state rm "): TERRAFORM,
    (TENCENT, "API=$(terraform "): TERRAFORM,
    (TENCENT, "terraform -chdir=infra/tencent output -json"): TERRAFORM,
    (TENCENT, "tccli ssm PutSecretValue "): TERRAFORM,
    (TENCENT, "tccli ssm UpdateSecret "): TERRAFORM,
    (TENCENT, "tccli monitor DescribeAllNamespaces "): TERRAFORM,
    (TENCENT, "for name in api_keys "): TERRAFORM,
    (
        TENCENT,
        ".venv/bin/python -m tools.deployment.tfvars ",
    ): "tests/tools/deployment/test_tfvars.py runs it",
    (TENCENT, "BUCKET=$(terraform "): "test_strict_signature.py plays COS",
    (TENCENT, "export LIVEPROOF_DEPLOYMENT"): STORE,
    ("operating.md", f"{LIVEPROOF} redrive "): MENDS,
    ("doctor.md", ""): MENDS,
    ("operating.md", "DEAD_LETTER_QUEUE_URL="): ACCOUNT,
    ("upgrading.md", "aws dynamodb describe-table "): ACCOUNT,
    ("restore.md", "aws dynamodb restore-table-to-point-in-time "): ACCOUNT,
    ("restore.md", "aws dynamodb scan "): ACCOUNT,
    ("move-region.md", "umask 077"): "tests/cli/test_secret_stores.py runs it",
    ("command-line.md", "export LIVEPROOF_DEPLOYMENT"): WALK,
    ("operating.md", f"{LIVEPROOF} list --state held\n"): WALK,
    ("pace.md", f"{LIVEPROOF} list --state checking\n"): OUTAGES,
    ("operating.md", f"{LIVEPROOF} endpoints --state paused\n"): OUTAGES,
    ("operating.md", f"{LIVEPROOF} resend --since "): OUTAGES,
    ("operating.md", f"{LIVEPROOF} redo "): "tests/acceptance/test_money.py runs the command",
    ("checks.md", "make new-check "): "tests/tools/test_new_check.py runs it in a copy",
    ("reasons.md", f"{LIVEPROOF} explain "): "test_commands.py runs it in the repository's folder",
    ("uploading.md", ""): WALK,
    ("captures.md", ""): WALK,
    ("web-apps.md", "make local ARGS="): LOCAL_CLOUD,
    ("web-apps.md", "CLOUD=tencent make local ARGS="): LOCAL_CLOUD,
    ("web-apps.md", "curl "): "tests/acceptance/test_web_apps.py runs it on a local cloud",
    ("planning.md", f"{LIVEPROOF} plan "): "tests/cli/test_plan.py runs the command",
    ("reconcile.md", ""): "tests/acceptance/test_money.py runs it on a local cloud",
    ("webhooks.md", ""): WALK,
    ("rotation.md", ""): "tests/acceptance/test_rotation.py runs it on a local cloud, under load",
    ("receivers.md", ""): WALK,
    ("traces.md", f"{OSLS} deploy "): ACCOUNT,
    ("erasure.md", ""): "tests/acceptance/test_erasure.py runs it on a local cloud",
    ("evidence.md", "curl "): "tests/acceptance/test_evidence.py asks for it on a local cloud",
    ("evidence.md", f"{LIVEPROOF} evidence verify "): "tests/cli/test_evidence.py runs the command",
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


def run_pages(folder: Path) -> None:
    """Runs every block that is not on the list, page by page, each page in a folder of its name."""
    pages: dict[str, list[Block]] = {}
    for block in blocks("sh"):
        if not reasons_not_to_run(block):
            pages.setdefault(block.page, []).append(block)
    # Deploying on Tencent Cloud goes on with the files of this page.
    for page, page_blocks in sorted(pages.items(), key=lambda item: item[0] != SECRETS):
        place = folder / page
        shutil.copytree(folder / SECRETS, place) if page == TENCENT else place.mkdir()
        script = "\n".join(["set -eu", *(block.text for block in page_blocks)])
        if page == SECRETS:
            script += '\nprintf %s "$API_KEY" > api-key\n'
        if page == TENCENT:
            script += "\nenv | grep ^TF_VAR_ > variables\n"
        environment = {**os.environ, "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"}
        subprocess.run(["bash", "-c", script], cwd=place, env=environment, check=True, timeout=60)
