#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""What it costs that hosts are one: messages from a client of one host to a client of another,
through a Redis, beside the same messages through a bare PUBLISH and SUBSCRIBE of the same Redis.

    backplane_bench.py [--json] [--rounds N] [--messages N] [--bytes N]

docs/benchmarks.md says what is measured.
"""
import argparse
import json
import multiprocessing
import os
import pathlib
import re
import select
import shutil
import socket
import statistics
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "integration"))

from support import raw  # noqa: E402
from support.hosts import OPEN, Hosts  # noqa: E402
from support.redis import Redis  # noqa: E402
from support.server import Server  # noqa: E402

TOPICS = [f"bench:{number}" for number in range(16)]
WINDOW = 500  # publishes without an answer
RATE = 1000  # messages a second, where latency is measured
TIMEOUT_S = 120
AT = re.compile(rb'"at":(\d{16})')
TAIL = 24  # octets that may be the beginning of a match


class Ends:
    """How a client speaks with the server. `answer` is what comes for each publish."""

    def __init__(self, place):
        self.place = place

    def connect(self):
        stream = socket.create_connection(self.place, TIMEOUT_S)
        stream.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.greet(stream)
        return stream


class Bare(Ends):
    """PUBLISH and SUBSCRIBE."""

    answer = re.compile(rb":\d+\r\n")

    def greet(self, stream):
        pass

    def publish(self, number, payload):
        return command(b"PUBLISH", TOPICS[number % len(TOPICS)].encode(), payload)

    def subscribe(self, stream):
        stream.sendall(command(b"SUBSCRIBE", *(topic.encode() for topic in TOPICS)))
        read_until(stream, f":{len(TOPICS)}\r\n".encode())


class Wse(Ends):
    """A client of a host."""

    answer = re.compile(rb'"t":"publish_ack"')

    def __init__(self, server):
        super().__init__(server.host_port)
        self.request = raw.upgrade_request(server, server.token())

    def greet(self, stream):
        stream.sendall(self.request)
        read_until(stream, b'"server_ready"')
        say(stream, "client_hello", {"client_version": "bench"})
        read_until(stream, b'"server_hello"')

    def publish(self, number, payload):
        topic = TOPICS[number % len(TOPICS)]
        head = f'{{"c":"U","t":"publish","id":"{os.getpid()}-{number}","v":1,"p":'
        what = f'{{"topic":"{topic}","payload":'
        return raw.frame((head + what).encode() + payload + b"}}")

    def subscribe(self, stream):
        say(stream, "subscription_update", {"action": "subscribe", "topics": TOPICS})
        read_until(stream, b'"subscription_update"')


def command(*words):
    parts = [b"$%d\r\n%s\r\n" % (len(word), word) for word in words]
    return b"*%d\r\n%s" % (len(words), b"".join(parts))


def say(stream, kind, payload):
    message = {"c": "WSE", "t": kind, "p": payload, "v": 1}
    stream.sendall(raw.frame(json.dumps(message).encode()))


def read_until(stream, mark):
    data = b""
    while mark not in data:
        got = stream.recv(65536)
        assert got, f"the connection ended: {data[-500:]}"
        data += got


def payload_of(size):
    return b'{"at":%d,"fill":"%s"}' % (time.time_ns() // 1000, b"x" * (size - 36))


def publish_all(ends, count, size, rate, pipe):
    """As fast as answers come, or `rate` a second."""
    stream = ends.connect()
    pipe.recv()
    began, sent, answered, tail = time.monotonic(), 0, 0, b""
    while answered < count:
        allowed, wait = min(count, answered + WINDOW), TIMEOUT_S
        if rate:
            allowed = min(allowed, 1 + int((time.monotonic() - began) * rate))
            wait = max(0, began + sent / rate - time.monotonic())
        if sent < allowed:
            batch = range(sent, min(allowed, sent + 50))
            stream.sendall(b"".join(ends.publish(n, payload_of(size)) for n in batch))
            sent = batch.stop
            wait = 0
        if not select.select([stream], [], [], wait if sent < count else TIMEOUT_S)[0]:
            continue
        data, end = tail + stream.recv(1 << 18), 0
        for match in ends.answer.finditer(data):
            answered, end = answered + 1, match.end()
        tail = data[max(end, len(data) - TAIL) :]
    pipe.send(began)


def receive_all(ends, count, pipe):
    """When the last one came, and how old each was, in microseconds."""
    stream = ends.connect()
    ends.subscribe(stream)
    pipe.send("ready")
    ages, tail = [], b""
    while len(ages) < count:
        got = stream.recv(1 << 18)
        assert got, "the connection ended"
        now = time.time_ns() // 1000
        data, end = tail + got, 0
        for match in AT.finditer(data):
            ages.append(now - int(match[1]))
            end = match.end()
        tail = data[max(end, len(data) - TAIL) :]
    pipe.send((time.monotonic(), ages))


def cpu_seconds(pid):
    fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def run(publisher, subscriber, pids, count, size, rate=0):
    """One run; CPU of the processes in microseconds for a message, by name."""
    context = multiprocessing.get_context("fork")
    pipes = [context.Pipe() for _ in range(2)]
    workers = [
        context.Process(target=receive_all, args=(subscriber, count, pipes[0][1]), daemon=True),
        context.Process(
            target=publish_all, args=(publisher, count, size, rate, pipes[1][1]), daemon=True
        ),
    ]
    for worker in workers:
        worker.start()
    assert pipes[0][0].poll(TIMEOUT_S) and pipes[0][0].recv() == "ready"
    before = {name: cpu_seconds(pid) for name, pid in pids.items()}
    pipes[1][0].send("go")
    assert pipes[0][0].poll(TIMEOUT_S), "messages are missing"
    ended, ages = pipes[0][0].recv()
    assert pipes[1][0].poll(TIMEOUT_S), "answers are missing"
    began = pipes[1][0].recv()
    for worker in workers:
        worker.join()
    ages.sort()
    return {
        "per_second": count / (ended - began),
        "p50_us": ages[len(ages) // 2],
        "p99_us": ages[len(ages) * 99 // 100],
        "cpu_us": {name: (cpu_seconds(pid) - before[name]) / count * 1e6
                   for name, pid in pids.items()},
    }


def measure(redis, hosts, options):
    """By turns, so that what else the machine does is shared."""
    bare = Bare(("127.0.0.1", redis.port))
    ways = {
        "bare": (bare, bare, {"redis": redis.process.pid}),
        "wse": (
            Wse(hosts[0]),
            Wse(hosts[1]),
            {
                "publishing": hosts[0].process.pid,
                "redis": redis.process.pid,
                "subscribed": hosts[1].process.pid,
            },
        ),
    }
    found = {name: {"flood": [], "steady": []} for name in ways}
    for _ in range(options.rounds):
        for name, (publisher, subscriber, pids) in ways.items():
            where = found[name]
            where["flood"].append(run(publisher, subscriber, pids, options.messages, options.bytes))
            steady = min(options.messages, 5 * RATE)
            where["steady"].append(run(publisher, subscriber, pids, steady, options.bytes, RATE))
    return {name: summary(runs) for name, runs in found.items()}


def summary(runs):
    def median(kind, key):
        return statistics.median(each[key] for each in runs[kind])

    return {
        "per_second": median("flood", "per_second"),
        "cpu_us": {
            name: statistics.median(each["cpu_us"][name] for each in runs["flood"])
            for name in runs["flood"][0]["cpu_us"]
        },
        "p50_us": median("steady", "p50_us"),
        "p99_us": median("steady", "p99_us"),
    }


def print_lines(results):
    for name, each in results.items():
        cpu = ", ".join(f"{who} {spent:.1f}" for who, spent in each["cpu_us"].items())
        print(f"{name:6} {each['per_second']:9.0f} messages/s   at {RATE}/s: "
              f"p50 {each['p50_us'] / 1000:.2f} ms, p99 {each['p99_us'] / 1000:.2f} ms   "
              f"CPU for a message, µs: {cpu}")
    bare, wse = results["bare"], results["wse"]
    print(f"added  p50 {(wse['p50_us'] - bare['p50_us']) / 1000:.2f} ms, "
          f"p99 {(wse['p99_us'] - bare['p99_us']) / 1000:.2f} ms")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--messages", type=int, default=20_000, help="of each run")
    parser.add_argument("--bytes", type=int, default=256, help="of the payload")
    options = parser.parse_args()
    home = pathlib.Path(tempfile.mkdtemp(prefix="wse-"))
    servers = []

    def make_server(**tables):
        servers.append(Server(home / str(len(servers)), **tables))
        return servers[-1]

    redis = Redis(home / "redis")
    try:
        redis.start()
        rows = [{"match": "*", "history": {"messages": 1000}, **OPEN}]
        limits = {"rate_capacity": 1_000_000_000, "rate_refill": 1_000_000_000}
        hosts = Hosts(make_server, redis, 2, topic=rows, limits=limits, backplane={"shards": 16})
        results = measure(redis, hosts.start(), options)
    finally:
        for server in servers:
            server.stop()
        redis.stop()
        shutil.rmtree(home, ignore_errors=True)
    if options.json:
        print(json.dumps(results))
    else:
        print_lines(results)


if __name__ == "__main__":
    main()
