# SPDX-License-Identifier: MIT
"""Modules built with what wse-dev installs: with CMake, with a compiler alone, from the templates;
and all of them in one server."""
import filecmp
import json
import os
import pathlib
import subprocess

import pytest

from support import sdk
from support.server import run

ROOT = pathlib.Path(__file__).resolve().parents[2]
PLUGINS = {
    "auth_allowlist": {"networks": ["10.0.0.0/8"]},
    "event_redact": {"members": ["secret"]},
    "observer_counter": {},
    "snapshot_sqlite": {"query": "SELECT 1"},
    "snapshot_template": {},
}
KINDS = ["auth", "transform", "snapshot", "backplane", "event", "app", "observer"]
NEW = {f"new_{kind}_{lang.replace('+', 'p')}": (kind, lang) for kind in KINDS for lang in ("c", "c++")}


@pytest.fixture(scope="module")
def projects(tmp_path_factory):
    """A folder with a project of each kind in each language, built with the one command."""
    folder = tmp_path_factory.mktemp("projects")
    for name, (kind, lang) in NEW.items():
        sdk.shell(f"wsectl module new {kind} {name} --lang {lang}", folder)
        sdk.shell("cmake -B build && cmake --build build", folder / name)
    return folder


def test_the_components_are_apart():
    wanted = ["sbin/wsed", "bin/wsectl", "include/wse/module.h", "include/wse/test_host.h"]
    for path in wanted + ["lib/wse/modules/auth_jwt.so", "share/wse/templates"]:
        assert (sdk.STAGE / path).exists(), path
    assert not list(sdk.STAGE.rglob("*.cc")), "sources are not installed"


def test_pkg_config_knows_the_package():
    moduledir = sdk.shell("pkg-config --variable=moduledir wse", ROOT).strip()
    assert pathlib.Path(moduledir).resolve() == sdk.STAGE / "lib/wse/modules"
    assert sdk.shell("pkg-config --variable=abi wse", ROOT).strip() == "1.0"


def test_the_prefix_may_be_moved(tmp_path):
    moved = tmp_path / "moved"
    sdk.shell(f"cp -r {sdk.STAGE} {moved}", tmp_path)
    sdk.shell("wsectl module new event moved_event", tmp_path, stage=moved)
    sdk.shell("cmake -B build && cmake --build build && ctest --test-dir build",
              tmp_path / "moved_event", stage=moved)
    sdk.shell("cmake --install build", tmp_path / "moved_event", stage=moved)
    assert (moved / "lib/wse/modules/moved_event.so").exists()


@pytest.mark.parametrize("name", PLUGINS)
def test_a_plugin_builds_as_its_readme_says(name, tmp_path):
    sdk.shell(f"cp -r {ROOT / 'plugins' / name}/. {tmp_path}", ROOT)
    command = [block for block in sdk.commands(tmp_path / "README.md") if "-shared" in block]
    assert len(command) == 1
    sdk.shell(command[0], tmp_path)
    assert_exports_nothing(inspect(tmp_path / f"{name}.so"))


def inspect(path):
    answer = run("wsectl", "module", "inspect", path, "--json")
    assert answer.returncode == 0, answer.stdout + answer.stderr
    return json.loads(answer.stdout)


def assert_exports_nothing(found):
    if not os.environ.get("CFLAGS"):  # sanitizers have symbols of their own
        assert found["exports"] == []


@pytest.mark.parametrize("name", NEW)
def test_a_new_module_passes_its_tests(projects, name):
    kind, _ = NEW[name]
    output = sdk.shell("ctest --test-dir build --output-on-failure --no-tests=error", projects / name)
    assert "100% tests passed" in output
    found = inspect(projects / name / "build" / f"{name}.so")
    assert (found["name"], found["kind"], found["abi"]) == (name, kind, "1.0")
    assert len(found["options"]) == 1
    assert_exports_nothing(found)


@pytest.mark.parametrize("name", NEW)
def test_a_new_module_has_no_warnings(projects, name):
    _, lang = NEW[name]
    compiler = "cc -std=c99" if lang == "c" else "c++ -std=c++17"
    source = name + (".c" if lang == "c" else ".cc")
    flags = "-Wall -Wextra -Wconversion -pedantic -Werror $CFLAGS"
    sdk.shell(f"{compiler} {flags} -shared -fPIC $(pkg-config --cflags wse) -o plain.so {source} "
              "$(pkg-config --libs wse)", projects / name)
    assert_exports_nothing(inspect(projects / name / "plain.so"))


@pytest.mark.parametrize("name", [*NEW, *PLUGINS])
def test_wse_module_check_finds_nothing(projects, name):
    built = projects / name / "build" if name in NEW else sdk.PLUGINS / name
    options = built / "check.toml"
    sdk.write_check_options(options, name, PLUGINS.get(name, {}), sdk.database(built / "check.db"))
    sdk.shell(f"wse-module-check {built / name}.so {options}", built)


def test_the_template_among_the_plugins_is_the_one_that_wsectl_writes(tmp_path):
    sdk.shell("wsectl module new snapshot snapshot_template", tmp_path)
    mine, theirs = tmp_path / "snapshot_template", ROOT / "plugins/snapshot_template"
    names = sorted(path.name for path in mine.iterdir())
    assert names == sorted(path.name for path in theirs.iterdir())
    assert filecmp.cmpfiles(mine, theirs, names, shallow=False)[0] == names


def test_without_wse_dev_wsectl_says_what_to_install(tmp_path):
    (tmp_path / "bin").mkdir()
    sdk.shell(f"cp {sdk.STAGE / 'bin/wsectl'} bin/", tmp_path)
    answer = subprocess.run([tmp_path / "bin/wsectl", "module", "new", "auth", "x"],
                            cwd=tmp_path, capture_output=True, text=True)
    assert answer.returncode == 1
    assert "install" in answer.stderr and "wse-dev" in answer.stderr
    assert not (tmp_path / "x").exists()


# A server takes one backplane, so those of the two languages are loaded by turns.
@pytest.mark.parametrize("absent", ["new_backplane_c", "new_backplane_cpp"])
def test_one_server_loads_them_all(projects, make_server, directory, absent):
    names = [name for name in NEW if name != absent]
    modules = {name: {"load": str(projects / name / "build" / f"{name}.so")} for name in names}
    for name, options in PLUGINS.items():
        modules[name] = {"load": str(sdk.PLUGINS / name / f"{name}.so"), **options}
    modules["snapshot_sqlite"]["database"] = str(sdk.database(directory / "state.db"))
    server = make_server(listen_main={"auth": "auth_jwt"},
                         **{f"module_{name}": table for name, table in modules.items()})
    checked = run("wsed", *server.command("-t")[1:])
    assert checked.returncode == 0, checked.stderr
    server.start()
    shown = {row["name"] for row in server.ctl_json("modules")["modules"]}
    assert shown == {*modules, "auth_jwt"}
    server.publish("demo", {"n": 1})
