# SPDX-License-Identifier: MIT
"""Values as JSON or MessagePack, and the frames of the application link.

A frame is four octets of length, big-endian, and a text in one of the two forms. orjson is used
when it is there, and so is msgpack; neither is needed.
"""
from __future__ import annotations

import base64
import datetime
import decimal
import enum
import json
import math
import struct
import uuid
from collections.abc import Iterator
from typing import Any

from .errors import LinkError

try:
    import orjson
except ImportError:
    orjson = None  # type: ignore[assignment]
try:
    import msgpack
except ImportError:
    msgpack = None

HEADER = struct.Struct(">I")
DEFAULT_MAX_FRAME = 16 << 20


def plain(value: Any) -> Any:
    """What JSON has no form for, as it is written there."""
    if isinstance(value, enum.Enum):
        return value.value
    if isinstance(value, (datetime.datetime, datetime.date, datetime.time)):
        return value.isoformat()
    if isinstance(value, (uuid.UUID, decimal.Decimal)):
        return str(value)
    if isinstance(value, (bytes, bytearray, memoryview)):
        return base64.b64encode(value).decode()
    if isinstance(value, (set, frozenset, tuple)):
        return list(value)
    raise TypeError(f"a {type(value).__name__} has no form in JSON")


def dump_json(value: Any) -> bytes:
    """Compact, in UTF-8. A ValueError for what no parser would take: half a surrogate pair."""
    if orjson is not None:
        try:
            return orjson.dumps(value, default=plain, option=orjson.OPT_NON_STR_KEYS)
        except TypeError:  # integers beyond 64 bits, half surrogate pairs
            pass
    text = json.dumps(
        value, default=plain, ensure_ascii=False, separators=(",", ":"), allow_nan=False
    )
    return text.encode()


def load_json(text: bytes | str) -> Any:
    """A ValueError when it is none."""
    if orjson is not None:
        try:
            return orjson.loads(text)
        except orjson.JSONDecodeError:
            pass  # integers beyond 64 bits
    return json.loads(text)


def load_object(text: bytes | str) -> dict[str, Any] | None:
    """The object that the text is, or None."""
    try:
        value = load_json(text)
    except ValueError:
        return None
    return value if isinstance(value, dict) else None


class Codec:
    """One of the two forms."""

    name = "json"
    binary = False  # octets travel as they are

    def dump(self, message: dict[str, Any]) -> bytes:
        return dump_json(message)

    def load(self, body: bytes) -> Any:
        return load_json(body)


def _name(key: Any) -> str:
    """The key of a member, as JSON has it."""
    if isinstance(key, str):
        return key
    said = key if key is None or isinstance(key, (bool, int, float)) else plain(key)
    if isinstance(said, (dict, list)):
        raise TypeError(f"a {type(key).__name__} is no name of a member")
    return said if isinstance(said, str) else json.dumps(said)


def as_json(value: Any) -> Any:
    """MessagePack has a form for more than JSON has, and wsed ends a link on which it comes."""
    if isinstance(value, dict):
        return {_name(key): as_json(each) for key, each in value.items()}
    if isinstance(value, (list, tuple)):
        return [as_json(each) for each in value]
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value


class MsgpackCodec(Codec):
    name = "msgpack"
    binary = True

    def dump(self, message: dict[str, Any]) -> bytes:
        return msgpack.packb(
            as_json(message), default=lambda value: as_json(plain(value)), use_bin_type=True
        )

    def load(self, body: bytes) -> Any:
        return msgpack.unpackb(body, raw=False, strict_map_key=False)


def codec(name: str = "auto") -> Codec:
    """`auto` is MessagePack where the package is there, else JSON."""
    if name == "auto":
        name = "json" if msgpack is None else "msgpack"
    if name == "json":
        return Codec()
    if name != "msgpack":
        raise ValueError(f"format: {name!r} is neither json nor msgpack")
    if msgpack is None:
        raise ValueError("format: msgpack needs the package python3-msgpack")
    return MsgpackCodec()


def frame(body: bytes) -> bytes:
    return HEADER.pack(len(body)) + body


class FrameReader:
    """Cuts what arrives into frames."""

    def __init__(self, max_frame: int = DEFAULT_MAX_FRAME) -> None:
        self.max_frame = max_frame
        self._buffer = bytearray()

    def feed(self, data: bytes) -> Iterator[bytes]:
        """The bodies that are whole now. A LinkError when one is too long."""
        self._buffer += data
        at, end = 0, len(self._buffer)
        try:
            while end - at >= HEADER.size:
                (length,) = HEADER.unpack_from(self._buffer, at)
                if length > self.max_frame:
                    raise LinkError(f"a frame of {length} bytes is over {self.max_frame}")
                if end - at - HEADER.size < length:
                    return
                at += HEADER.size + length
                yield bytes(self._buffer[at - length : at])
        finally:
            # Once for all of them: the rest would be moved for each frame otherwise.
            del self._buffer[:at]
