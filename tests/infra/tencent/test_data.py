"""Bucket, database, network, secrets, logs: what holds data, for how long, and who reaches it."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path
from typing import Any

import pytest

from liveproof.clouds.tencent.bucket import CosBucket
from liveproof.secret_documents import VendorKey
from tests.infra.tencent import evaluated
from tests.infra.tencent.configuration import Body, Configuration
from tests.infra.tencent.evaluated import Refused

SECRET_LIKE = re.compile(
    r"whsec_[A-Za-z0-9+/]{16}|AKID[A-Za-z0-9]{16}|AKIA[A-Z0-9]{12}|BEGIN .*KEY"
)
BUCKET = "qcs::cos:ap-singapore:uid/1250000000:liveproof-production-1250000000"
SENSITIVE = {"database_password", "database_root_password"}
OPERATORS = {"api_keys", "webhooks", "vendor_key", "senseid_key"}


@pytest.fixture(scope="module")
def applied(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder whose place, which needs no provider, is in a state."""
    if evaluated.TERRAFORM is None:
        pytest.skip(evaluated.NO_TERRAFORM)
    folder = evaluated.prepare(tmp_path_factory.mktemp("applied") / "root")
    evaluated.apply(folder)
    return folder


@pytest.fixture
def bucket(files: Configuration) -> Body:
    (only,) = files.of_type("tencentcloud_cos_bucket").values()
    return only


@pytest.fixture
def database(files: Configuration) -> Body:
    (only,) = files.of_type("tencentcloud_cynosdb_cluster").values()
    return only


def test_the_bucket_is_private_encrypted_and_never_versioned(bucket: Body) -> None:
    assert bucket["acl"] == "private"
    assert "acl_body" not in bucket
    assert bucket["encryption_algorithm"] == "AES256"
    # x-cos-forbid-overwrite has no effect in a bucket that ever had versions.
    assert bucket["versioning_enable"] is False


def test_the_bucket_forgets_uploads_after_a_day_and_evidence_after_thirty(
    files: Configuration, bucket: Body
) -> None:
    (multipart,) = bucket["lifecycle_rules"]
    assert multipart["abort_incomplete_multipart_upload"] == [{"days_after_initiation": 1}]
    (expiring,) = [
        block["lifecycle_rules"] for block in bucket["dynamic"] if "lifecycle_rules" in block
    ]
    assert expiring["for_each"] == "${local.retention}"
    (content,) = expiring["content"]
    assert content["filter_prefix"] == "${lifecycle_rules.value.prefix}"
    ((days,),) = (content["expiration"][0].values(),)
    assert "local.expire_days[lifecycle_rules.value.param]" in days
    assert "var.evidence_expire_days_of" in days
    assert "retention.json" in files.locals()["retention"]
    assert files.locals()["expire_days"] == {
        "uploadsExpireDays": "${var.uploads_expire_days}",
        "evidenceExpireDays": "${var.evidence_expire_days}",
    }
    assert (files.default("uploads_expire_days"), files.default("evidence_expire_days")) == (1, 30)


def _denied(wiring: dict[str, Any]) -> list[dict[str, Any]]:
    document = json.loads(wiring["bucket_policy"])
    assert set(document) == {"version", "Statement"}
    for statement in document["Statement"]:
        # The capitals in which COS answers: the provider compares letter by letter.
        assert set(statement) == {"Effect", "Principal", "Action", "Resource", "Condition"}
        assert (statement["Effect"], statement["Principal"]) == (
            "deny",
            {"qcs": ["qcs::cam::anyone:anyone"]},
        )
    statements: list[dict[str, Any]] = document["Statement"]
    return statements


def test_every_request_over_plain_http_is_refused(
    files: Configuration, wiring: dict[str, Any], prepared: Path
) -> None:
    (policy,) = files.of_type("tencentcloud_cos_bucket_policy").values()
    assert policy["policy"] == "${module.wiring.bucket_policy}"
    first, *_ = _denied(wiring)
    assert first["Condition"] == {"bool_equal": {"cos:secure-transport": "false"}}
    assert first["Action"] == ["name/cos:*"]
    assert first["Resource"] == [f"{BUCKET}/*"]
    without = evaluated.evaluate(prepared, {"bucket_tls_only": False})
    assert _denied(without) == _denied(wiring)[1:]


def test_an_upload_with_a_header_that_no_url_asks_for_is_refused(wiring: dict[str, Any]) -> None:
    conditions = []
    for statement in _denied(wiring)[1:]:
        # A condition's key belongs to a named action, and "name/cos:*" would refuse everything.
        assert statement["Action"] == ["name/cos:PutObject"]
        assert statement["Resource"] == [f"{BUCKET}/uploads/*"]
        ((operator, keys),) = statement["Condition"].items()
        # One header each: several in one condition would have to come together.
        ((key, value),) = keys.items()
        # "_if_exist" would take an upload without the header for one with it.
        assert (operator, value) == ("string_like", "*")
        conditions.append(key)
    grants = ("read", "write", "read-acp", "write-acp", "full-control")
    assert set(conditions) == {
        "cos:x-cos-acl",
        "cos:x-cos-storage-class",
        *(f"cos:x-cos-grant-{grant}" for grant in grants),
    }
    signing = CosBucket("b-1250000000", "ap-singapore", "", lambda: VendorKey("id", "key", "t"))
    headers = signing.presign_put("uploads/x", "0" * 32, 1, "image/png", 0, 60_000).headers
    assert not {f"cos:{name.lower()}" for name in headers} & set(conditions)


