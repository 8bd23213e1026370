"""Blocks computed on this machine: in this process one after the other, or by several processes at once."""

from __future__ import annotations

import multiprocessing
import pickle
import signal
from collections import deque
from collections.abc import Generator, Sequence
from contextlib import suppress
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from typing import cast

import xarray as xr

from quadrics.errors import DimensionError, SweepError

from .engine import Block, attempt, compute_block, one_thread, pickled, use_one_thread

__all__ = ["Local"]


class Local:
    """Computes blocks in this process, or in ``workers`` processes of its own.

    A script that uses several must start under ``if __name__ == "__main__":``, as for everything that starts Python
    processes. Each takes a few seconds to start, and its own memory.

    Args:
        workers: how many blocks are computed at once.

    Raises:
        DimensionError: no workers.

    >>> blocks = Local().run(lambda label: xr.Dataset({"x": len(label)}), ["a", "bb"])
    >>> [(label, int(block.x)) for label, block in blocks]
    [('a', 1), ('bb', 2)]
    >>> next(Local(workers=2).run(lambda label: xr.Dataset(), ["a", "bb"]))  # doctest: +ELLIPSIS
    Traceback (most recent call last):
    ...
    quadrics.errors.SweepError: blocks: got a computation that cannot be sent to another process (...
    """

    def __init__(self, workers: int = 1) -> None:
        if workers < 1:
            raise DimensionError(f"workers: got {workers}; expected at least 1")
        self.workers = workers

    def run(self, compute: Block, labels: Sequence[str]) -> Generator[tuple[str, xr.Dataset], None, None]:
        """Yield each label with its block: in order if this process computes them, else as they are done.

        Raises:
            SweepError: a block needs more memory than there is, a worker died, or ``compute`` cannot be sent to one.
        """
        if self.workers == 1 or not labels:
            with one_thread():
                for label in labels:
                    yield label, compute_block(compute, label)
        else:
            yield from _by_processes(pickled(compute), deque(labels), min(self.workers, len(labels)))


def _by_processes(
    computation: bytes, waiting: deque[str], workers: int
) -> Generator[tuple[str, xr.Dataset], None, None]:
    # Not concurrent.futures: its processes outlive a parent that is killed, and delay the end of one that is stopped.
    context = multiprocessing.get_context("spawn")
    processes: dict[Connection, BaseProcess] = {}
    busy: dict[Connection, str] = {}
    try:
        for _ in range(workers):
            ours, theirs = context.Pipe()
            processes[ours] = context.Process(target=_serve, args=(theirs, computation), daemon=True)
            processes[ours].start()
            theirs.close()
            busy[ours] = waiting.popleft()
            ours.send(busy[ours])
        while busy:
            for ready in cast("list[Connection]", wait(list(busy))):
                label = busy.pop(ready)
                try:
                    outcome = ready.recv()
                except (EOFError, ConnectionError):
                    processes[ready].join()
                    raise SweepError(
                        f"block {label!r}: got a worker process that died (exit code {processes[ready].exitcode}; "
                        "-9 often means that the memory did not suffice); the finished blocks are kept, and the same "
                        "command goes on from there: with fewer workers"
                    ) from None
                if isinstance(outcome, Exception):
                    raise outcome
                if waiting:
                    busy[ready] = waiting.popleft()
                    with suppress(ConnectionError):  # one that died since is noticed where its answer is read
                        ready.send(busy[ready])
                yield label, outcome
    finally:
        for connection, process in processes.items():
            connection.close()
            process.terminate()
            process.join()


def _serve(connection: Connection, computation: bytes) -> None:
    """Compute the blocks whose labels arrive, until nobody is at the other end."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the parent, which ends this process
    use_one_thread()
    compute: Block = pickle.loads(computation)
    try:
        while True:
            connection.send(attempt(compute, connection.recv()))
    except (EOFError, ConnectionError):
        pass
