"""What an engine is: something that computes blocks, in any order and anywhere, all of them under the same terms."""

from __future__ import annotations

import pickle
import traceback
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import contextmanager
from typing import Protocol

import scipy.linalg  # noqa: F401  (so that its BLAS is loaded before threads are limited)
import torch
import xarray as xr
from threadpoolctl import threadpool_limits

from quadrics.errors import SweepError

from ..device import is_out_of_memory

__all__ = ["Block", "Engine", "attempt", "compute_block", "one_thread", "pickled", "use_one_thread"]

Block = Callable[[str], xr.Dataset]
"""Computes the block of a label: a function of the label alone, so that it does not matter who calls it when.

To be sent to another process it must be a function of a module, with its settings bound by ``functools.partial``.
"""


class Engine(Protocol):
    """Computes blocks."""

    def run(self, compute: Block, labels: Sequence[str]) -> Generator[tuple[str, xr.Dataset], None, None]:
        """Yield each label with its block, in whatever order they are done; closing it stops the work.

        Raises:
            SweepError: a block could not be computed for want of memory, workers or a scheduler.
        """
        ...  # pragma: no cover


def compute_block(compute: Block, label: str) -> xr.Dataset:
    """Return the block of a label.

    Raises:
        SweepError: the memory does not suffice.

    >>> def greedy(label):
    ...     return xr.Dataset({"x": ("k", torch.empty(2**60).numpy())})
    >>> compute_block(greedy, "width=9")  # doctest: +ELLIPSIS
    Traceback (most recent call last):
    ...
    quadrics.errors.SweepError: block 'width=9': out of memory (...
    """
    try:
        return compute(label)
    except (MemoryError, RuntimeError) as error:
        if not is_out_of_memory(error):
            raise
        why = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise SweepError(
            f"block {label!r}: out of memory ({why}); the finished blocks are kept, and the same command goes on from "
            "there: with fewer workers, or where there is more memory"
        ) from error


def attempt(compute: Block, label: str) -> xr.Dataset | Exception:
    """Return the block of a label, or the error that it ended with: what a worker sends back.

    >>> attempt(lambda label: xr.Dataset({"x": 1 / len(label)}), "")
    ZeroDivisionError('division by zero')
    """
    try:
        return compute_block(compute, label)
    except Exception as error:
        error.add_note(f"in a worker, at block {label!r}:\n{traceback.format_exc()}")
        try:
            pickle.loads(pickle.dumps(error))
        except Exception:
            return SweepError(f"block {label!r}: {type(error).__name__}: {error}")
        return error


def pickled(compute: Block) -> bytes:
    """Return a computation as it is sent to other processes.

    Raises:
        SweepError: it cannot be sent.
    """
    try:
        return pickle.dumps(compute)
    except (pickle.PicklingError, AttributeError, TypeError) as error:
        raise SweepError(
            f"blocks: got a computation that cannot be sent to another process ({error}); expected a function of a "
            "module, its settings bound by functools.partial; or compute in this process, with one worker"
        ) from None


def use_one_thread() -> None:
    """Let every block of this process run on one thread, from now on.

    The rounding of a matrix product depends on how many threads share it. One is the number that every machine has;
    and a block more at once makes more of a second core than a second thread does.
    """
    torch.set_num_threads(1)
    threadpool_limits(1)


@contextmanager
def one_thread() -> Iterator[None]:
    """Use one thread inside, and as many as before afterwards.

    >>> with one_thread():
    ...     torch.get_num_threads()
    1
    """
    before = torch.get_num_threads()
    with threadpool_limits():  # restores NumPy's and SciPy's threads
        use_one_thread()
        try:
            yield
        finally:
            torch.set_num_threads(before)
