"""What a function sees, and how its processes come and go."""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.tools.local.tencent.platform.conftest import World, at_once, eventually, function, world
from tools import ROOT
from tools.processes import Child, ToolError

pytestmark = pytest.mark.skipif(
    not Path("/proc/self/stat").exists(), reason="looks at processes in /proc"
)


def alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except FileNotFoundError:
        return False


def test_the_context_is_a_dict_of_the_functions_own_settings(sample: World) -> None:
    context = sample.get("front", {})["context"]
    assert set(context) == {
        "memory_limit_in_mb", "time_limit_in_ms", "request_id", "environment", "environ",
        "function_version", "function_name", "namespace", "tencentcloud_region",
        "tencentcloud_appid", "tencentcloud_uin",
    }  # fmt: skip
    assert (context["memory_limit_in_mb"], context["time_limit_in_ms"]) == (256, 3000)
    assert context["function_name"] == "sample-front"
    assert (context["function_version"], context["namespace"]) == ("$LATEST", "default")
    assert (context["tencentcloud_region"], context["tencentcloud_appid"]) == (
        "ap-singapore", "1250000000",
    )  # fmt: skip
    assert sample.get("front", {})["context"]["request_id"] != context["request_id"]


def test_the_arguments_of_a_container_can_be_read(sample: World) -> None:
    environment, context = sample.platform.container("works")
    seen = sample.get("works", {"python": "dict(os.environ)"})
    seen.pop("LC_CTYPE", None)
    assert environment == seen
    received = sample.get("works", {})["context"]
    assert context == {**received, "request_id": context["request_id"]}
    assert context["request_id"] != received["request_id"]


def test_the_environment_is_the_functions_and_the_platforms_and_nothing_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("LIVEPROOF_REGION", "AWS_PROFILE", "http_proxy", "MY_OWN", "LD_DEBUG"):
        monkeypatch.setenv(name, "the caller's")
    with world(tmp_path, {"front": function(triggers=[{"type": "http"}])}) as running:
        seen = running.get("front", {"python": "dict(os.environ)"})
        url = running.platform.url
    code = str(tmp_path / "code" / "front")
    key = {name: seen.pop(f"TENCENTCLOUD_{name}") for name in ("SECRETID", "SECRETKEY")}
    assert key["SECRETID"].startswith("AKID")
    assert len(seen.pop("TENCENTCLOUD_SESSIONTOKEN")) > 20
    seen.pop("LC_CTYPE", None)  # CPython's own, where the machine lacks LANG's locale
    assert seen == {
        "SAMPLE_REGION": "ap-singapore",
        "SAMPLE_API": url,
        "TENCENTCLOUD_RUNENV": "SCF",
        "TENCENTCLOUD_REGION": "ap-singapore",
        "SCF_FUNCTIONNAME": "sample-front",
        "SCF_FUNCTIONVERSION": "$LATEST",
        "SCF_NAMESPACE": "default",
        "USER_CODE_ROOT": f"{code}/",
        "PYTHONPATH": code,
        "LANG": "en_US.UTF-8",
        "HOME": "/tmp",
        "PATH": "/usr/local/bin:/usr/bin:/bin",
    }


def test_every_function_has_a_key_of_its_own(sample: World) -> None:
    event = {"python": "os.environ['TENCENTCLOUD_SECRETID']"}
    keys = [sample.get(name, event) for name in ("front", "works", "once", "front")]
    assert len(set(keys)) == 3
    assert sample.emulator.secret_id not in keys


def test_code_is_imported_from_the_package_and_from_nowhere_else(sample: World) -> None:
    code = str(sample.folder / "code" / "once")
    assert sample.get("once", {"python": "os.getcwd()"}) == code
    path = sample.get("once", {"python": "sys.path"})
    assert path[0] == code + "/"
    assert not any("site-packages" in folder or "bootstrap" in folder for folder in path)
    assert not any(str(ROOT / name) in path for name in ("", "layers", "tools"))
    with pytest.raises(ToolError, match="ModuleNotFoundError"):
        sample.get("once", {"python": "__import__('aiohttp')"})


def test_a_warm_container_is_used_again(sample: World) -> None:
    first = sample.get("once", {})
    second = sample.get("once", {})
    assert first["pid"] == second["pid"]
    assert second["handled"] == first["handled"] + 1


def test_a_container_takes_one_event_at_a_time_and_others_are_started_up_to_the_cap(
    tmp_path: Path,
) -> None:
    with world(tmp_path, {"once": function()}, most_containers=2) as running:
        at_once(lambda: running.get("once", {"sleep": 0.01}), 2)  # both are warm now
        took = at_once(lambda: running.get("once", {"sleep": 0.3}), 6)
        assert 0.9 <= took < 1.5
        assert len(running.platform.processes()) == 2
        assert len(running.platform.containers("once")["idle"]) == 2


