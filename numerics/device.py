"""The device that a computation runs on, checked before anything is put there."""

from __future__ import annotations

import torch

from quadrics.errors import DeviceError

__all__ = ["pick_device"]


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
