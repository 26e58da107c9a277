"""Asking an authority over the network: only through a SOCKS proxy, only when told to.

This is the one place of muniment that opens a connection to another machine. Names are resolved by the proxy
(SOCKS5, RFC 1928, address type 3), never here; there is no way round a proxy that is not there.
"""

from __future__ import annotations

import http.client
import ipaddress
import socket
import ssl
from contextlib import closing
from urllib.parse import urlsplit

from muniment.errors import BadUse, Interrupted, Refused
from muniment.evidence.anchors.reply import LARGEST_REPLY

LARGEST_LIST = 20_000_000  # bytes; some authorities revoke a great many certificates
_PATIENCE = 60.0  # seconds for each step; Tor may take half of it
_SCHEMES = ("socks5h://", "socks5://")
_SOCKS_ERRORS = {
    1: "the proxy failed",
    2: "the proxy does not allow it",
    3: "the network is unreachable",
    4: "the authority is unreachable",
    5: "the authority refused the connection",
    6: "it took too long",
}


def read_proxy(address: str) -> tuple[str, int]:
    """The proxy's address: `socks5h://127.0.0.1:9050`, or without the scheme. Raises BadUse.

    A name would be looked up by this machine, so that only numbers and `localhost` are taken.
    """
    plain = next((address.removeprefix(s) for s in _SCHEMES if address.startswith(s)), address)
    try:
        parts = urlsplit(f"//{plain}")
        host, port = parts.hostname, parts.port
        if host == "localhost":
            host = "127.0.0.1"
        ipaddress.ip_address(host or "")
        good = bool(port) and parts.username is None and not parts.path
    except ValueError:
        good = False
    if not good:
        raise BadUse(
            "The address of a SOCKS proxy is a number and a port, such as 127.0.0.1:9050.",
            next="Start Tor or another SOCKS proxy and give its address with --proxy.",
        )
    assert host is not None and port is not None
    return host, port


def ask(url: str, request: bytes, proxy: str) -> bytes:
    """Send a request to an authority; gives its reply, unread.

    Raises Refused where there is no proxy, Interrupted where the authority cannot be reached or answers otherwise.
    """
    if not proxy:
        raise Refused(
            "No SOCKS proxy is set, so nothing is sent.",
            next="Name one: --proxy 127.0.0.1:9050. Or carry files: muniment stamp CASE --request DIR",
        )
    parts = urlsplit(url)
    assert parts.hostname is not None
    secure = parts.scheme == "https"
    port = parts.port or (443 if secure else 80)
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    try:
        with closing(_through(read_proxy(proxy), parts.hostname, port)) as channel:
            if secure:
                # Certificates of the web as the system trusts them; the token has its own roots.
                context = ssl.create_default_context()
                with context.wrap_socket(channel, server_hostname=parts.hostname) as inner:
                    return _post(inner, parts.hostname, port, target, request)
            return _post(channel, parts.hostname, port, target, request)
    except ssl.SSLCertVerificationError:
        raise _unreached("its web certificate cannot be trusted") from None
    except TimeoutError:
        raise _unreached("it took too long") from None
    except (OSError, http.client.HTTPException) as error:
        raise _unreached(getattr(error, "strerror", None) or type(error).__name__) from None


def _through(proxy: tuple[str, int], host: str, port: int) -> socket.socket:
    """A connection to host and port, made by the proxy."""
    name = host.encode("idna")
    channel = socket.create_connection(proxy, timeout=_PATIENCE)
    try:
        channel.sendall(b"\x05\x01\x00")  # version 5, one method: no password
        if _exactly(channel, 2) != b"\x05\x00":
            raise _unreached("the proxy is no SOCKS5 proxy, or asks for a password")
        request = b"\x05\x01\x00\x03" + bytes((len(name),)) + name + port.to_bytes(2, "big")
        channel.sendall(request)
        version, status, _, kind = _exactly(channel, 4)
        if version != 5 or status:
            raise _unreached(_SOCKS_ERRORS.get(status, "the proxy refused"))
        length = {1: 4, 4: 16}.get(kind) or _exactly(channel, 1)[0]
        _exactly(channel, length + 2)
    except BaseException:
        channel.close()
        raise
    return channel


def _exactly(channel: socket.socket, count: int) -> bytes:
    content = b""
    while len(content) < count:
        part = channel.recv(count - len(content))
        if not part:
            raise _unreached("the proxy hung up")
        content += part
    return content


def _post(channel: socket.socket, host: str, port: int, target: str, request: bytes) -> bytes:
    """One POST of RFC 3161, section 3.4. Redirections are not followed."""
    connection = http.client.HTTPConnection(host, port, timeout=_PATIENCE)
    connection.sock = channel
    headers = {
        "Content-Type": "application/timestamp-query",
        "Accept": "application/timestamp-reply",
        "Connection": "close",
    }
    connection.request("POST", target, body=request, headers=headers)
    answer = connection.getresponse()
    content = answer.read(LARGEST_REPLY + 1)
    if answer.status != 200 or len(content) > LARGEST_REPLY:
        raise _unreached(f"it answered {answer.status}, not with a timestamp")
    return content


def _unreached(why: str) -> Interrupted:
    return Interrupted(
        f"The authority gave no timestamp: {why}.",
        next="Try again later; the request is kept. Or carry the files: muniment stamp CASE --request DIR",
    )
