"""A real server on loopback, of a model in a folder, and a proxy before it that misbehaves as it is told."""

import json
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections import deque
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

MODEL = "HuggingFaceTB/SmolLM2-135M-Instruct"
NARROW = "model"  # the last name of the folder that the fixture `narrow` makes


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


@contextmanager
def transformers_serve(model: Path, log: Path):
    """The address of `transformers serve` with the model of a folder, whose last name it has; stopped at the end."""
    port = free_port()
    # float32, because many processors have no fast half precision.
    options = [model.name, "--device", "cpu", "--dtype", "float32", "--host", "127.0.0.1", "--port", str(port)]
    command = [sys.executable, "-c", "from transformers.cli.transformers import main; main()", "serve", *options]
    with log.open("wb") as file:
        process = subprocess.Popen(command, stdout=file, stderr=subprocess.STDOUT, cwd=model.parent)
        try:
            address = f"http://127.0.0.1:{port}/v1"
            for _ in range(600):
                assert process.poll() is None, f"transformers serve ended:\n{log.read_text(encoding='utf-8')[-2000:]}"
                try:
                    urllib.request.urlopen(f"{address}/models", timeout=5).read()
                    break
                except OSError:
                    time.sleep(0.5)
            yield address
        finally:
            process.terminate()
            process.wait(30)


class Misbehaving(BaseHTTPRequestHandler):
    """Passes requests on, except that each of the server's `faults` is played once, in order.

    Beside them the server's `refuses` may give a status and a message, or a whole body, for a request, `shortens`
    change the request that is passed on, and `answers` change what comes back.
    """

    def do_POST(self) -> None:
        """One request."""
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.bodies.append(json.loads(body))
        if refused := self.server.refuses(json.loads(body)):
            status, said = refused
            content = said if isinstance(said, bytes) else json.dumps({"error": {"message": said}}).encode()
            self._send(status, content, {"Retry-After": "0"})
            return
        body = json.dumps(self.server.shortens(json.loads(body))).encode()
        try:
            fault = self.server.faults.popleft()
        except IndexError:
            fault = ""
        if fault.isdigit():
            self._send(int(fault), b'{"error": {"message": "injected"}}', {"Retry-After": "0"})
        elif fault == "nonsense":
            self._send(200, b"<html>Welcome</html>", {"Content-Type": "text/html"})
        elif fault.startswith(("{", "[")):  # a body
            self._send(200, fault.encode())
        elif fault == "cut off":
            self.send_response(200)
            self.send_header("Content-Length", "5000")
            self.end_headers()
            self.wfile.write(b'{"choices": [{"mess')
            self.close_connection = True
        elif fault == "slow":
            time.sleep(self.server.patience + 1)
            self.close_connection = True
        else:
            self._pass_on(body)

    def _pass_on(self, body: bytes) -> None:
        """To the real server and back."""
        request = urllib.request.Request(
            self.server.target + "/chat/completions", body, {"Content-Type": "application/json"}
        )
        try:
            with urllib.request.urlopen(request, timeout=300) as answer:
                self._send(answer.status, json.dumps(self.server.answers(json.loads(answer.read()))).encode())
        except urllib.error.HTTPError as problem:
            self._send(problem.code, problem.read())

    def _send(self, status: int, content: bytes, headers: dict | None = None) -> None:
        """A whole answer."""
        self.send_response(status)
        for name, value in (
            {"Content-Type": "application/json", "Content-Length": str(len(content))} | (headers or {})
        ).items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_) -> None:
        """Nothing: the tests' output is read by people."""


@contextmanager
def misbehaving(target: str, faults: list[str], patience: float = 60.0):
    """A proxy with its address, what it was sent (`bodies`) and the faults still to come (`faults`)."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Misbehaving)
    server.target, server.faults, server.bodies, server.patience = target, deque(faults), [], patience
    server.refuses, server.shortens, server.answers = (lambda body: None), (lambda body: body), (lambda answer: answer)
    server.address = f"http://127.0.0.1:{server.server_port}/v1"
    Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
