# SPDX-License-Identifier: MIT
"""permessage-deflate as a client has it (RFC 7692), bound to what the server has agreed to."""
import zlib

from conformance.wire import CONTINUATION, RSV1, Peer, fragments, frame, pieces

TAIL = b"\x00\x00\xff\xff"
NAME = "permessage-deflate"
KNOWN = {
    "server_no_context_takeover",
    "client_no_context_takeover",
    "server_max_window_bits",
    "client_max_window_bits",
}


def parameters_of(answer):
    """The agreed parameters; fails where the answer is none to permessage-deflate."""
    name, *rest = answer.split("; ")
    assert name == NAME
    agreed = dict(each.partition("=")[::2] for each in rest)
    assert len(agreed) == len(rest) and set(agreed) <= KNOWN, answer
    return agreed


class Deflate:
    def __init__(self, answer):
        self.agreed = parameters_of(answer)
        self.client_bits = self._bits("client_max_window_bits")
        # No larger than agreed: a server that goes beyond it cannot be read.
        self.server_bits = self._bits("server_max_window_bits")
        self.packer = self.unpacker = None

    def _bits(self, name):
        bits = int(self.agreed.get(name, "15"))
        assert 8 <= bits <= 15
        return bits

    def pack(self, payload, level=6):
        if not self.packer or "client_no_context_takeover" in self.agreed:
            self.packer = zlib.compressobj(level, zlib.DEFLATED, -max(9, self.client_bits))
        packed = self.packer.compress(payload) + self.packer.flush(zlib.Z_SYNC_FLUSH)
        assert packed.endswith(TAIL)
        return packed[:-4] or b"\x00"

    def unpack(self, packed):
        if not self.unpacker or "server_no_context_takeover" in self.agreed:
            self.unpacker = zlib.decompressobj(-self.server_bits)
        return self.unpacker.decompress(packed + TAIL)


class DeflatePeer(Peer):
    """A connection whose messages are compressed, in both directions."""

    def __init__(self, address, offer=NAME):
        super().__init__(address, offer)
        assert self.status == 101
        self.deflate = Deflate(self.extension)

    def frames(self, opcode, payload, fragment=0):
        packed = self.deflate.pack(payload)
        return b"".join(fragments(opcode, pieces(packed, fragment or len(packed)), rsv=RSV1))

    def send_packed(self, opcode, packed):
        self.send(frame(opcode, packed, rsv=RSV1))

    def message(self):
        """(opcode, payload, how many octets it had on the wire, was it compressed)."""
        got = self.read()
        assert got, "the connection has ended"
        opcode, payload, rsv = got
        assert rsv in (0, RSV1) and opcode != CONTINUATION
        return opcode, self.deflate.unpack(payload) if rsv else payload, len(payload), rsv == RSV1
