"""The files for contributors call what exists: hooks, dev container, workflow, CONTRIBUTING."""

from __future__ import annotations

import json
import os
import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.test_python_versions import RUNTIMES
from tools.packaging import node

ROOT = Path(__file__).parent.parent
MAKEFILE = (ROOT / "Makefile").read_text(encoding="utf-8")
TARGETS = set(re.findall(r"^([a-z_.-]+):.*## ", MAKEFILE, re.MULTILINE))
GATE = (ROOT / ".ci" / "run").read_text(encoding="utf-8")
SET_UP = ROOT / ".devcontainer" / "set-up"


def load_yaml(name: str) -> Any:
    return yaml.safe_load((ROOT / name).read_text(encoding="utf-8"))


def hooks() -> list[dict[str, Any]]:
    """The hooks of every commit."""
    (repository,) = load_yaml(".pre-commit-config.yaml")["repos"]
    assert repository["repo"] == "local", "another repository is fetched over the network"
    listed: list[dict[str, Any]] = repository["hooks"]
    return listed


def steps() -> list[dict[str, Any]]:
    """The steps of the workflow's one job."""
    (job,) = load_yaml(".github/workflows/check.yml")["jobs"].values()
    listed: list[dict[str, Any]] = job["steps"]
    return listed


def dev_container() -> dict[str, Any]:
    parsed: dict[str, Any] = json.loads(
        (ROOT / ".devcontainer" / "devcontainer.json").read_text(encoding="utf-8")
    )
    return parsed


@pytest.mark.parametrize("hook", hooks(), ids=lambda hook: hook["id"])
def test_a_hook_runs_an_installed_tool(hook: dict[str, Any]) -> None:
    assert hook["language"] == "system"
    program, *arguments = hook["entry"].split()
    assert program.startswith(".venv/bin/")
    module = arguments[1] if arguments[:1] == ["-m"] else Path(program).name
    locked = (ROOT / "requirements" / "dev.txt").read_text(encoding="utf-8")
    assert re.search(rf"^{module}==", locked, re.MULTILINE)


def test_the_hook_for_types_reads_the_sources_that_the_gate_reads() -> None:
    (entry,) = (hook["entry"] for hook in hooks() if hook["id"] == "types")
    sources = re.search(r"^SOURCES := \$\(wildcard (.+)\)$", MAKEFILE, re.MULTILINE)
    assert sources is not None
    assert entry == f".venv/bin/python -m mypy --strict {sources[1]}"
    assert "-m mypy --strict $(SOURCES)" in MAKEFILE


def test_the_workflow_runs_the_gate() -> None:
    runs = [step["run"] for step in steps() if "run" in step]
    assert runs == [".ci/run"]
    assert os.access(ROOT / ".ci" / "run", os.X_OK)
    assert GATE.rstrip().endswith("exec make check")
    assert "check" in TARGETS


def test_every_action_is_pinned_by_a_commit_and_names_its_release() -> None:
    workflow = (ROOT / ".github" / "workflows" / "check.yml").read_text(encoding="utf-8")
    lines = [line.strip() for line in workflow.splitlines() if "uses:" in line]
    assert len(lines) == sum("uses" in step for step in steps()) > 0
    pinned = re.compile(r"- uses: [\w-]+/[\w-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+")
    assert [line for line in lines if not pinned.fullmatch(line)] == []


def test_the_workflow_can_only_read() -> None:
    assert load_yaml(".github/workflows/check.yml")["permissions"] == {"contents": "read"}


def test_the_workflow_and_the_container_have_the_pythons_of_both_clouds() -> None:
    (versions,) = (
        step["with"]["python-version"].split()
        for step in steps()
        if "python" in step.get("uses", "")
    )
    assert tuple(versions) == tuple(RUNTIMES)
    oldest, newest = RUNTIMES
    project = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    assert f'\nrequires-python = ">={oldest}"\n' in project
    (python,) = (
        options for name, options in dev_container()["features"].items() if "/python:" in name
    )
    assert python["version"] == newest
    assert f"uv python install {oldest}\n" in SET_UP.read_text(encoding="utf-8")


def test_the_container_has_a_node_that_the_deployment_accepts() -> None:
    (options,) = (
        options for name, options in dev_container()["features"].items() if "/node:" in name
    )
    assert node.is_accepted(f"v{options['version']}.99.0")


def test_the_containers_set_up_installs_the_gates_packages_and_the_makefiles_targets() -> None:
    assert dev_container()["postCreateCommand"] == str(SET_UP.relative_to(ROOT))
    assert os.access(SET_UP, os.X_OK)
    text = SET_UP.read_text(encoding="utf-8")
    packages = re.search(r"^MARIADB=\((.+)\)$", GATE, re.MULTILINE)
    assert packages is not None
    assert f"--no-install-recommends {packages[1]}\n" in text
    targets = re.findall(r"^make (.+)$", text, re.MULTILINE)
    assert targets
    for target in " ".join(targets).split():
        assert re.search(rf"^{re.escape(target)}:", MAKEFILE, re.MULTILINE), target


def test_contributing_names_targets_and_paths_that_exist() -> None:
    text = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    assert set(re.findall(r"`make ([a-z-]+)", text)) <= TARGETS
    paths = re.findall(
        r"`((?:layers|infra|tools|tests|docs|bench|examples|liveproof_emulator)[\w/.-]*)`", text
    )
    assert len(paths) > 10
    assert [path for path in paths if not (ROOT / path).exists()] == []


FORMS = sorted((ROOT / ".github" / "ISSUE_TEMPLATE").glob("*.yml"))


@pytest.mark.parametrize(
    "form", [form for form in FORMS if form.stem != "config"], ids=lambda form: form.stem
)
def test_a_form_for_issues_has_what_the_host_demands(form: Path) -> None:
    content = yaml.safe_load(form.read_text(encoding="utf-8"))
    assert all(content[field] for field in ("name", "description", "body"))
    questions = [part for part in content["body"] if part["type"] != "markdown"]
    assert {part["type"] for part in questions} <= {"input", "textarea", "dropdown", "checkboxes"}
    assert len({part["id"] for part in questions}) == len(questions)
    assert all(part["attributes"]["label"] for part in questions)


def test_every_issue_begins_with_a_form() -> None:
    assert load_yaml(".github/ISSUE_TEMPLATE/config.yml")["blank_issues_enabled"] is False


def test_the_pull_requests_template_names_targets_and_files_that_exist() -> None:
    text = (ROOT / ".github" / "pull_request_template.md").read_text(encoding="utf-8")
    assert set(re.findall(r"`make ([a-z-]+)", text)) <= TARGETS
    assert all((ROOT / name).exists() for name in re.findall(r"`(\w+\.md)`", text))
