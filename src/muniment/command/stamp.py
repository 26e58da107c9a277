"""muniment stamp."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import click

from muniment.command.anchor_lines import next_step, print_anchors
from muniment.command.printing import print_json, shown
from muniment.command.program import json_option, passphrase_option

_FILE, _FOLDER = "FILE", "DIR"
_OPTIONS = (
    click.option("--authority", metavar="NAME", help="Set up a timestamp authority of this name:"),
    click.option(
        "--roots", metavar=_FILE, help="its root certificate (PEM or DER; required once),"
    ),
    click.option("--chain", metavar=_FILE, help="certificates between root and authority,"),
    click.option("--crl", metavar=_FILE, help="its revocation list, as often as you fetch one,"),
    click.option("--url", metavar="URL", help="where it is asked,"),
    click.option(
        "--hash", "hash", type=click.Choice(["sha512", "sha256"]), help="the digest it takes."
    ),
    click.option("--request", metavar=_FOLDER, help="Write request files to carry away."),
    click.option("--reply", metavar=_FILE, multiple=True, help="Take in a file that came back."),
    click.argument("files", nargs=-1, metavar="[FILE]..."),
    click.option("--online", is_flag=True, help="Ask the authorities now, through the proxy."),
    click.option("--proxy", metavar="HOST:PORT", help="Remember this SOCKS proxy for --online."),
    click.option("--witness", metavar="NAME", help="A newsroom that cosigns this case's log."),
    click.option("--key", metavar="VKEY", help="The key of that newsroom, or a file with it."),
    click.option("--bundle", metavar=_FILE, help="Write this log's checkpoint for a witness."),
    click.option(
        "--since",
        type=click.IntRange(min=0),
        metavar="SIZE",
        help="The size that witness saw last, if it says another.",
    ),
    click.option("--cosign", metavar=_FILE, help="Cosign another newsroom's bundle into -o."),
    click.option("-o", "output", metavar=_FILE, help="Where the cosigned checkpoint goes."),
)


def _options(function: Callable[..., Any]) -> Callable[..., Any]:
    for option in reversed(_OPTIONS):
        function = option(function)
    return function


@click.command(
    epilog="Examples: muniment stamp harbour --authority freetsa --roots cacert.pem --url https://freetsa.org/tsr"
    " · muniment stamp harbour --request /media/stick · muniment stamp harbour --reply /media/stick/*.tsr"
    " · muniment stamp harbour --cosign theirs.bundle --key KEY.txt -o theirs.cosigned"
)
@click.argument("case")
@_options
@passphrase_option
@json_option
def stamp(
    case: str,
    files: tuple[str, ...],
    reply: tuple[str, ...],
    passphrase_file: str | None,
    as_json: bool,
    **given: Any,
) -> int:
    """Since when can it be proved, to somebody who does not trust us?

    An independent authority timestamps the log's checkpoint (RFC 3161), which stands for all that was sealed, and
    learns nothing of it. By files: --request writes what to send, --reply takes what came back; nothing is
    sent from here. Alone it shows how things stand and what to do next. Another newsroom's cosignature
    shows that this log never told two stories. Exit status 1 when a file was not taken in, an authority did
    not answer, or another's log is refused.
    """
    from muniment.command.opening import open_case

    asked = {
        name: value for name, value in given.items() if value is not None and value is not False
    }
    if files and not reply:
        raise click.UsageError("Which files are these? Say --reply before them.")
    if reply:
        asked["reply"] = [*reply, *files]
    with open_case(case, passphrase_file) as opened:
        before = {one["anchor"]: one["state"] for one in opened.status()["anchors"]}
        report = opened.stamp(**asked)
    status = 1 if report["problems"] or _failed_now(report, before) else 0
    if as_json:
        print_json(report)
        return status
    _print(report, asked)
    return status


def _failed_now(report: dict[str, Any], before: dict[str, str]) -> bool:
    """Whether an anchor failed by what was just done."""
    return any(
        one["state"] == "failed" and before.get(one["anchor"]) != "failed"
        for one in report["anchors"]
    )


def _print(report: dict[str, Any], asked: dict[str, Any]) -> None:
    if "request" in asked and not report["written"]:
        print("Every authority has attested this very checkpoint: there is nothing to ask.")
    for path in report["written"]:
        print(f"wrote {shown(path)}")
    if report["cosigned"] is not None:
        done = report["cosigned"]
        print(
            f"Cosigned {shown(done['origin'])} at {done['size']} entries. Send the file back, and"
        )
        print(f"the first time our key by another way: {done['vkey']}")
        return
    for trouble in report["problems"]:
        about = trouble.get("file") or trouble.get("authority") or ""
        print(f"not taken: {shown(about)}: {shown(trouble['problem'])}")
        if trouble.get("next"):
            print(f"           {shown(trouble['next'])}")
    if report["anchors"]:
        print("Anchors:")
        print_anchors(report["anchors"])
    names = ", ".join(one["authority"] for one in report["authorities"])
    print(f"Authorities: {names or 'none yet'}")
    if not asked or {"witness", "bundle", "reply"} & set(asked):
        _print_cosigning(report["cosigning"], keys=not {"reply"} & set(asked))
    print(next_step(report))


def _print_cosigning(cosigning: dict[str, Any], *, keys: bool) -> None:
    if keys:
        print(f"This log's key, for readers:          {cosigning['vkey']}")
        print(f"Its key as a cosigner, for newsrooms: {cosigning['cosigner']}")
    for one in cosigning["witnesses"]:
        said = f"cosigned {one['size']} entries, {one['time']}" if one["size"] else "nothing yet"
        print(f"  witness {shown(one['witness'])}: {said}")
    for one in cosigning["logs"]:
        print(f"  cosigned here: {shown(one['origin'])} at {one['size']} entries, {one['day']}")
    for one in cosigning["contradictions"]:
        print(f"  CONTRADICTION ({one['kind']}, {one['day']}): {shown(one['origin'])}")
        print(f"      kept: anchors/{one['seen']} and anchors/{one['shown']}")