def test_browsers_may_put_only_from_named_origins_and_with_the_signed_headers(
    files: Configuration, bucket: Body
) -> None:
    assert files.default("cors_origins") == ""
    (rules,) = [block for block in bucket["dynamic"] if "cors_rules" in block]
    assert rules["cors_rules"]["for_each"].startswith('${var.cors_origins == "" ? [] :')
    (content,) = rules["cors_rules"]["content"]
    assert content["allowed_methods"] == ["PUT"]
    signing = CosBucket("b-1250000000", "ap-singapore", "", lambda: VendorKey("id", "key", "t"))
    upload = signing.presign_put("uploads/x", "0" * 32, 1, "image/png", 0, 60_000)
    assert set(content["allowed_headers"]) == set(upload.headers)


@pytest.mark.parametrize(
    "kind",
    [
        "tencentcloud_cos_bucket",
        "tencentcloud_cynosdb_cluster",
        # Removing it drops the tables, before the cluster is in the recycle bin.
        "tencentcloud_cynosdb_cluster_databases",
        # Replacing them takes the network away from under the database.
        "tencentcloud_vpc",
        "tencentcloud_subnet",
        # A secret's name stays taken for a week, so it cannot be made anew.
        "tencentcloud_ssm_secret",
        "terraform_data",
    ],
)
def test_data_survives_a_plan_that_would_destroy_it(files: Configuration, kind: str) -> None:
    for name, resource in files.of_type(kind).items():
        assert resource["lifecycle"] == [{"prevent_destroy": True}], name
        assert resource.get("force_clean", resource.get("force_delete")) in (None, False)


@pytest.mark.parametrize(
    "moved",
    [
        {"region": "ap-hongkong", "vendor_region": "ap-hongkong",
         "availability_zone": "ap-hongkong-2"},
        {"availability_zone": "ap-singapore-2"},
        {"network_cidr": "10.65.0.0/20"},
        {"stage": "staging"},
        {"bucket_name": "other"},
    ],
    ids=str,
)  # fmt: skip
def test_a_deployment_that_is_moved_is_refused_by_terraform(
    applied: Path, moved: dict[str, object]
) -> None:
    with pytest.raises(Refused, match="prevent_destroy"):
        evaluated.evaluate(applied, moved)


def test_a_tainted_resource_is_not_replaced_and_can_be_untainted(
    applied: Path, tmp_path: Path
) -> None:
    """The way out in docs/deploy-tencent.md, tried with the one resource that needs no provider."""
    tree = shutil.copytree(applied.parents[1], tmp_path / "tainted", symlinks=True)
    folder = Path(tree, *applied.parts[-2:])
    evaluated.terraform(folder, "taint", "terraform_data.place")
    with pytest.raises(Refused, match="prevent_destroy"):
        evaluated.evaluate(folder)
    evaluated.terraform(folder, "untaint", "terraform_data.place")
    assert evaluated.evaluate(folder)["runtime"]


def test_a_deployment_that_stays_where_it_is_can_be_changed(applied: Path) -> None:
    changed = evaluated.evaluate(applied, {"log_level": "DEBUG", "record_retention_days": 30})
    assert changed["environment"]["LIVEPROOF_RECORD_RETENTION_DAYS"] == "30"


def test_the_database_is_serverless_and_does_not_pause(
    files: Configuration, database: Body
) -> None:
    assert (database["db_type"], database["db_version"]) == ("MYSQL", "8.0")
    assert database["db_mode"] == "SERVERLESS"
    # The provider's default is a second instance, which nobody reads from.
    assert database["instance_count"] == 1
    assert database["auto_pause"] == "${var.database_auto_pause}"
    assert files.default("database_auto_pause") == "no"
    assert files.default("database_min_cpu") < files.default("database_max_cpu")


def test_the_database_is_reached_by_the_functions_on_its_port_and_by_nobody_else(
    files: Configuration, database: Body
) -> None:
    assert database["rw_group_sg"] == ["${tencentcloud_security_group.database.id}"]
    (rules,) = files.of_type("tencentcloud_security_group_rule_set").values()
    allowed, refused = rules["ingress"]
    assert (allowed["action"], allowed["protocol"], allowed["port"]) == ("ACCEPT", "TCP", "3306")
    assert allowed["cidr_block"] == "${tencentcloud_subnet.functions.cidr_block}"
    assert int(allowed["port"]) == database["port"]
    everything = {"protocol": "ALL", "port": "ALL", "cidr_block": "0.0.0.0/0"}
    assert refused["action"] == "DROP"
    assert refused.items() >= everything.items()
    (out,) = rules["egress"]
    assert out["action"] == "DROP"
    assert out.items() >= everything.items()
    # The rules are there before the database is.
    assert database["depends_on"] == ["${tencentcloud_security_group_rule_set.database}"]


