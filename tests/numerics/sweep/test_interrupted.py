"""``quadrics reproduce`` killed at random moments: resumed, it writes the bytes that it writes undisturbed."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

psutil = pytest.importorskip("psutil")  # comes with dask.distributed

SCRIPT = """
from matplotlib.figure import Figure
from numerics.cli import main
from numerics.experiments.nurisso import figure_4

figure_4.figure = lambda data: Figure()  # drawing takes longer than this sweep
figure_4.QUICK = figure_4.Size(widths=(2, 3, 4, 5), seeds=20, steps=300, protocols=("A", "D"), ends_only=("A",))

if __name__ == "__main__":
    main()
"""
BLOCKS = 8
PATIENCE = 300  # seconds, for a machine that is busy with other things


class Command:
    """``quadrics reproduce nurisso.fig4`` in a process of its own, at a small size."""

    def __init__(self, out: Path, *options: str) -> None:
        script = out.parent / "small_quadrics.py"
        script.write_text(SCRIPT)
        command = [sys.executable, script, "reproduce", "nurisso.fig4", "--out", out, *options]
        self.out = out
        self.before = self.finished()
        self.process = subprocess.Popen(
            command, start_new_session=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )

    def finished(self) -> int:
        return len(list(self.out.glob("*.blocks/*.nc")))

    def wait_for(self, condition: Callable[[], bool]) -> None:
        end = time.monotonic() + PATIENCE
        while not condition():
            assert time.monotonic() < end
            time.sleep(0.01)

    def end(self) -> str:
        output, _ = self.process.communicate(timeout=PATIENCE)
        return output

    def kill(self, chance: random.Random) -> None:
        """Kill the process when one or two more blocks are done and a random time has passed."""
        wanted = self.before + chance.randint(1, 2)
        self.wait_for(lambda: self.finished() >= wanted or self.process.poll() is not None)
        time.sleep(chance.uniform(0, 0.1))
        children = psutil.Process(self.process.pid).children(recursive=True)
        self.process.kill()
        output = self.end()
        assert self.process.returncode == -signal.SIGKILL, output
        assert wanted <= self.finished() < BLOCKS
        assert not list(self.out.glob("*.nc"))  # the data come when all is done
        self.wait_for(lambda: not any(alive(child) for child in children))


def alive(process) -> bool:
    try:
        return process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def written(out: Path) -> dict[str, bytes]:
    """The data, of the blocks and joined; not the pictures."""
    return {str(path.relative_to(out)): path.read_bytes() for path in out.rglob("*") if ".nc" in path.name}


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory) -> dict[str, bytes]:
    out = tmp_path_factory.mktemp("undisturbed") / "results"
    command = Command(out)
    assert "wrote" in command.end()
    assert len(written(out)) == BLOCKS + 1
    return written(out)


def test_killed_three_times_with_one_process_and_with_several(undisturbed, tmp_path: Path) -> None:
    out, chance = tmp_path / "results", random.Random(0)
    for options in [(), ("--workers", "2"), ()]:
        Command(out, *options).kill(chance)
    Command(out).end()
    assert written(out) == undisturbed


def test_killed_with_dask_and_with_a_worker_killed_too(undisturbed, tmp_path: Path) -> None:
    distributed = pytest.importorskip("distributed")
    out, chance = tmp_path / "results", random.Random(2)
    with distributed.LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=":0") as cluster:
        options = ("--engine", "dask", "--scheduler", cluster.scheduler_address)
        Command(out, *options).kill(chance)
        last = Command(out, *options)
        last.wait_for(lambda: last.finished() > last.before)
        os.kill(next(worker.pid for worker in cluster.workers.values() if worker.process.is_alive()), signal.SIGKILL)
        assert "wrote" in last.end()
    assert written(out) == undisturbed
