# SPDX-License-Identifier: MIT
"""docs/writing-a-module.md, done as it says: every command, in order, against an installed
wse-dev; and the module that comes of it does in a server what is promised."""
import pathlib
import re

from support import sdk
from support.client import Client, asynchronous

GUIDE = pathlib.Path(__file__).resolve().parents[2] / "docs/writing-a-module.md"
FUNCTION = r"(static int32_t request_snapshot\(.*?\n}\n)"


def follow(directory):
    """Everything that the guide has a command or a piece of code for."""
    place = directory
    blocks = re.findall(r"^```(sh|c)\n(.*?)^```$", GUIDE.read_text(), re.M | re.S)
    for language, block in blocks:
        if language == "c":
            source = place / f"{place.name}.c"
            text, count = re.subn(FUNCTION, lambda _: block, source.read_text(), flags=re.S)
            assert count == 1
            source.write_text(text)
            continue
        output = sdk.shell(block, place)
        for entered in re.findall(r"^cd (\w+)$", block, re.M):
            place = place / entered
        yield block, output
    assert place != directory


@asynchronous
async def test_every_command_of_the_guide_works(make_server, directory, tmp_path):
    outputs = dict(follow(tmp_path))
    shown = "\n".join(outputs.values())
    for wanted in ("100% tests passed", "verdict    accepted", "snapshot_orders", "is ok"):
        assert wanted in shown, shown
    assert "snapshot_orders.calls" in shown or "calls" in shown
    module = tmp_path / "snapshot_orders/build/snapshot_orders.so"
    server = make_server(
        module_snapshot_orders={"load": str(module)},
        topic=[{"match": "*", "subscribe": True, "snapshot": "snapshot_orders"}],
    ).start()
    async with await Client.connect(server) as client:
        await client.subscribe("orders:7")
        assert (await client.until("topic_snapshot"))["p"]["data"] == {"order": "7"}
        await client.subscribe("other")
        assert (await client.until("topic_snapshot"))["p"]["empty"] is True
