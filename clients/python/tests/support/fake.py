# SPDX-License-Identifier: MIT
"""The other side of the application link, on a Unix socket, played by the test.

It keeps events as wsed does: what was not acknowledged is given again, to the next connection."""
import json
import queue
import socket
import struct
import threading

TIMEOUT_S = 20


class Peer:
    """One connection that was welcomed. Frames that are not drains are in `frames`."""

    def __init__(self, wsed, sock):
        self.wsed = wsed
        self.sock = sock
        self.lock = threading.Lock()
        self.frames = queue.Queue()
        self.binary = False
        self.hello = None

    def send(self, **message):
        with self.lock:
            self.sock.sendall(self.pack(message))

    def pack(self, message):
        if self.binary:
            import msgpack

            body = msgpack.packb(message, use_bin_type=True)
        else:
            body = json.dumps(message).encode()
        return struct.pack(">I", len(body)) + body

    def read(self):
        head = self.exactly(4)
        body = self.exactly(struct.unpack(">I", head)[0])
        if self.binary:
            import msgpack

            return msgpack.unpackb(body)
        return json.loads(body)

    def exactly(self, count):
        data = b""
        while len(data) < count:
            more = self.sock.recv(count - len(data))
            if not more:
                raise EOFError
            data += more
        return data

    def next(self, operation=None):
        """The next frame, which must be of that kind. Pings are not counted."""
        while True:
            message = self.frames.get(timeout=TIMEOUT_S)
            if message["op"] == "ping" and operation != "ping":
                continue
            assert operation in (None, message["op"]), message
            return message

    def answer(self, call, result=None):
        self.send(op="result", id=call["id"], ok=True, result=result)

    def refuse(self, call, code, message="no"):
        error = {"code": code, "message": message}
        self.send(op="result", id=call["id"], ok=False, error=error)

    def cut(self):
        self.sock.shutdown(socket.SHUT_RDWR)


class FakeWsed:
    """`answers`: method -> function of params, for calls that are answered at once."""

    def __init__(self, directory, epoch="e1", secret=None):
        self.path = str(directory / "app.sock")
        self.epoch = epoch
        self.secret = secret
        self.answers = {}
        self.refusal = None
        self.events = []
        self.acknowledged = 0
        self.acks = []
        self.lock = threading.Condition()
        self.peers = queue.Queue()
        self.all = []
        self.open()

    def open(self):
        self.listener = socket.socket(socket.AF_UNIX)
        self.listener.bind(self.path)
        self.listener.listen()
        threading.Thread(target=self.accept, args=(self.listener,), daemon=True).start()

    def shut(self):
        """Nobody listens any more, and all connections are cut."""
        import os

        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()
        os.unlink(self.path)
        for peer in self.all:
            try:
                peer.cut()
            except OSError:
                pass
        self.all = []

    def accept(self, listener):
        while True:
            try:
                sock, _ = listener.accept()
            except OSError:
                return
            threading.Thread(target=self.serve, args=(Peer(self, sock),), daemon=True).start()

    def peer(self):
        """The next connection that was welcomed."""
        return self.peers.get(timeout=TIMEOUT_S)

    def emit(self, event, **fields):
        with self.lock:
            self.events.append({"seq": len(self.events) + 1, "event": event, "ts": 1, **fields})
            self.lock.notify_all()

    def restart(self, epoch):
        """As another run: no events, another epoch."""
        self.shut()
        self.epoch, self.events, self.acknowledged = epoch, [], 0
        self.open()

    def serve(self, peer):
        try:
            if not self.greet(peer):
                peer.sock.close()
                return
            self.all.append(peer)
            self.peers.put(peer)
            while True:
                self.take(peer, peer.read())
        except (EOFError, OSError):
            peer.sock.close()

    def greet(self, peer):
        peer.hello = hello = peer.read()
        refusal = self.refusal or (
            ("denied", "the secret is wrong") if hello.get("secret") != self.secret else None
        )
        if refusal:
            peer.send(op="error", code=refusal[0], message=refusal[1])
            return False
        resume = hello.get("resume") or {}
        if resume.get("epoch") == self.epoch:
            self.acknowledge(resume["seq"])
        peer.send(
            op="welcome", version=1, server="0", instance="app_socket", epoch=self.epoch,
            seq=self.acknowledged, max_frame=1 << 20,
        )
        peer.binary = hello["format"] == "msgpack"
        return True

    def acknowledge(self, seq):
        self.acks.append(seq)
        self.acknowledged = max(self.acknowledged, seq)

    def take(self, peer, message):
        operation = message["op"]
        if "ack" in message or operation == "ack":
            self.acknowledge(message.get("ack", message.get("seq")))
        if operation == "drain":
            # It waits for events, and what comes behind it is read meanwhile.
            threading.Thread(target=self.drain, args=(peer, message), daemon=True).start()
        elif operation == "call" and message["method"] in self.answers:
            result = self.answers[message["method"]](message["params"])
            if "id" in message:
                peer.answer(message, result)
            peer.frames.put(message)
        elif operation == "ping":
            peer.frames.put(message)
            peer.send(op="pong")
        elif operation != "ack":
            peer.frames.put(message)

    def drain(self, peer, message):
        with self.lock:
            self.lock.wait_for(lambda: self.waiting(), message["wait_ms"] / 1000)
            rows = self.waiting()[: message["max"]]
        try:
            peer.send(op="events", id=message["id"], events=rows)
        except OSError:
            pass  # cut meanwhile

    def waiting(self):
        return self.events[self.acknowledged :]
