# SPDX-License-Identifier: MIT
"""An application of FastAPI under uvicorn, as a user would have behind the server.

As a program, "web_application.py [unix-socket-path]": prints where it listens, and serves.
"""
import asyncio
import hashlib
import socket
import subprocess
import sys

PYTHON = "/usr/bin/python3"
BLOCK = bytes(range(256)) * 256


class Application:
    """It, as a process of its own that a test may end and start again."""

    def __init__(self, path=None):
        """`path`: of a Unix socket; otherwise a port that stays the same over restarts."""
        self.path = path
        self.process = None
        self.socket = None
        if not path:
            self.socket = socket.create_server(("127.0.0.1", 0), backlog=256)
            self.url = f"http://127.0.0.1:{self.socket.getsockname()[1]}"
        else:
            self.url = f"unix:{path}"

    def start(self):
        arguments = [str(self.path)] if self.path else [f"fd={self.socket.fileno()}"]
        self.process = subprocess.Popen(
            [PYTHON, "-B", __file__, *arguments],
            stdout=subprocess.PIPE,
            pass_fds=[self.socket.fileno()] if self.socket else [],
        )
        assert self.process.stdout.readline() == b"serves\n"
        return self

    def kill(self):
        """At once, in the middle of whatever it does; nobody listens then."""
        self.process.kill()
        self.process.wait()
        self.process.stdout.close()
        self.process = None

    def close(self):
        if self.process:
            self.kill()
        if self.socket:
            self.socket.close()


def make_app():
    import fastapi
    from fastapi import responses

    app = fastapi.FastAPI()
    gate = asyncio.Event()
    events = asyncio.Queue()
    seen = {"gone": asyncio.Event()}

    @app.get("/page")
    async def page():
        return responses.HTMLResponse("<html><title>page</title></html>")

    @app.post("/json")
    async def json(body: dict):
        return {"sum": sum(body["numbers"])}

    @app.get("/who")
    async def who(request: fastapi.Request):
        return {"headers": dict(request.headers), "scheme": request.url.scheme}

    @app.post("/form")
    async def form(note: str = fastapi.Form(), file: fastapi.UploadFile = fastapi.File()):
        return {"note": note, "sha256": hashlib.sha256(await file.read()).hexdigest()}

    @app.post("/upload")
    async def upload(request: fastapi.Request):
        digest, size = hashlib.sha256(), 0
        async for part in request.stream():
            digest.update(part)
            size += len(part)
        return {"size": size, "sha256": digest.hexdigest()}

    @app.post("/refuse")
    async def refuse():
        return responses.PlainTextResponse("too large", 413)

    @app.get("/download")
    async def download(blocks: int, length: bool = False):
        async def parts():
            for _ in range(blocks):
                yield BLOCK

        headers = {"content-length": str(blocks * len(BLOCK))} if length else {}
        return responses.StreamingResponse(parts(), headers=headers)

    @app.get("/stream")
    async def stream():
        async def parts():
            yield b"first "
            await gate.wait()
            yield b"second"

        return responses.StreamingResponse(parts(), media_type="text/plain")

    @app.post("/go")
    async def go():
        gate.set()
        return responses.Response(status_code=204)

    @app.get("/breaks")
    async def breaks():
        async def parts():
            yield b"half"
            raise RuntimeError("in the middle")

        return responses.StreamingResponse(parts(), headers={"content-length": "8"})

    @app.get("/events")
    async def server_sent(request: fastapi.Request):
        async def parts():
            try:
                yield ": here\n\n"
                while True:
                    yield f"data: {await events.get()}\n\n"
            finally:
                seen["gone"].set()

        return responses.StreamingResponse(parts(), media_type="text/event-stream")

    @app.post("/events")
    async def add_event(body: dict):
        await events.put(body["text"])
        return {}

    @app.get("/gone")
    async def gone():
        """When a reader of /events has left."""
        await seen["gone"].wait()
        return {}

    @app.get("/silent")
    async def silent():
        await asyncio.Event().wait()

    @app.websocket("/app/ws")
    async def echo(websocket: fastapi.WebSocket):
        await websocket.accept()
        await websocket.send_json({"for": websocket.headers.get("x-forwarded-for")})
        try:
            while True:
                await websocket.send_text("echo " + await websocket.receive_text())
        except fastapi.WebSocketDisconnect:
            pass

    return app


def main(where):
    import uvicorn

    if where.startswith("fd="):
        listening = socket.socket(fileno=int(where[3:]))
    else:
        listening = socket.socket(socket.AF_UNIX)
        listening.bind(where)
        listening.listen(256)
    server = uvicorn.Server(uvicorn.Config(make_app(), log_level="error"))
    print("serves", flush=True)
    server.run(sockets=[listening])


if __name__ == "__main__":
    main(sys.argv[1])
