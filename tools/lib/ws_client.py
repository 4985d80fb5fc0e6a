#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""A WebSocket client of the standard library alone, for tools/run --check.

usage: WSE_TOKEN=... ws_client.py HOST:PORT TOPIC COMMAND [ARGUMENT...]

Subscribes to TOPIC, runs COMMAND once the server has acknowledged, prints the first event that
arrives on the topic and exits 0; exits 1 with a sentence when that does not happen in 10 s.
"""
import base64
import json
import os
import socket
import struct
import subprocess
import sys

DEADLINE_S = 10


def masked(payload):
    """A text frame as a client sends it."""
    key = os.urandom(4)
    length = len(payload)
    head = bytes([0x81]) + (
        bytes([0x80 | length]) if length < 126 else bytes([0x80 | 126]) + struct.pack("!H", length)
    )
    return head + key + bytes(byte ^ key[i % 4] for i, byte in enumerate(payload))


class WebSocket:
    def __init__(self, host, port, token):
        self.socket = socket.create_connection((host, port), DEADLINE_S)
        self.stream = self.socket.makefile("rb")
        nonce = base64.b64encode(os.urandom(16)).decode()
        lines = [
            "GET /wse HTTP/1.1",
            f"Host: {host}:{port}",
            "Upgrade: websocket",
            "Connection: Upgrade",
            "Sec-WebSocket-Version: 13",
            f"Sec-WebSocket-Key: {nonce}",
            f"Authorization: Bearer {token}",
        ]
        self.socket.sendall(("\r\n".join(lines) + "\r\n\r\n").encode())
        status = self.stream.readline().decode("latin-1").strip()
        if " 101 " not in status + " ":
            raise ConnectionError(f"the server answered the upgrade with '{status}'")
        while self.stream.readline().strip():
            pass

    def send(self, message):
        self.socket.sendall(masked(json.dumps(message).encode()))

    def read(self, count):
        data = self.stream.read(count)
        if len(data) < count:
            raise ConnectionError("the server ended the connection")
        return data

    def receive(self):
        """The next text message; a close frame is an error."""
        while True:
            first, length = self.read(2)
            if length == 126:
                (length,) = struct.unpack("!H", self.read(2))
            elif length == 127:
                (length,) = struct.unpack("!Q", self.read(8))
            payload = self.read(length)
            if first & 0x0F == 1:
                return json.loads(payload)
            if first & 0x0F == 8:
                raise ConnectionError(f"the server closed the connection: {payload!r}")

    def until(self, wanted):
        """Reads on to the message that `wanted` accepts."""
        while True:
            message = self.receive()
            if message["t"] == "error":
                raise ConnectionError(f"the server sent an error: {json.dumps(message['p'])}")
            if wanted(message):
                return message


def main(address, topic, command):
    host, port = address.rsplit(":", 1)
    client = WebSocket(host, int(port), os.environ["WSE_TOKEN"])
    client.until(lambda m: m["t"] == "server_ready")
    client.send({"c": "WSE", "t": "client_hello", "p": {"client_version": "check"}, "v": 1})
    subscribe = {"action": "subscribe", "topics": [topic]}
    client.send({"c": "WSE", "t": "subscription_update", "p": subscribe, "v": 1})
    ack = client.until(lambda m: m["t"] == "subscription_update")["p"]
    if topic not in ack["success_topics"]:
        raise ConnectionError(f"the server refused the subscription: {json.dumps(ack)}")
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    print(json.dumps(client.until(lambda m: m["c"] == "U")))


if __name__ == "__main__":
    if len(sys.argv) < 4:
        sys.exit(__doc__)
    try:
        main(sys.argv[1], sys.argv[2], sys.argv[3:])
    except (OSError, ValueError, KeyError, struct.error, subprocess.CalledProcessError) as error:
        sys.exit(f"ws_client: {error or type(error).__name__}")
