"""How anchors are told on a terminal."""

from __future__ import annotations

from typing import Any

from muniment.command.printing import shown

_MOST = 20


def anchors_in_a_line(anchors: list[dict[str, Any]]) -> str:
    """How many stand how, and since when the oldest attests; the next step where there is none."""
    if not anchors:
        return "none yet. Next: muniment stamp CASE"
    states = [anchor["state"] for anchor in anchors]
    counts = ", ".join(f"{states.count(state)} {state}" for state in dict.fromkeys(states))
    times = [anchor["time"] for anchor in anchors if anchor["state"] == "attested"]
    return f"{counts}; attested since {min(times)}" if times else counts


def print_anchors(anchors: list[dict[str, Any]]) -> None:
    """A line for each anchor, the latest last, and why those that failed did."""
    if len(anchors) > _MOST:
        print(f"({len(anchors) - _MOST} older ones: muniment stamp CASE --json)")
    for one in anchors[-_MOST:]:
        when = one["time"] or ""
        print(f"  {one['state']:10}{one['authority']:20}{one['size']:>8} entries  {when}".rstrip())
        if one["reason"]:
            print(f"            {shown(one['reason'])}")
        if one["state"] == "attested":
            said = one["revocation"]
            print(
                f"            not revoked, by its lists of {said}"
                if said
                else "            revocation not checked: give its list with --authority NAME --crl FILE"
            )


def next_step(report: dict[str, Any]) -> str:
    """What to do next, in one sentence."""
    authorities, anchors = report["authorities"], report["anchors"]
    if not authorities:
        return (
            "Next: name two timestamp authorities, each with its root certificate:\n"
            "      muniment stamp CASE --authority NAME --roots ROOT.pem --url ADDRESS"
        )
    if any(one["state"] == "pending" for one in anchors):
        return "Next: bring the replies back: muniment stamp CASE --reply FILE.tsr…  (requests again: --request DIR)"
    if len(authorities) < 2:
        return "Next: name a second authority, so that no single one has to be believed."
    if not any(one["state"] == "attested" for one in anchors):
        return "Next: write the requests to a stick: muniment stamp CASE --request DIR"
    return "To stamp what came since: muniment stamp CASE --request DIR"
