"""Where a new check has to be finished, and the test that fails until it is."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Place:
    """One piece of work that is left after the scaffolding was written.

    Attributes:
        path: the file or folder; `{name}` stands for the check's name.
        work: what to write there.
        test: the pytest id of a test that fails until the work is done, with the same placeholder.
    """

    path: str
    work: str
    test: str


PLACES = (
    Place(
        "layers/liveproof/data/checks.json",
        "its entries under `checks` and `apis`: question, pace, inputs and limits, with their"
        " sources",
        "tests/checks/test_{name}.py::test_every_fact_has_a_source",
    ),
    Place(
        "layers/liveproof/checks/{name}.py",
        "its class: the parameters of the call, and how the answer is read. The template inherits"
        " `TencentCheck` (read `photo.py`); for a Face ID API inherit `FaceIdCheck` (read"
        " `reflect.py`)",
        "tests/checks/test_{name}.py::test_the_call_has_the_parameters_of_the_api",
    ),
    Place(
        "tests/checks/test_{name}.py",
        "its tests",
        "tests/checks/test_{name}.py::test_a_lost_answer_is_an_unknown_outcome",
    ),
    Place(
        "layers/liveproof/checks/registry.py",
        "an entry",
        "tests/checks/test_registry.py::test_every_check_of_the_facts_can_be_switched_on",
    ),
    Place(
        "liveproof_emulator/actions/",
        "a folder for the vendor's API, with scenarios; the steps are in"
        " `liveproof_emulator/README.md`",
        "tests/checks/test_{name}.py::test_every_scenario_of_the_emulator_is_read_as_what_it_means",
    ),
    Place(
        "tools/demo/scenarios.py",
        "a scenario of the demo, and its sample in `samples.py`",
        "tests/docs/test_checks_pages.py"
        "::test_the_readme_counts_the_demos_verifications_which_are_of_every_check",
    ),
    Place(
        "README.md",
        "a row of the table of checks",
        "tests/docs/test_coverage.py::test_the_page_mentions",
    ),
    Place(
        "docs/uploading.md",
        "a row per input, and the default threshold",
        "tests/docs/test_checks_pages.py::test_the_threshold_in_uploading_is_the_datas[{name}]",
    ),
    Place(
        "docs/pace.md",
        "a row of the table of paces",
        "tests/docs/test_checks_pages.py"
        "::test_the_pace_on_the_page_is_the_params_and_its_arithmetic[{name}]",
    ),
    Place(
        "docs/alarms.md",
        "the names of its two alarms on AWS",
        "tests/docs/test_coverage.py"
        "::test_every_alarm_has_its_row_and_every_row_its_alarm[1-alarms]",
    ),
    Place(
        "docs/deploy-aws.md",
        "the API in the policy of the vendor's key",
        "tests/docs/test_aws_commands.py"
        "::test_the_policy_for_the_vendor_grants_every_action_that_is_called_and_no_other",
    ),
    Place(
        "docs/quotas.md",
        "a row of the table of memory in a burst",
        "tests/docs/test_deploy_tencent.py"
        "::test_the_room_for_a_burst_is_the_pace_times_the_time_of_a_run[{name}]",
    ),
    Place(
        "docs/checks.md",
        "`make docs` writes it",
        "tests/docs/test_generated.py::test_a_generated_page_is_what_the_code_says",
    ),
)
