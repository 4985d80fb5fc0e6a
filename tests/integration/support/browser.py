# SPDX-License-Identifier: MIT
"""Requests to the port of a server, over a connection that is kept."""
import http.client
import json


class Browser:
    """One connection that is kept; `connection.sock` is None once the server has ended it."""

    def __init__(self, server):
        self.connection = http.client.HTTPConnection(*server.host_port, timeout=20)

    def __enter__(self):
        return self

    def __exit__(self, *unused):
        self.connection.close()

    def ask(self, method, path, body=None, **headers):
        """The answer, whose body has not been read."""
        headers = {name.replace("_", "-"): text for name, text in headers.items()}
        self.connection.request(method, path, body, headers)
        return self.connection.getresponse()

    def get(self, path, **headers):
        answer = self.ask("GET", path, **headers)
        return answer.status, answer.read()

    def post(self, path, value):
        answer = self.ask("POST", path, json.dumps(value), Content_Type="application/json")
        body = answer.read()
        return answer.status, json.loads(body) if body else None
