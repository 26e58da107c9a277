"""The program: which verbs there are, and what becomes of an error."""

from __future__ import annotations

import errno
import sys
from collections.abc import Callable, Sequence
from importlib import import_module
from io import TextIOWrapper
from typing import Any

import click

from muniment.case.secrecy import keep_to_oneself
from muniment.command.printing import print_error
from muniment.errors import BadUse, Interrupted, MunimentError

# A verb is the function of that name (`open_` for `open`) in the file of that name.
VERBS = (
    "new",
    "add",
    "retry",
    "status",
    "documents",
    "show",
    "find",
    "statements",
    "figures",
    "note",
    "names",
    "judge",
    "stamp",
    "verify",
    "audit",
    "hold",
    "withdraw",
    "custody",
    "key",
    "copy",
    "repair",
    "unlock",
    "lock",
    "open",
    "demo",
)
_KEYWORDS = {"open": "opened"}


class _Verbs(click.Group):
    """Verbs are loaded only when they are used."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        del ctx
        return list(VERBS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        del ctx
        if cmd_name not in VERBS:
            return None
        name = _KEYWORDS.get(cmd_name, cmd_name)
        command: click.Command = getattr(import_module(f"muniment.command.{name}"), name)
        return command


@click.group(cls=_Verbs, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="muniment", message="muniment %(version)s")
def program() -> None:
    """What did the source hand over, what is in it, and can it be proved?

    muniment seals leaked documents, reads them, finds what is in them, and keeps the proof. It works without
    a network.

    \b
    Begin:      muniment new CASE · muniment add CASE FOLDER · muniment find CASE 'words'
    See it:     muniment open CASE, or muniment demo
    Completion: eval "$(_MUNIMENT_COMPLETE=bash_source muniment)"  (also zsh_source, fish_source)
    """


def load_all() -> None:
    """Load every verb, for the process that keeps a case open."""
    for name in VERBS:
        import_module(f"muniment.command.{_KEYWORDS.get(name, name)}")


def run(arguments: Sequence[str]) -> int:
    """Run one command; returns the exit status of docs/reference/exit-codes.md."""
    as_json = "--json" in arguments
    keep_to_oneself()
    _escape_what_a_terminal_lacks()
    try:
        result = program.main(list(arguments), prog_name="muniment", standalone_mode=False)
        return result if isinstance(result, int) else 0
    except MunimentError as error:
        print_error(error, as_json=as_json)
        return error.exit_status
    except click.exceptions.NoArgsIsHelpError as error:
        error.show()
        return 2
    except click.ClickException as error:
        return _usage(error, as_json=as_json)
    except (KeyboardInterrupt, click.Abort):
        print_error(_interrupted(), as_json=as_json)
        return 4
    except BrokenPipeError:
        sys.stderr.close()
        return 1
    except OSError as error:
        mapped = disk_error(error)
        print_error(mapped, as_json=as_json)
        return mapped.exit_status


def _escape_what_a_terminal_lacks() -> None:
    """A terminal that has no Chinese gets it escaped."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def _usage(error: click.ClickException, *, as_json: bool) -> int:
    where = getattr(error, "ctx", None)
    path = where.command_path if where is not None else "muniment"
    print_error(BadUse(error.format_message(), next=f"See: {path} --help"), as_json=as_json)
    return 2


def _interrupted() -> Interrupted:
    return Interrupted(
        "Interrupted. What was done so far is kept.", next="Run the same command again to go on."
    )


def disk_error(error: OSError) -> MunimentError:
    """An error of the file system as one of ours."""
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return Interrupted(
            "The disk is full. What was done so far is kept.",
            next="Make room and run the same command again.",
        )
    if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
        return BadUse(
            f"Permission denied: {error.filename or 'a file of the case'}.",
            next="Run muniment as the account that owns the case, on a disk that can be written.",
        )
    return Interrupted(
        f"The file system reports: {error.strerror or error}.",
        next="Check the disk, then run the same command again; then run `muniment audit`.",
    )


Option = Callable[[Callable[..., Any]], Callable[..., Any]]


def json_option(function: Callable[..., Any]) -> Callable[..., Any]:
    """--json, the same on every verb."""
    return click.option(
        "--json", "as_json", is_flag=True, help="Print one JSON document (docs/reference/json.md)."
    )(function)


def passphrase_option(function: Callable[..., Any]) -> Callable[..., Any]:
    """--passphrase-file, the same on every verb that opens a case."""
    return click.option(
        "--passphrase-file",
        metavar="FILE",
        help="Read the passphrase from FILE (else MUNIMENT_PASSPHRASE, else it is asked for).",
    )(function)


def unused_option(function: Callable[..., Any]) -> Callable[..., Any]:
    """--for, the same on every verb that keeps a case open."""
    return click.option(
        "--for",
        "duration",
        default="8h",
        show_default=True,
        metavar="TIME",
        help="Lock again when unused for so long: 45s, 30m or 8h.",
    )(function)
