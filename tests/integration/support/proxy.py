# SPDX-License-Identifier: MIT
"""A TCP proxy in a thread of its own: who goes through it can be cut off from the others."""
import asyncio
import threading

from support.redis import HOST

CHUNK = 1 << 16


class Proxy:
    """Passes octets between its own port and `port`. `rewrite`: octets to replace in answers, as
    long as what replaces them; an answer is taken to come in one piece."""

    def __init__(self, port, rewrite=None, delay_s=0):
        """`delay_s`: how long all octets are on their way, in both directions together."""
        self.target = port
        self.rewrite = rewrite or {}
        self.delay_s = delay_s
        self.accepted = 0  # connections so far
        self.word = None
        self.port = None
        self.writers = set()
        self.open = None  # set while it passes octets on
        self.loop = asyncio.new_event_loop()
        self.thread = threading.Thread(target=self._run, daemon=True)
        self.started = threading.Event()

    def start(self):
        self.thread.start()
        assert self.started.wait(20), "the proxy did not start"
        return self

    @property
    def address(self):
        return f"{HOST}:{self.port}"

    def cut(self):
        """Nothing passes, in silence: what is on its way waits, and new connections hang."""
        self._call(self._cut)

    def mend(self, reset=False):
        """Passes on again what has waited; `reset`: all connections end instead."""
        self._call(lambda: self._mend(reset))

    def swallow(self, word):
        """Connections on which the word is asked from now on get no more answers; None: all are
        well again, and those end."""
        self._call(lambda: self._swallow(word))

    def drop(self):
        """Ends all connections; new ones are welcome."""
        self._call(self._drop)

    def stop(self):
        self.loop.call_soon_threadsafe(self.loop.stop)
        self.thread.join()
        for task in asyncio.all_tasks(self.loop):
            task.cancel()
        self._drop()
        self.loop.run_until_complete(asyncio.sleep(0))
        self.loop.close()

    def _call(self, function):
        done = threading.Event()

        def run():
            function()
            done.set()

        self.loop.call_soon_threadsafe(run)
        assert done.wait(20), "the proxy hangs"

    def _cut(self):
        self.open.clear()

    def _mend(self, reset):
        if reset:
            self._drop()
        self.open.set()

    def _swallow(self, word):
        self.word = word
        if word is None:
            self._drop()

    def _drop(self):
        for writer in self.writers:
            writer.transport.abort()

    def _run(self):
        asyncio.set_event_loop(self.loop)
        self.loop.run_until_complete(self._listen())
        self.started.set()
        self.loop.run_forever()

    async def _listen(self):
        self.open = asyncio.Event()
        self.open.set()
        server = await asyncio.start_server(self._accept, HOST, 0)
        self.port = server.sockets[0].getsockname()[1]

    async def _accept(self, reader, writer):
        self.writers.add(writer)
        self.accepted += 1
        there = None
        try:
            await self.open.wait()
            back, there = await asyncio.open_connection(HOST, self.target)
            self.writers.add(there)
            silent = asyncio.Event()
            ways = [
                asyncio.create_task(self._ask(reader, there, silent)),
                asyncio.create_task(self._answer(back, writer, silent)),
            ]
            await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
            for way in ways:
                way.cancel()
        except OSError:
            pass  # nobody is there: the one who came is told by the end of the connection
        finally:
            for one in (writer, there):
                if one is not None:
                    self.writers.discard(one)
                    one.transport.abort()

    async def _ask(self, reader, writer, silent):
        async for data in self._read(reader):
            if self.word and self.word in data:
                silent.set()
            await self._write(writer, data)

    async def _answer(self, reader, writer, silent):
        async for data in self._read(reader):
            for old, new in self.rewrite.items():
                data = data.replace(old, new)
            if silent.is_set():
                continue
            if self.delay_s:
                self.loop.call_later(self.delay_s, writer.write, data)
            else:
                await self._write(writer, data)

    async def _read(self, reader):
        """What comes, as long as it passes."""
        try:
            while data := await reader.read(CHUNK):
                await self.open.wait()
                yield data
        except OSError:
            pass

    @staticmethod
    async def _write(writer, data):
        try:
            writer.write(data)
            await writer.drain()
        except OSError:
            pass  # the other way ends as well
