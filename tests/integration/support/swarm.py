# SPDX-License-Identifier: MIT
"""Many clients that lose their connections and recover, in processes of their own.

As little Python per message as can be: a thousand clients share one process and one thread.
"""
import asyncio
import json
import multiprocessing
import os
import random
import resource

from support import raw

MAX_FAILURES = 10  # that one process tells of


class Listener:
    """One client over all its connections. Topics must be subscribed before their first message."""

    def __init__(self, number, names, home):
        self.number = number
        self.names = names  # topics or patterns
        self.home = home
        self.positions = {}  # (epoch, offset) by topic or pattern: what it gives back
        self.keys = {}  # of the events, by topic: the first one has offset 1
        self.connection = None
        self.connections = 0
        self.is_subscribed = False
        self.has_answer = False

    def connect(self, request):
        self.connections += 1
        self.connection = Connection(self, request)
        return self.connection

    def fail(self, sentence):
        self.home.fail(f"client {self.number}, connection {self.connections}: {sentence}")

    def subscribe(self):
        recovery = {name: {"epoch": e, "offset": o} for name, (e, o) in self.positions.items()}
        self.connection.send(
            "subscription_update",
            {"action": "subscribe", "topics": self.names, "recover": True, "recovery": recovery},
        )

    def acknowledged(self, payload):
        if payload.get("failed_topics"):
            return self.fail(f"refused: {payload}")
        for name, entry in payload.get("recovery", {}).items():
            if name not in self.positions or (name[-1] == "*" and self.home.roams):
                self.positions[name] = (entry["epoch"], entry["offset"])
            elif not entry["recovered"]:
                self.fail(f"{name} was not recovered from {self.positions[name]}: {entry}")
        if payload.get("success_topics") and not self.is_subscribed:
            self.is_subscribed = True
            self.home.subscribed()

    def event(self, message):
        topic, epoch, offset = message["tp"], message["e"], message["o"]
        keys = self.keys.setdefault(topic, [])
        known = self.positions.get(topic, (epoch, 0))
        key = key_of(message)
        if epoch != known[0]:
            self.fail(f"{topic} has epoch {epoch} at offset {offset}, after {known}")
        elif offset <= known[1]:
            self.home.repeated += 1
            if keys[offset - 1] != key:
                self.fail(f"{topic}:{offset} came again as {key}, and was {keys[offset - 1]}")
        elif offset != known[1] + 1:
            self.fail(f"{topic} lost {known[1] + 1} to {offset - 1}")
        else:
            keys.append(key)
            self.positions[topic] = (epoch, offset)


def payload_for(key):
    """What is published under that key, so that a payload can be told to be right."""
    number = int(key.rpartition("-")[2])
    return {"key": key, "fill": "x" * (number * 37 % 500)}


def key_of(message):
    key = message["p"].get("key")
    is_right = key == message["id"] and message["p"] == payload_for(key)
    return key if is_right else f"damaged: {message}"


