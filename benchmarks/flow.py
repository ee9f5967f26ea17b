"""Compensation and logicle of a million events, ours beside FlowKit: the same events, the same machine, by turns.

    python -m benchmarks.flow

FlowKit runs in its own process with its own packages and answers one line a turn, so that both meet the same load.
Both are asked what a user is: our `compensate` and `Logicle.apply`, FlowKit's `Matrix.apply` on a sample and
`LogicleTransform.apply`. The best of the turns counts; reading files and compiling is left out of both.
"""

from __future__ import annotations

import subprocess
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

from benchmarks.peer import Skipped, find_environment
from exotrial.core.errors import Place
from exotrial.product.cytometry.compensation import compensate
from exotrial.product.cytometry.events import Channel, Events, Floats
from exotrial.product.cytometry.scales import Logicle

FLOWKIT = "1.3.2"
EVENTS = 1_000_000
TURNS = 7
NAMES = tuple(f"FL{k}-A" for k in range(8))
LOGICLE = {"T": 262144.0, "W": 0.5, "M": 4.5, "A": 0.0}

PEER = """
import sys, time, warnings
warnings.simplefilter("ignore")
import numpy as np, flowkit
folder = sys.argv[1]
events, matrix = np.load(folder + "/events.npy"), np.load(folder + "/matrix.npy")
names = [f"FL{k}-A" for k in range(events.shape[1])]
sample = flowkit.Sample(events, sample_id="made up", channel_labels=names)
spill = flowkit.Matrix(matrix, names)
scale = flowkit.transforms.LogicleTransform(param_t=262144, param_w=0.5, param_m=4.5, param_a=0)
one = np.ascontiguousarray(events[:, 0])
work = {"compensation": lambda: spill.apply(sample), "logicle": lambda: scale.apply(one)}
for name, do in work.items():
    np.save(folder + "/" + name + ".npy", do())
print("ready", flush=True)
for line in sys.stdin:
    do = work[line.strip()]
    begin = time.perf_counter()
    do()
    print(time.perf_counter() - begin, flush=True)
"""


def make_events() -> tuple[Floats, Floats]:
    """Dim and bright light with noise around 0, and a matrix of spectra that spill to their neighbours."""
    generator = np.random.default_rng(20)
    light = generator.lognormal(6, 2, (EVENTS, len(NAMES))) * (generator.random((EVENTS, len(NAMES))) < 0.4)
    matrix = np.eye(len(NAMES)) + 0.08 * (np.eye(len(NAMES), k=1) + np.eye(len(NAMES), k=-1))
    events = np.minimum(light @ matrix + generator.normal(0, 200, light.shape), LOGICLE["T"])
    return events, matrix


def main() -> None:
    """Print a line for each work: both times, the peer's over ours, and how far the answers are apart."""
    values, matrix = make_events()
    events = Events(
        channels=tuple(Channel(name=name, stain="", largest=LOGICLE["T"]) for name in NAMES),
        values=values,
        spill=None,
        place=Place(),
    )
    scale, one = Logicle(**LOGICLE), np.ascontiguousarray(values[:, 0])
    work: dict[str, Callable[[], Floats]] = {
        "compensation": lambda: compensate(events, matrix, detectors=NAMES),
        "logicle": lambda: scale.apply(one),
    }
    answers = {name: do() for name, do in work.items()}
    try:
        python = find_environment("flowkit", FLOWKIT)
    except Skipped as why:
        for name, do in work.items():
            print(f"{name}: exotrial {min(_seconds(do) for _ in range(TURNS)):.3f} s")
        print(f"flowkit: skipped, because {why}")
        return
    with tempfile.TemporaryDirectory() as folder:
        np.save(Path(folder) / "events.npy", values)
        np.save(Path(folder) / "matrix.npy", matrix)
        command = [str(python), "-c", PEER, folder]
        with subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        ) as peer:
            assert peer.stdin is not None
            assert peer.stdout is not None
            assert peer.stderr is not None
            if peer.stdout.readline().strip() != "ready":
                print(f"flowkit: failed: {(peer.stderr.read().strip().splitlines() or ['no word'])[-1]}")
                return
            for name, do in work.items():
                mine, theirs = [], []
                for _ in range(TURNS):
                    mine.append(_seconds(do))
                    print(name, file=peer.stdin, flush=True)
                    theirs.append(float(peer.stdout.readline()))
                apart = float(np.max(np.abs(answers[name] - np.load(Path(folder) / f"{name}.npy"))))
                print(
                    f"{name} of {EVENTS:,} events: exotrial {min(mine):.3f} s, flowkit {min(theirs):.3f} s, "
                    f"ratio {min(theirs) / min(mine):.1f}; at most {apart:.1e} apart"
                )
            peer.stdin.close()


def _seconds(do: Callable[[], Floats]) -> float:
    begin = time.perf_counter()
    do()
    return time.perf_counter() - begin


if __name__ == "__main__":
    main()
