"""A SOCKS5 proxy and a web server that answers as a timestamp authority, both on loopback, for one test."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class WebAuthority:
    """Answers POST requests at its port with what `reply` makes of them."""

    def __init__(self, reply: Callable[[bytes], bytes], *, status: int = 200, tls=None) -> None:
        self.asked: list[dict[str, str]] = []
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                outer.asked.append({"path": self.path, **dict(self.headers)})
                self.send_response(status)
                self.end_headers()
                self.wfile.write(reply(body))

            def log_message(self, *_: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        if tls is not None:
            self._server.socket = tls.wrap_socket(self._server.socket, server_side=True)
        self.port = self._server.server_address[1]
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


class Proxy:
    """Takes SOCKS5 CONNECT by name and leads every name to one port here. `status` other than 0 refuses."""

    def __init__(self, port: int, *, status: int = 0) -> None:
        self.names: list[tuple[str, int]] = []
        self._port, self._status = port, status
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.address = f"127.0.0.1:{self._listener.getsockname()[1]}"
        threading.Thread(target=self._listen, daemon=True).start()

    def close(self) -> None:
        self._listener.close()

    def _listen(self) -> None:
        while True:
            try:
                channel, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(channel,), daemon=True).start()

    def _serve(self, channel: socket.socket) -> None:
        with channel:
            assert channel.recv(3) == b"\x05\x01\x00"
            channel.sendall(b"\x05\x00")
            assert channel.recv(4) == b"\x05\x01\x00\x03", "the name itself, not an address"
            name = channel.recv(channel.recv(1)[0]).decode()
            self.names.append((name, int.from_bytes(channel.recv(2), "big")))
            channel.sendall(bytes((5, self._status, 0, 1)) + bytes(6))
            if self._status:
                return
            with socket.create_connection(("127.0.0.1", self._port)) as onward:
                back = threading.Thread(target=_pump, args=(onward, channel), daemon=True)
                back.start()
                _pump(channel, onward)
                back.join(10)


def _pump(source: socket.socket, sink: socket.socket) -> None:
    try:
        while part := source.recv(4096):
            sink.sendall(part)
        sink.shutdown(socket.SHUT_WR)
    except OSError:
        return