class Connection(asyncio.Protocol):
    def __init__(self, listener, request):
        self.listener = listener
        self.request = request
        self.buffer = b""
        self.is_upgraded = False
        self.is_acknowledged = False
        self.is_asked = False
        self.transport = None

    def connection_made(self, transport):
        self.transport = transport
        transport.write(self.request)

    def connection_lost(self, error):
        if self.listener.connection is self:
            self.listener.connection = None
            self.listener.home.connect_later(self.listener)

    def data_received(self, data):
        data = self.buffer + data if self.buffer else data
        position, end = 0, len(data)
        if not self.is_upgraded:
            position = data.find(b"\r\n\r\n") + 4
            if position < 4:
                self.buffer = data
                return
            if not data.startswith(b"HTTP/1.1 101 "):
                return self.transport.abort()  # stopping; it comes back
            self.is_upgraded = True
        while end - position >= 2:
            length, start = data[position + 1], position + 2
            if length >= 126:
                start += 2 if length == 126 else 8
                length = int.from_bytes(data[position + 2 : start], "big")
            if start + length > end:
                break
            if data[position] & 0x0F == 1:
                self.message(json.loads(data[start : start + length]))
            position = start + length
        self.buffer = data[position:]

    def message(self, message):
        kind = message["t"]
        if "o" in message:
            self.listener.event(message)
        elif kind == "server_ready":
            self.send("client_hello", {"client_version": "test"})
            self.listener.subscribe()
        elif kind == "subscription_update":
            self.is_acknowledged = True
            self.listener.acknowledged(message["p"])
        elif kind == "PONG":
            self.listener.has_answer = True
        elif kind == "ping":
            self.send("PONG", {})
        elif kind == "error" and message["p"]["code"] != "UNAVAILABLE":
            self.listener.fail(f"error: {message}")

    def ask(self):
        """Whatever was sent to it before the answer has come by then."""
        if not self.is_asked:
            self.is_asked = True
            self.send("ping", {"timestamp": 1})

    def send(self, kind, payload):
        text = json.dumps({"c": "WSE", "t": kind, "p": payload, "v": 1})
        self.transport.write(raw.frame(text.encode()))


class SwarmProcess:
    """One process of clients, and its end of the pipe to the test."""

    def __init__(self, servers, pipe, names, first, seed):
        self.servers = servers  # copies: only their addresses and tokens count here
        self.token = servers[0].token(ttl=86400)
        self.pipe = pipe
        self.random = random.Random(seed)
        self.listeners = [Listener(first + i, each, self) for i, each in enumerate(names)]
        self.waiting = len(names)  # for their first acknowledgement
        self.loop = None
        self.requests = []  # of each server
        # The place of a pattern is of its server alone, those of its topics are of all.
        self.roams = len(servers) > 1
        self.drops_per_s = 0
        self.dropped = 0
        self.repeated = 0
        self.failures = 0

    async def run(self):
        self.loop = asyncio.get_running_loop()
        self.loop.add_reader(self.pipe.fileno(), self.obey)
        self.use_addresses([server.address for server in self.servers])
        for listener in self.listeners:
            self.connect_later(listener, len(self.listeners) / 500)
        parent = os.getppid()
        before = self.loop.time()
        while os.getppid() == parent:  # a test that was killed takes its clients along
            await asyncio.sleep(0.1)
            now = self.loop.time()
            self.drop_some(now - before)
            before = now

    def obey(self):
        order, value = self.pipe.recv()
        if order == "addresses":
            self.use_addresses(value)
        elif order == "drop":
            self.drops_per_s = value
        elif order == "finish":
            self.loop.create_task(self.finish(*value))

    def use_addresses(self, addresses):
        for server, address in zip(self.servers, addresses):
            server.addresses["main"] = address
        self.requests = [raw.upgrade_request(server, self.token) for server in self.servers]

    def subscribed(self):
        self.waiting -= 1
        if self.waiting == 0:
            self.pipe.send(("ready", None))

    def fail(self, sentence):
        self.failures += 1
        if self.failures <= MAX_FAILURES:
            self.pipe.send(("failed", sentence))

    def connect_later(self, listener, most_s=0.5):
        delay = self.random.uniform(0.01, most_s)
        self.loop.call_later(delay, lambda: self.loop.create_task(self.connect(listener)))

    async def connect(self, listener):
        place = self.random.randrange(len(self.servers))
        try:
            await self.loop.create_connection(
                lambda: listener.connect(self.requests[place]), *self.servers[place].host_port
            )
        except OSError:  # nobody is there for now
            listener.connection = None
            self.connect_later(listener)

    def drop_some(self, seconds):
        connected = [one for one in self.listeners if one.connection and one.connection.transport]
        count = min(len(connected), int(self.drops_per_s * seconds + self.random.random()))
        for listener in self.random.sample(connected, count):
            self.dropped += 1
            listener.connection.transport.abort()

    async def finish(self, truth, seconds):
        """Waits until every client has all of `truth`, keys by topic, and compares."""
        deadline = self.loop.time() + seconds
        waiting = self.listeners
        while waiting and self.loop.time() < deadline:
            for listener in waiting:
                if has_all(listener, truth):
                    listener.connection.ask()
            await asyncio.sleep(0.05)
            waiting = [one for one in waiting if not one.has_answer]
        for listener in self.listeners:
            self.compare(listener, truth)
        self.pipe.send(("done", {
            "connections": sum(one.connections for one in self.listeners),
            "dropped": self.dropped,
            "repeated": self.repeated,
            "events": sum(len(keys) for one in self.listeners for keys in one.keys.values()),
            "failures": self.failures,
        }))

    def compare(self, listener, truth):
        if not listener.has_answer:
            listener.fail("it is not at rest: " + (
                "not connected" if not listener.connection else
                "not acknowledged" if not listener.connection.is_acknowledged else
                "no answer to its ping" if listener.connection.is_asked else "messages are missing"
            ))
        for topic, expected in truth.items():
            if not is_of(listener.names, topic):
                continue
            got = listener.keys.get(topic, [])
            if got == expected:
                continue
            at = next((i for i, pair in enumerate(zip(got, expected)) if pair[0] != pair[1]),
                      min(len(got), len(expected)))
            listener.fail(f"{topic} has {len(got)} of {len(expected)} messages; the first that "
                          f"differs, of offset {at + 1}: {got[at:at + 1]}, published "
                          f"{expected[at:at + 1]}")