def test_an_idle_container_is_ended_after_some_time(tmp_path: Path) -> None:
    with world(tmp_path, {"once": function()}, idle_seconds=0.3) as running:
        pid = running.get("once", {})["pid"]
        assert alive(pid)
        eventually(lambda: not alive(pid))
        assert running.platform.processes() == {}
        assert running.get("once", {})["pid"] != pid


def test_an_exception_is_reported_and_leaves_the_container_warm(sample: World) -> None:
    pid = sample.get("once", {})["pid"]
    with pytest.raises(ToolError, match="ValueError: as asked"):
        sample.get("once", {"raise": "as asked"})
    assert sample.get("once", {})["pid"] == pid


def test_a_function_over_its_time_is_killed(sample: World) -> None:
    pid = sample.get("short", {})["pid"]
    started = time.monotonic()
    with pytest.raises(ToolError, match="took over 1 seconds"):
        sample.get("short", {"sleep": 30})
    assert 1 <= time.monotonic() - started < 3
    assert not alive(pid)
    assert sample.get("short", {})["pid"] != pid


@pytest.mark.parametrize("event", [{"exit": 3}, {"python": "sys.exit()"}])
def test_a_process_that_ends_is_a_failure_and_the_next_event_gets_another(
    sample: World, event: dict[str, object]
) -> None:
    pid = sample.get("once", {})["pid"]
    with pytest.raises(ToolError, match="ended before its answer"):
        sample.get("once", event)
    assert sample.get("once", {})["pid"] != pid


def test_a_container_that_was_killed_while_idle_is_not_used(sample: World) -> None:
    pid = sample.get("once", {})["pid"]
    os.kill(pid, signal.SIGKILL)
    eventually(lambda: pid not in sample.platform.containers("once")["idle"])
    assert sample.get("once", {})["pid"] != pid


def test_a_value_that_is_no_json_is_a_failure(sample: World) -> None:
    with pytest.raises(ToolError, match="TypeError"):
        sample.get("once", {"python": "{1, 2}"})


def test_code_that_cannot_be_imported_is_reported_and_works_once_it_is_right(
    tmp_path: Path,
) -> None:
    with world(tmp_path, {"once": function()}) as running:
        handler = tmp_path / "code" / "once" / "handler.py"
        good = handler.read_text()
        for broken, error in (("import nothing_of_this_name", "ModuleNotFound"), ("", "Attribute")):
            handler.write_text(broken)
            with pytest.raises(ToolError, match=error):
                running.get("once", {})
        handler.write_text(good)
        assert running.get("once", {})["handled"] == 1


def test_lines_are_logged_with_the_functions_name_and_values_are_not(sample: World) -> None:
    sample.get("once", {"print": "hello from here", "return": "a secret value"})
    eventually(lambda: sample.log().count("once  hello from here\n") == 2)
    with pytest.raises(ToolError):
        sample.get("once", {"raise": "the reason"})
    eventually(lambda: "once  ValueError: the reason\n" in sample.log())
    assert "a secret value" not in sample.log()


def test_long_lines_and_bytes_that_are_no_text_do_not_stop_a_function(sample: World) -> None:
    assert sample.get("once", {"python": "print('x' * 2_000_000)"}) is None
    assert sample.get("once", {"python": "sys.stdout.buffer.write(b'\\xff\\n')"}) == 2


PARENT = """
import sys, time
from pathlib import Path
from tests.tools.local.tencent.platform.conftest import world
with world(Path(sys.argv[1])) as running:
    pids = [running.platform.child.process.pid, running.get("front", {})["pid"]]
    running.platform.send("once", {"sleep": 60})
    while not running.platform.containers("once")["busy"]:
        time.sleep(0.01)
    print(*pids, *running.platform.containers("once")["busy"], flush=True)
    time.sleep(60)
"""


@pytest.fixture
def parent(tmp_path: Path) -> Iterator[tuple[Child, list[int]]]:
    (tmp_path / "world").mkdir()
    command: list[str | Path] = [sys.executable, "-c", PARENT, tmp_path / "world"]
    path = os.pathsep.join([str(ROOT), str(ROOT / "layers")])
    environment = {**os.environ, "PYTHONPATH": path}
    with Child("parent", command, tmp_path / "log", environment, ROOT, read_stdout=True) as child:
        yield child, [int(part) for part in child.first_line(30).split()]


def test_no_process_is_left_when_we_are_killed(parent: tuple[Child, list[int]]) -> None:
    child, pids = parent
    assert len(pids) == 3
    assert all(alive(pid) for pid in pids)
    os.kill(child.process.pid, signal.SIGKILL)
    eventually(lambda: not any(alive(pid) for pid in pids))


def test_idle_containers_end_when_the_platform_alone_is_killed(
    parent: tuple[Child, list[int]],
) -> None:
    _, (platform, idle, _) = parent
    os.kill(platform, signal.SIGKILL)
    eventually(lambda: not alive(idle))