def test_functions_and_database_have_subnets_of_their_own(
    files: Configuration, database: Body
) -> None:
    subnets = files.of_type("tencentcloud_subnet")
    assert set(subnets) == {"functions", "database"}
    assert subnets["functions"]["cidr_block"] != subnets["database"]["cidr_block"]
    assert database["subnet_id"] == "${tencentcloud_subnet.database.id}"


def test_the_database_has_no_address_on_the_internet(files: Configuration) -> None:
    assert "tencentcloud_cynosdb_wan" not in {kind for kind, _ in files.resources()}


def test_the_database_speaks_tls(files: Configuration) -> None:
    (tls,) = files.of_type("tencentcloud_cynosdb_ssl").values()
    assert "count" not in tls
    assert tls["status"] == "ON"
    assert "tls=off" not in "".join(files.texts.values())


def test_the_functions_account_may_work_and_migrate_in_its_own_database_only(
    files: Configuration,
) -> None:
    (privileges,) = files.of_type("tencentcloud_cynosdb_account_privileges").values()
    assert privileges["global_privileges"] == []
    assert "table_privileges" not in privileges
    (granted,) = privileges["database_privileges"]
    assert granted["db"] == "${tencentcloud_cynosdb_cluster_databases.database.db_name}"
    work, migrations = {"SELECT", "INSERT", "UPDATE", "DELETE"}, {"CREATE", "ALTER", "INDEX"}
    assert set(granted["privileges"]) == work | migrations


def test_the_root_password_goes_to_the_database_and_nowhere_else(files: Configuration) -> None:
    users = [
        (name, line.strip())
        for name, text in files.texts.items()
        for line in text.splitlines()
        if "var.database_root_password" in line and name != "variables_deployment.tf"
    ]
    (only,) = users
    assert only[0] == "database.tf"
    assert only[1].split() == ["password", "=", "var.database_root_password"]


def test_operators_put_the_secrets_and_terraform_never_sees_a_value(files: Configuration) -> None:
    (secrets,) = files.of_type("tencentcloud_ssm_secret").values()
    assert set(secrets["for_each"]) == OPERATORS | {"database"}
    assert secrets["is_enabled"] is True
    assert secrets["recovery_window_in_days"] >= 7
    versions = files.of_type("tencentcloud_ssm_secret_version_v2")
    assert set(versions) == {"database"}
    assert versions["database"]["secret_name"].endswith('.secret["database"].secret_name}')
    # It does not mark its value as sensitive.
    assert "tencentcloud_ssm_secret_version" not in {kind for kind, _ in files.resources()}


def test_a_new_version_of_the_login_exists_before_the_old_one_goes(files: Configuration) -> None:
    (version,) = files.of_type("tencentcloud_ssm_secret_version_v2").values()
    assert version["version_id"] == "${var.database_secret_version}"
    assert version["lifecycle"] == [{"create_before_destroy": True}]


def test_secret_variables_are_marked_and_have_no_default(
    files: Configuration,
) -> None:
    variables = files.variables()
    assert {name for name, variable in variables.items() if variable.get("sensitive")} == SENSITIVE
    for name in SENSITIVE:
        assert "default" not in variables[name]
    for name in variables:
        assert name in SENSITIVE or not re.search(r"password|token|key$|secret$", name), name


def test_no_output_and_no_setting_holds_what_is_secret(files: Configuration) -> None:
    shown = [str(output["value"]) for output in files.outputs().values()]
    shown += [str(value) for value in files.locals()["derived"].values()]
    for value in shown:
        assert not re.search(r"password|secret_string|account", value), value


def test_every_function_knows_a_secret_by_name_and_version(files: Configuration) -> None:
    values = files.locals()["derived"]
    for name in OPERATORS | {"database"}:
        expected = f"${{local.secret_names.{name}}}:${{var.{name}_secret_version}}"
        assert values[f"{name}_secret"] == expected


def test_no_secret_value_is_in_a_file(files: Configuration) -> None:
    for name, text in files.texts.items():
        assert SECRET_LIKE.search(text) is None, name


def test_logs_of_every_function_are_kept_for_thirty_days_in_one_topic(
    files: Configuration,
) -> None:
    (topic,) = files.of_type("tencentcloud_cls_topic").values()
    assert topic["period"] == "${var.log_retention_days}"
    assert files.default("log_retention_days") == 30
    (function,) = files.of_type("tencentcloud_scf_function").values()
    assert function["cls_topic_id"] == "${tencentcloud_cls_topic.functions.id}"
    assert function["cls_logset_id"] == "${tencentcloud_cls_logset.logs.id}"
