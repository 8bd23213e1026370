"""Blocks computed by a Dask cluster: of this machine, or any that its scheduler can reach."""

from __future__ import annotations

import os
import pickle
import socket
from collections.abc import Generator, Sequence
from concurrent.futures import CancelledError
from contextlib import ExitStack
from importlib import import_module
from types import ModuleType
from typing import Any
from urllib.parse import urlsplit

import xarray as xr

from quadrics.errors import DimensionError, SweepError

from ..results import versions
from .engine import Block, attempt, pickled, use_one_thread

__all__ = ["Dask"]

PATIENCE = 10
"""Seconds to wait for a scheduler to answer, and for its first worker."""


class Dask:
    """Computes blocks through ``dask.distributed``; the block of a worker that dies is computed by another.

    Blocks travel to this process, which alone writes files: the workers' machines need none of its folders, but this
    package, with the versions of the libraries that are here. When all workers are gone, the sweep waits for others.

    Args:
        scheduler: address of a scheduler, as in ``tcp://10.0.0.1:8786``; without one, a cluster of processes on this
            machine, for as long as the sweep runs.
        workers: how many processes that cluster has; a core each if not given.

    Raises:
        DimensionError: no workers.
        SweepError: workers are asked of a scheduler that has its own, or dask.distributed is not installed.
    """

    def __init__(self, scheduler: str | None = None, workers: int | None = None) -> None:
        if workers is not None and workers < 1:
            raise DimensionError(f"workers: got {workers}; expected at least 1")
        if workers is not None and scheduler is not None:
            raise SweepError(
                f"workers: got {workers} for the scheduler at {scheduler}; expected none: it has its own (start one "
                "with `dask worker ADDRESS`)"
            )
        self.scheduler, self.workers = scheduler, workers
        self.distributed = _distributed()

    def run(self, compute: Block, labels: Sequence[str]) -> Generator[tuple[str, xr.Dataset], None, None]:
        """Yield each label with its block, as they are done.

        Raises:
            SweepError: no scheduler or no worker answers, the connection is lost, a worker has other versions of the
                libraries, a block needs more memory than there is or ends every worker that computes it.
        """
        if not labels:
            return
        computation = pickled(compute)
        with ExitStack() as stack:
            client = self._connect(stack)
            label_of = {client.submit(_block, computation, label, pure=False): label for label in labels}
            for future in self.distributed.as_completed(list(label_of), loop=client.loop):
                label = label_of.pop(future)
                yield label, self._result(future, label)

    def _result(self, future: Any, label: str) -> xr.Dataset:
        try:
            outcome, theirs = future.result()
        except self.distributed.KilledWorker as error:
            raise SweepError(
                f"block {label!r}: got workers that die of it ({error}); the finished blocks are kept: see whether the "
                "workers have enough memory"
            ) from None
        except CancelledError:
            raise SweepError(
                "scheduler: got a lost connection; the finished blocks are kept, and the same command goes on from "
                "there when it is back"
            ) from None
        except Exception as error:  # from outside the block: the worker could not even begin
            raise SweepError(
                f"worker: got {type(error).__name__} ({error}); expected one that has this package, and the modules of "
                "what it computes"
            ) from error
        if theirs != versions():
            raise SweepError(f"worker: got one with {theirs}; expected what is here, {versions()}")
        if isinstance(outcome, Exception):
            raise outcome
        assert isinstance(outcome, xr.Dataset)
        return outcome

    def _connect(self, stack: ExitStack) -> Any:
        """Return a client of the scheduler, closed with the stack, as is a cluster of our own."""
        cluster, address = None, self.scheduler
        if address is None:
            cluster = self.distributed.LocalCluster(
                n_workers=self.workers or os.cpu_count(), threads_per_worker=1, processes=True, dashboard_address=":0"
            )
            address = stack.enter_context(cluster).scheduler_address
        try:
            _knock(address)
            client = self.distributed.Client(address, timeout=PATIENCE, set_as_default=False)
            stack.enter_context(client)
            client.wait_for_workers(1, timeout=PATIENCE)
        except Exception as error:  # whatever answers at an address may break the protocol in any way
            raise SweepError(
                f"scheduler: got none with workers at {address} ({error}); expected a running one: start it with "
                "`dask scheduler`, and workers with `dask worker ADDRESS`"
            ) from error
        return client


def _block(computation: bytes, label: str) -> tuple[xr.Dataset | Exception, dict[str, str]]:
    """Compute a block in a worker. Its threads stay limited: other blocks may run in other threads of the process."""
    use_one_thread()
    compute: Block = pickle.loads(computation)
    return attempt(compute, label), versions()


def _knock(address: str) -> None:
    """Fail at once where nobody listens: a client tries again and again, and is hard to stop."""
    place = urlsplit(address if "://" in address else f"tcp://{address}")
    if place.hostname is None or place.port is None:
        raise ValueError("no address and port, as in tcp://10.0.0.1:8786")
    socket.create_connection((place.hostname, place.port), timeout=PATIENCE).close()


def _distributed() -> ModuleType:
    try:
        return import_module("distributed")
    except ImportError as error:
        raise SweepError(
            f"engine: got 'dask', but dask.distributed cannot be imported ({error}); install it with "
            "`python -m pip install 'quadrics[distributed]'`"
        ) from None