def is_of(names, topic):
    return any(name == topic or (name[-1] == "*" and topic.startswith(name[:-1]))
               for name in names)


def has_all(listener, truth):
    return listener.connection and listener.connection.is_acknowledged and all(
        len(listener.keys.get(topic, ())) >= len(truth[topic])
        for topic in truth
        if is_of(listener.names, topic)
    )


def run_process(*arguments):
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft != hard:
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    asyncio.run(SwarmProcess(*arguments).run())


class Swarm:
    """The test's end: starts the processes, gives them orders, hears of failures."""

    def __init__(self, servers, names, seed, processes=2):
        """`names`: what each client subscribes. It connects to any of the servers, which take the
        same tokens, and comes back to any of them."""
        self.pipes, self.processes = [], []
        context = multiprocessing.get_context("fork")
        share = -(-len(names) // processes)
        for first in range(0, len(names), share):
            ours, theirs = context.Pipe()
            arguments = (servers, theirs, names[first : first + share], first, f"{seed}/{first}")
            process = context.Process(target=run_process, args=arguments, daemon=True)
            process.start()
            theirs.close()
            self.pipes.append(ours)
            self.processes.append(process)

    def order(self, what, value=None):
        for pipe in self.pipes:
            pipe.send((what, value))

    def set_drops(self, per_second):
        self.order("drop", per_second / len(self.pipes))

    def failures(self):
        """What the clients have complained of, without waiting."""
        found = []
        for pipe in self.pipes:
            while pipe.poll():
                found.append(self._receive(pipe)[1])
        return found

    def gather(self, what, seconds):
        """One answer of that kind from each process."""
        answers, failures = [], []
        for pipe in self.pipes:
            while True:
                assert pipe.poll(seconds), f"a process of clients did not answer: {failures}"
                kind, value = self._receive(pipe)
                if kind == what:
                    answers.append(value)
                    break
                failures.append(value)
        assert not failures, "\n".join(map(str, failures))
        return answers

    @staticmethod
    def _receive(pipe):
        try:
            return pipe.recv()
        except EOFError:
            raise AssertionError("a process of clients has ended") from None

    def stop(self):
        for process in self.processes:
            process.kill()
            process.join()
