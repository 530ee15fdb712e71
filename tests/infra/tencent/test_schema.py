"""The Terraform files are ones that the provider and Terraform would take."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

from tests.infra.tencent import evaluated, schema
from tests.infra.tencent.configuration import FOLDER, Configuration

POLICY = 'resource "tencentcloud_cam_policy" "x" {\n  name = "n"\n  document = "d"\n}\n'
CONFIG = """
resource "tencentcloud_scf_function_event_invoke_config" "x" {
  function_name = "f"
  async_trigger_config {
    msg_ttl = 60
    retry_config {
      retry_num = 1
    }
  }
}
"""


def _findings(tmp_path: Path, text: str) -> list[str]:
    file = tmp_path / "main.tf"
    file.write_text(text)
    return schema.findings(Configuration([file]), schema.kept())


def test_the_provider_knows_every_resource_argument_and_block(files: Configuration) -> None:
    assert schema.findings(files, schema.kept()) == []


def test_the_kept_schema_holds_what_is_used_and_is_of_the_version_that_is_asked_for(
    files: Configuration,
) -> None:
    kept = schema.kept()
    assert set(kept["resources"]) == {kind for kind, _ in files.resources()} - schema.BUILT_IN
    (provider,) = dict(files.blocks("terraform"))["required_providers"]
    assert provider["tencentcloud"] == {"source": kept["provider"], "version": "~> 1.83.25"}
    assert kept["version"] == "1.83.25"


def test_the_check_accepts_what_is_right(tmp_path: Path) -> None:
    assert _findings(tmp_path, POLICY + CONFIG) == []


@pytest.mark.parametrize(
    ("text", "finding"),
    [
        (POLICY.replace("document", "documents"), "there is no documents"),
        (POLICY.replace('name = "n"\n', ""), "name is missing"),
        (POLICY.replace('"n"\n', '"n"\n  create_time = "now"\n'), "the provider sets create_time"),
        (POLICY.replace("cam_policy", "cam_polity"), "no such resource"),
        (CONFIG.replace("retry_num", "retries"), "retry_config: there is no retries"),
        (CONFIG.replace("retry_num = 1", ""), "retry_num is missing"),
        (CONFIG.replace("retry_config", "retry"), "there is no block retry"),
        (CONFIG.replace("async_trigger_config", "trigger_config"), "async_trigger_config is mis"),
        (CONFIG.replace("msg_ttl = 60", ""), "msg_ttl is missing"),
    ],
)
def test_the_check_finds_what_is_wrong(tmp_path: Path, text: str, finding: str) -> None:
    assert any(finding in message for message in _findings(tmp_path, text))


def test_every_variable_is_declared_once_described_typed_and_used(files: Configuration) -> None:
    declared = [name for name, _ in files.blocks("variable")]
    assert len(declared) == len(set(declared))
    used = {n for text in files.texts.values() for n in re.findall(r"\bvar\.(\w+)", text)}
    assert used <= set(declared)
    for name, body in files.variables().items():
        assert {"type", "description"} <= set(body), name
        elsewhere = [
            text
            for file, text in files.texts.items()
            if re.search(rf"\bvar\.{name}\b", text) and not file.startswith("variables")
        ]
        assert elsewhere or name in files.locals()["settings"], f"{name} is not used"


def test_every_local_and_every_output_of_a_module_exists(files: Configuration) -> None:
    text = "\n".join(files.texts.values())
    assert set(re.findall(r"\blocal\.(\w+)", text)) == set(files.locals())
    wiring = Configuration(sorted((FOLDER / "wiring").glob("*.tf")))
    assert set(re.findall(r"\bmodule\.wiring\.(\w+)", text)) == set(wiring.outputs())
    module_inputs = set(files.module("wiring")) - {"source"}
    assert module_inputs == set(wiring.variables())


def test_every_reference_is_to_a_resource_and_an_attribute_that_exist(
    files: Configuration,
) -> None:
    resources = files.resources()
    kept = schema.kept()["resources"]
    text = "\n".join(files.texts.values())
    # Such as tencentcloud_cam_role.function[each.key].name, or a whole resource in depends_on.
    pattern = r"(?<![\"\w])(tencentcloud_\w+)\.(\w+)(?:\[[^\]]*\])?(?:\.(\w+))?"
    references = re.findall(pattern, text)
    assert len(references) > 30
    for kind, name, attribute in references:
        assert (kind, name) in resources, (kind, name)
        assert not attribute or attribute in kept[kind]["attributes"], (kind, attribute)


def test_planning_asks_nobody(files: Configuration) -> None:
    # Data sources would need an account; wiring has neither resource nor provider.
    assert list(files.blocks("data")) == []
    wiring = Configuration(sorted((FOLDER / "wiring").glob("*.tf")))
    for kind in ("resource", "data", "provider"):
        assert list(wiring.blocks(kind)) == []


def test_no_lock_of_a_providers_build_is_kept() -> None:
    # Its hashes would be those of one machine's provider.
    assert not (FOLDER / ".terraform.lock.hcl").exists()


def test_terraform_would_format_the_files_as_they_are() -> None:
    if evaluated.TERRAFORM is None:
        pytest.skip(evaluated.NO_TERRAFORM)
    done = subprocess.run(
        [evaluated.TERRAFORM, "fmt", "-check", "-recursive", "-diff", str(FOLDER)],
        capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert (done.returncode, done.stdout) == (0, "")
