# SPDX-License-Identifier: MIT
"""Text that is no message, or a message with members that no decent client sends."""
import pytest

from support.peer import Peer, text, word

BAD = "INVALID_MESSAGE"
UNKNOWN = "UNKNOWN_TYPE"


def of_type(raw, rest=""):
    return '{"t":' + raw + rest + "}"


def ping(raw):
    """A ping with a timestamp as JSON text."""
    return '{"t":"ping","p":{"timestamp":' + raw + "}}"


def nested(depth, opening="[", closing="]", core=""):
    """A ping of so many levels."""
    levels = depth - 2
    return '{"t":"ping","p":{"x":' + opening * levels + core + closing * levels + "}}"


# name: the text, and its answer in a word (support/peer.py).
TEXTS = {
    "nothing at all": ("", BAD),
    "blanks": (" \t\r\n ", BAD),
    "byte order mark": ('\ufeff{"t":"ping"}', BAD),
    "nul": ("\0", BAD),
    "nul behind a message": ('{"t":"ping"}\0', BAD),
    "half a message": ('{"t":"ping","p":{', BAD),
    "cut inside a string": ('{"t":"pi', BAD),
    "cut inside an escape": ('{"t":"ping\\u00', BAD),
    "two messages": ('{"t":"ping"}{"t":"ping"}', BAD),
    "list of messages": ('[{"t":"ping"}]', BAD),
    "number": ("5", BAD),
    "null": ("null", BAD),
    "string": ('"ping"', BAD),
    "no members": ("{}", BAD),
    "comment": ('{"t":"ping"/*x*/}', BAD),
    "comma at the end": ('{"t":"ping",}', BAD),
    "single quotes": ("{'t':'ping'}", BAD),
    "name without quotes": ('{t:"ping"}', BAD),
    "value without quotes": (of_type("ping"), BAD),
    "raw line feed in a string": (of_type('"pi\nng"'), BAD),
    "raw escape in a string": (of_type('"\x1b[2J"'), BAD),
    "unknown escape": (of_type('"\\x41"'), BAD),
    "no type": ('{"p":{}}', BAD),
    "type null": (of_type("null"), BAD),
    "type number": (of_type("5"), BAD),
    "type true": (of_type("true"), BAD),
    "type list": (of_type('["ping"]'), BAD),
    "type object": (of_type('{"t":"ping"}'), BAD),
    "type empty": (of_type('""'), BAD),
    "type too long": (of_type('"' + "x" * 129 + '"'), BAD),
    "type huge": (of_type('"' + "x" * 60000 + '"'), BAD),
    "type of escapes": (of_type('"\\u0070\\u0069\\u006e\\u0067"'), "PONG"),
    "type with a nul": (of_type('"ping\\u0000"'), BAD),
    "type of control characters": (of_type('"\\u001b[2J\\u0007"'), UNKNOWN),
    "type of half a surrogate pair": (of_type('"\\ud800"'), BAD),
    "type twice": (of_type('"ping","t":"publish"'), BAD),
    "type beside its alias": (of_type('"no_such","type":"ping"'), UNKNOWN),
    "type of the server": (of_type('"server_ready"'), UNKNOWN),
    "type error": (of_type('"error"'), UNKNOWN),
    "payload twice": (of_type('"ping"', ',"p":{},"p":{}'), BAD),
    "payload null": (of_type('"no_such"', ',"p":null'), UNKNOWN),
    "payload number": (of_type('"ping"', ',"p":5'), BAD),
    "payload list": (of_type('"ping"', ',"p":[]'), BAD),
    "payload string": (of_type('"ping"', ',"p":"x"'), BAD),
    "payload true": (of_type('"ping"', ',"p":true'), BAD),
    "null everywhere": ('{"c":null,"t":null,"p":null,"id":null,"ts":null,"v":null}', BAD),
    "null but for the type": (of_type('"x"', ',"p":null,"id":null,"ts":null,"sig":null'), UNKNOWN),
    "wrong types": (of_type('"x"', ',"c":[],"id":{},"ts":5,"v":"x","seq":"y","sig":7'), UNKNOWN),
    "id too long": (of_type('"x"', ',"id":"' + "i" * 60000 + '"'), UNKNOWN),
    "NaN": (ping("NaN"), BAD),
    "Infinity": (ping("Infinity"), BAD),
    "-Infinity": (ping("-Infinity"), BAD),
    "1e999": (ping("1e999"), "PONG"),
    "number with a plus": (ping("+1"), BAD),
    "number with a zero in front": (ping("01"), BAD),
    "number without an end": (ping("1."), BAD),
    "number in hexadecimal": (ping("0x10"), BAD),
    "number of 60,000 digits": (ping("9" * 60000), "PONG"),
    "depth of 64": (nested(64), "PONG"),
    "depth of 65": (nested(65), BAD),
    "depth of 10,000": (nested(10000), BAD),
    "depth of 60,000, never closed": (nested(60000, closing=""), BAD),
    "objects to a depth of 10,000": (nested(10000, '{"a":', "}", "1"), BAD),
    "5,000 members": (of_type('"x"', "".join(f',"m{n}":0' for n in range(5000))), BAD),
    "old ping of letters": ("PING:abc", "nothing"),
    "old ping of 21 digits": ("PING:" + "1" * 21, "nothing"),
    "old pong": ("PONG:x", "nothing"),
    "prefix twice": ('WSE{WSE{"t":"ping"}', BAD),
    "prefix of nobody": ('X{"t":"ping"}', BAD),
    "compressed, says a text": ("C:xxxx", BAD),
    "encrypted, says a text": ("E:xxxx", BAD),
    "hello of wrong types": (
        of_type('"client_hello"', ',"p":{"client_version":5,"features":[]}'),
        "server_hello",
    ),
    "rotation of no key": (of_type('"key_rotation_request"'), "ENCRYPTION_REQUIRED"),
    "presence without data": (of_type('"presence_update"'), BAD),
    "presence data list": (of_type('"presence_update"', ',"p":{"data":[]}'), BAD),
    "presence data of half a surrogate pair": (
        of_type('"presence_update"', ',"p":{"data":{"a":"\\ud800"}}'),
        BAD,
    ),
    "presence data huge": (
        of_type('"presence_update"', ',"p":{"data":{"x":"' + "y" * 50000 + '"}}'),
        "MESSAGE_TOO_LARGE",
    ),
    "presence where it is not": (
        of_type('"presence_update"', ',"p":{"topic":"never","data":{}}'),
        "nothing",
    ),
}


@pytest.mark.parametrize("name", TEXTS)
def test_a_text_gets_its_answer_and_the_connection_stays(shared, name):
    message, answer = TEXTS[name]
    with Peer(shared) as peer:
        assert word(peer.answer(text(message))) == answer
        assert peer.is_well()
