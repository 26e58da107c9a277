"""Serving the workbench on this machine's loopback, to one browser, until Ctrl-C."""

from __future__ import annotations

import socket
import sys
import threading
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from muniment.case.attendance import Attendance
from muniment.errors import BadUse

if TYPE_CHECKING:
    import uvicorn
    from starlette.types import ASGIApp

    from muniment.verbs.case import Case, Report, Watch
    from muniment.workbench.sitting import Sitting

LOOPBACK = "127.0.0.1"
_UNUSED = 8 * 3600.0
_LOOK_EVERY = 5.0


def serve(
    case: Case,
    *,
    port: int = 0,
    browser: bool = True,
    banner: str = "",
    on_start: Callable[[Case, Watch], Report | None] | None = None,
    tour: Sequence[dict[str, Any]] = (),
    attendance: Attendance | None = None,
) -> None:
    """Serve the workbench of an open case until Ctrl-C; prints its address, with the token, on one line.

    Where `attendance` is over (nobody used it for its time, the machine was suspended, the login ended), the
    workbench ends; work that goes on is use.

    `port` 0 takes a free one. `on_start` is done in the background as soon as the workbench is up (the demo
    fills its case there). `tour`: stations shown on the Desk, each {"title", "see", "query" or "path"}.
    Raises BadUse where the port is taken.
    """
    from muniment.verbs.dropping import begin_work
    from muniment.workbench.app import make_app
    from muniment.workbench.sitting import Sitting, stations

    case.status()  # what cannot be opened, or was put back, is told here and not on every screen
    channel = _listen(port)
    begin_work(case)
    number = channel.getsockname()[1]
    attended = attendance or Attendance(_UNUSED)
    sitting = Sitting(case, number, attended, banner=banner, tour=stations(list(tour)))
    server = _quiet_server(make_app(sitting))
    sitting.stop = lambda: setattr(server, "should_exit", True)
    if on_start is not None:
        sitting.work.begin("Filling the case", on_start)
    threading.excepthook = _tell_the_place
    address = f"http://{LOOPBACK}:{number}/?token={sitting.token}"
    sys.stdout.write(address + "\n")
    sys.stdout.flush()
    if browser:
        _open_browser(address)
    _serve_until_over(server, sitting, channel)


def _serve_until_over(server: Any, sitting: Sitting, channel: socket.socket) -> None:
    """Until Ctrl-C, or until nobody is there any more; then the work stops."""
    ended = threading.Event()
    watch = threading.Thread(target=_attend, args=(sitting, ended), daemon=True)
    watch.start()
    try:
        server.run(sockets=[channel])
    except KeyboardInterrupt:
        pass  # uvicorn raises the Ctrl-C again that it ended for
    finally:
        channel.close()
        ended.set()
        sitting.work.stop()
        watch.join()


def _attend(sitting: Sitting, ended: threading.Event) -> None:
    """Look now and then whether somebody is still at work; end the workbench where nobody is."""
    attendance = sitting.attendance
    while not ended.wait(min(_LOOK_EVERY, attendance.left())):
        if sitting.work.running:
            attendance.used()
        if attendance.over():
            sitting.work.stop()
            sitting.stop()
            return


def _quiet_server(app: ASGIApp) -> uvicorn.Server:
    """A server that writes no log: names of people may be in what is asked."""
    import uvicorn

    return uvicorn.Server(
        uvicorn.Config(
            app,
            loop="asyncio",
            http="h11",
            ws="none",
            lifespan="off",
            log_config=None,
            log_level="critical",
            access_log=False,
            server_header=False,
            date_header=False,
            proxy_headers=False,
            timeout_graceful_shutdown=2,
        )
    )


def _listen(port: int) -> socket.socket:
    channel = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    channel.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        channel.bind((LOOPBACK, port))
        channel.listen(128)
    except OSError as error:
        channel.close()
        raise BadUse(
            f"The workbench cannot listen on port {port}: {error.strerror}.",
            next="Leave --port away to take a free one.",
        ) from None
    return channel


def _tell_the_place(fault: threading.ExceptHookArgs) -> None:
    """A mistake of ours in a thread: its kind only. The text of an exception may be a document's."""
    sys.stderr.write(f"muniment: a mistake of ours: {fault.exc_type.__name__}\n")


def _open_browser(address: str) -> None:
    """In a thread, because some browsers are started in the foreground. Without a browser nothing happens."""
    import webbrowser

    threading.Thread(target=webbrowser.open, args=(address,), daemon=True).start()
