"""Trials in a process of their own: forking wants one without threads.

    python -m tests.faults SCENARIO

prints the calls of the undisturbed command as one line of JSON, [[name, path], …]; then does one trial for each line
`N FAULT` of its standard input and prints what became of it as JSON.
"""

from __future__ import annotations

import dataclasses
import json
import sys

from tests.faults.scenarios import SCENARIOS
from tests.faults.trial import Trials


def main(name: str) -> None:
    """Serve one scenario until the standard input ends."""
    with Trials(SCENARIOS[name]) as trials:
        print(json.dumps([dataclasses.astuple(call) for call in trials.calls()]), flush=True)
        for line in sys.stdin:
            which, fault = line.split()
            outcome = trials.trial(int(which), fault)
            print(json.dumps(dataclasses.asdict(outcome)), flush=True)


if __name__ == "__main__":
    main(sys.argv[1])
