# SPDX-License-Identifier: MIT
"""What can go wrong, by what a caller does about it."""
from __future__ import annotations


class WSEError(Exception):
    """The base of all errors of this package."""


class StartError(WSEError, RuntimeError):
    """wsed could not be found or did not start; the text has its own diagnostics."""


class LinkError(WSEError, ConnectionError):
    """The link to wsed cannot be used."""


class LinkRefused(LinkError):
    """wsed answered the hello with an error: the secret, the version."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code


class LinkLost(LinkError):
    """The link broke after the call was sent: nobody knows whether it was carried out."""


class LinkTimeout(LinkError, TimeoutError):
    """No answer came, or there was no room to send, in the time that the caller gave."""


class CallError(WSEError):
    """wsed refused a call; `code` is for programs, the text for people."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message


class PublishError(WSEError):
    """Redis did not take an event, after several tries."""


class Denied(WSEError):
    """Raised by a handler of questions: no."""


class NotFound(WSEError):
    """Raised by a handler of snapshot questions: there is none."""


class Unavailable(WSEError):
    """Raised by a handler of questions: not now, ask again."""
