# SPDX-License-Identifier: MIT
"""What is built: a wheel and a Debian package that hold the whole of it."""
import pathlib
import subprocess
import zipfile

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[3]
SOURCE = ROOT / "clients/python/wse_server"


def run(*command, **options):
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, **options)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    """(the wheel, the .deb)"""
    out = tmp_path_factory.mktemp("python")
    lines = run(str(ROOT / "tools/build-python-deb"), str(out)).splitlines()
    return [pathlib.Path(line) for line in lines]


def sources():
    files = {path.relative_to(SOURCE.parent) for path in SOURCE.rglob("*.py")}
    return {str(path) for path in files | {pathlib.Path("wse_server/py.typed")}}


def test_the_wheel_has_every_file(built):
    wheel, _ = built
    assert wheel.name == "wse_server-0.1.0-py3-none-any.whl"
    names = set(zipfile.ZipFile(wheel).namelist())
    assert {name for name in names if not name.startswith("wse_server-")} == sources()


def test_the_debian_package_has_every_file_and_can_be_used(built, tmp_path):
    _, deb = built
    run("dpkg-deb", "--extract", str(deb), str(tmp_path))
    packages = tmp_path / "usr/lib/python3/dist-packages"
    found = {str(path.relative_to(packages)) for path in packages.rglob("wse_server/**/*")
             if path.is_file()}
    assert found == sources()
    code = "import wse_server; from wse_server._wse_accel import RustWSEServer; print('whole')"
    environment = {"PYTHONPATH": str(packages), "PATH": "/usr/bin:/bin"}
    assert run("/usr/bin/python3", "-B", "-c", code, env=environment) == "whole\n"
    fields = run("dpkg-deb", "--field", str(deb), "Package", "Depends")
    assert "Package: python3-wse-server" in fields and "python3 (>= 3.11)" in fields


def test_every_name_that_is_offered_is_there():
    for package in ("redis", "fastapi"):
        pytest.importorskip(package)
    import wse_server

    for name in wse_server.__all__:
        assert getattr(wse_server, name).__doc__ is not None or name == "EVENT_TYPE_MAP", name
    with pytest.raises(AttributeError, match="nothing"):
        wse_server.nothing


def test_it_needs_nothing_but_the_standard_library():
    """But for the router and the bus."""
    code = """
import sys
for name in ("msgpack", "orjson", "redis", "fastapi", "starlette"):
    sys.modules[name] = None
import wse_server._wse_accel, wse_server.aio, wse_server.pubsub_bus, wse_server.router_config
print(wse_server.link.codec("auto").name)
"""
    environment = {"PYTHONPATH": str(SOURCE.parent), "PATH": "/usr/bin:/bin"}
    assert run("/usr/bin/python3", "-B", "-c", code, env=environment) == "json\n"


LAYOUT = [
    ("server.core.pubsub_bus", "PubSubBus"),
    ("server.core.types", "EventPriority"),
    ("server.core.event_mappings", "EVENT_TYPE_MAP"),
    ("server.core.event_transformer", "EventTransformer"),
    ("server.core.event_filters", "EventFilter"),
    ("server.services.snapshot_service", "SnapshotServiceProtocol"),
    ("server.wse_router", "router"),
    ("server.dependencies", "get_pubsub_bus"),
]


def test_the_folder_of_the_guide_is_importable_where_it_is_written(tmp_path):
    pytest.importorskip("fastapi")
    pytest.importorskip("redis")
    environment = {"PYTHONPATH": str(SOURCE.parent), "PATH": "/usr/bin:/bin"}
    command = ["/usr/bin/python3", "-B", "-m", "wse_server", "layout", str(tmp_path)]
    assert run(*command, env=environment) == f"{tmp_path}/server\n"
    code = "".join(f"from {module} import {name}\n" for module, name in LAYOUT)
    code += "assert [route.path for route in router.routes] == ['/wse', '/wse/health']\n"
    run("/usr/bin/python3", "-B", "-c", code, env=environment, cwd=tmp_path)
    again = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60)
    assert again.returncode == 73 and "exists" in again.stderr
