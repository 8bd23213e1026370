"""The device that a computation runs on, checked before anything is put there, and what to say where it is full."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import torch

from quadrics.errors import DeviceError, OutOfMemoryError

__all__ = ["enough_memory", "is_out_of_memory", "pick_device"]

# On the CPU torch raises a RuntimeError like any other.
_TORCH_ON_THE_CPU = ("can't allocate memory", "not enough memory")


def pick_device(name: str | torch.device | None = None) -> torch.device:
    """Return the torch device called ``name``, after making sure that this machine has it.

    ``None`` means the CPU; ``"auto"`` a CUDA device where there is one and the CPU otherwise; anything else is
    torch's own notation (``"cpu"``, ``"cuda"``, ``"cuda:1"``).

    Raises:
        DeviceError: the name is no device name, or the device is not there.

    >>> pick_device("cpu")
    device(type='cpu')
    >>> pick_device("warp drive")
    Traceback (most recent call last):
    ...
    quadrics.errors.DeviceError: got device 'warp drive'; expected 'cpu', 'cuda', 'cuda:INDEX' or 'auto'
    """
    if name is None:
        return torch.device("cpu")
    if name == "auto":
        return torch.device("cuda" if torch.cuda.is_available() else "cpu")
    try:
        device = torch.device(name)
    except RuntimeError:
        raise DeviceError(f"got device {str(name)!r}; expected 'cpu', 'cuda', 'cuda:INDEX' or 'auto'") from None
    if device.type == "cpu":
        return torch.device("cpu")
    if device.type != "cuda":
        raise DeviceError(f"got device {str(name)!r}; this package runs on 'cpu' and 'cuda' devices only")
    count = torch.cuda.device_count() if torch.cuda.is_available() else 0
    if count == 0:
        raise DeviceError(f"got device {str(name)!r}, but torch finds no CUDA device here; use 'cpu'")
    index = torch.cuda.current_device() if device.index is None else device.index
    if not 0 <= index < count:
        raise DeviceError(f"got device {str(name)!r}, but there are {count} CUDA devices; use an index below {count}")
    return torch.device("cuda", index)


def is_out_of_memory(error: Exception) -> bool:
    """Whether an error of Python's or torch's says that memory does not suffice.

    >>> is_out_of_memory(MemoryError()), is_out_of_memory(RuntimeError("mat1 and mat2 shapes cannot be multiplied"))
    (True, False)
    """
    return isinstance(error, MemoryError | torch.OutOfMemoryError) or any(
        words in str(error) for words in _TORCH_ON_THE_CPU
    )


@contextmanager
def enough_memory(what: str, instead: str) -> Iterator[None]:
    """Say what did not fit, and what to do instead.

    Raises:
        OutOfMemoryError: memory did not suffice for what is done inside.

    >>> with enough_memory("table", "fewer rows"):  # doctest: +ELLIPSIS
    ...     torch.empty(2**60)
    Traceback (most recent call last):
    ...
    quadrics.errors.OutOfMemoryError: table: got out of memory (...); expected it to fit: use fewer rows
    """
    try:
        yield
    except (MemoryError, RuntimeError) as error:
        if not is_out_of_memory(error):
            raise
        why = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise OutOfMemoryError(f"{what}: got out of memory ({why}); expected it to fit: use {instead}") from error
