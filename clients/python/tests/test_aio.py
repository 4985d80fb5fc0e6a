# SPDX-License-Identifier: MIT
"""The asyncio face of the link."""
import asyncio

import pytest

from wse_server.aio import AsyncLink
from wse_server.errors import LinkTimeout


def run(coroutine):
    return asyncio.run(asyncio.wait_for(coroutine, 60))


def link_to(wsed, **options):
    return AsyncLink(wsed.path, format="json", backoff=(0.001, 0.01), **options)


def test_calls_from_one_loop_run_side_by_side(wsed):
    async def scenario():
        async with link_to(wsed) as link:
            calls = [asyncio.ensure_future(link.call("info", {"n": n})) for n in range(3)]
            await asyncio.sleep(0)
            peer = wsed.peer()
            for frame in reversed([peer.next("call") for _ in range(3)]):
                peer.answer(frame, frame["params"]["n"])
            return await asyncio.gather(*calls)

    assert run(scenario()) == [0, 1, 2]


def test_a_call_without_an_answer_ends_in_time(wsed):
    async def scenario():
        async with link_to(wsed) as link:
            with pytest.raises(LinkTimeout):
                await link.call("info", timeout=0.05)

    run(scenario())


def test_the_loop_does_not_wait_for_room(wsed):
    async def scenario():
        async with link_to(wsed, max_pending=1000) as link:
            await asyncio.to_thread(wsed.peer)
            await asyncio.to_thread(wsed.shut)
            while link.link.connected:
                await asyncio.sleep(0)
            await link.post("first", {"text": "x" * 800})  # which leaves room, but too little
            second = asyncio.ensure_future(link.post("second", {"text": "x" * 800}))
            third = asyncio.ensure_future(link.call("third", {"text": "x" * 800}))
            await asyncio.sleep(0)  # both have begun, and the loop goes on
            wsed.open()
            await asyncio.wait_for(second, 20)
            third.cancel()

    run(scenario())


def test_coroutines_answer_on_the_loop(wsed):
    async def scenario():
        loop = asyncio.get_running_loop()

        async def who(question):
            assert asyncio.get_running_loop() is loop
            await asyncio.sleep(0)
            return question.data.upper()

        async with link_to(wsed, answers={"connect": who}):
            peer = await asyncio.to_thread(wsed.peer)
            peer.send(op="ask", id=1, question="connect", data="alice")
            answer = await asyncio.to_thread(peer.next, "answer")
        assert answer["user"] == "ALICE"

    run(scenario())


def test_coroutines_of_plain_functions_run_side_by_side(wsed):
    async def scenario():
        all_there, count = asyncio.Event(), 0

        async def who(question):
            nonlocal count
            count += 1
            if count == 50:
                all_there.set()
            await all_there.wait()
            return question.data

        async with link_to(wsed, answers={"connect": lambda question: who(question)}):
            peer = await asyncio.to_thread(wsed.peer)
            for number in range(1, 51):
                peer.send(op="ask", id=number, question="connect", data="alice")
            answers = [await asyncio.to_thread(peer.next, "answer") for _ in range(50)]
        assert {answer["id"] for answer in answers} == set(range(1, 51))

    run(scenario())


def test_events_are_an_iterator_over_breaks(wsed):
    async def scenario():
        got = []
        async with link_to(wsed) as link:
            for n in range(10):
                wsed.emit("message", conn="c1", data=n)
            async for event in link.events(3, 20):
                got.append(event.data)
                if event.data == 4:
                    wsed.peer().cut()
                if len(got) == 10:
                    break
        return got

    assert run(scenario()) == list(range(10))


def test_a_drain_that_was_given_up_leaves_its_events_to_the_next_one(wsed):
    async def scenario():
        async with link_to(wsed) as link:
            with pytest.raises(TimeoutError):
                async with asyncio.timeout(0.05):
                    await link.drain(9, 60_000)
            wsed.emit("text", conn="c1", data="hi")
            return [event.data for event in await link.drain(9, 60_000)]

    assert run(scenario()) == ["hi"]
