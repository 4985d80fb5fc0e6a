# SPDX-License-Identifier: MIT
"""A built module of kind transform behind transform_probe, for tests in Python."""

import json
import subprocess

OK, EINVAL, EAGAIN, EDENIED, ETOOBIG = 0, -1, -3, -4, -8
ROOM = 1 << 20


def coded(data):
    return bytes(data).hex() or "-"


class Probe:
    """What is called gives (status, bytes); bytes are None after a failure."""

    def __init__(self, program, module, **options):
        self.process = subprocess.Popen(
            [program, module, *(f"{name}={value}" for name, value in options.items())],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def end(self):
        """Every handle is closed and no rule of the ABI was broken."""
        self.process.stdin.close()
        self.process.stdout.close()
        return self.process.wait(30)

    def call(self, *words):
        self.process.stdin.write(" ".join(str(word) for word in words) + "\n")
        self.process.stdin.flush()
        status, _, data = self.process.stdout.readline().strip().partition(" ")
        return int(status), None if not data else bytes.fromhex(data.replace("-", ""))

    def open(self, offer):
        text = offer if isinstance(offer, bytes) else json.dumps(offer).encode()
        return self.call("open", coded(text))

    def rekey(self, offer):
        text = offer if isinstance(offer, bytes) else json.dumps(offer).encode()
        return self.call("rekey", coded(text))

    def encode(self, data, room=ROOM):
        return self.call("encode", coded(data), room)

    def decode(self, data, room=ROOM):
        return self.call("decode", coded(data), room)

    def counter(self, name):
        return self.call("counter", name)[0]
