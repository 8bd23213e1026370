"""Reading and writing the checkpoint of one shallow network: ``.safetensors``, ``.pt`` and ``.pth``.

Nothing in a file is ever executed: safetensors holds no code, and a torch file that asks for anything but tensors is
refused by name (:mod:`numerics.tools.pickle_scan`) before ``torch.load(weights_only=True)`` sees it.
"""

from __future__ import annotations

import os
import tempfile
import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import safetensors
import safetensors.torch
import torch
from torch import Tensor

from quadrics.activation import Activation, relu
from quadrics.errors import CheckpointError

from ..batch import Batch
from ..modules import Layers
from .pickle_scan import refuse_code
from .state_roles import Roles, find_roles

__all__ = ["MAX_BYTES", "Checkpoint", "read_checkpoint", "write_checkpoint"]

MAX_BYTES = 2**32
"""The largest file that is read: a network of 10^5 neurons on 10^4 inputs in single precision."""

SUFFIXES = {".safetensors": "safetensors", ".pt": "torch", ".pth": "torch"}

DTYPES = (torch.float16, torch.bfloat16, torch.float32, torch.float64)


@dataclass(frozen=True, eq=False)
class Checkpoint:
    """The state dict of one network f(x) = W2 σ(W1 x + b1) + b2 (eq. 1 and 25), as it lies in a file.

    Attributes:
        state: every entry of the file, under its own name and in its own order.
        roles: which entry is W1 (l, d), W2 (e, l), b1 (l,) and b2 (e,).
        metadata: the text that a safetensors file may carry; kept when it is written again.

    >>> net = torch.nn.Sequential(torch.nn.Linear(3, 4), torch.nn.ReLU(), torch.nn.Linear(4, 1, bias=False))
    >>> checkpoint = Checkpoint.from_state(net.state_dict())
    >>> checkpoint.roles
    Roles(W1='0.weight', W2='2.weight', b1='0.bias', b2=None)
    >>> checkpoint.batch().width, checkpoint.dtype
    (4, torch.float32)
    >>> Checkpoint.from_state({"0.weight": torch.ones(4, 3), "2.weight": torch.ones(1, 4, dtype=torch.long)})
    Traceback (most recent call last):
    ...
    quadrics.errors.CheckpointError: state dict: got '2.weight' of type torch.int64; expected float16, bfloat16, \
float32 or float64
    """

    state: Mapping[str, Tensor]
    roles: Roles
    metadata: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def from_state(cls, state: Mapping[str, Any], ordered: bool = True) -> Checkpoint:
        """Return the checkpoint of a state dict, checked and copied; ``ordered`` as in :func:`find_roles`.

        Raises:
            CheckpointError: the entries are no finite floating-point weights of a two-layer network.
        """
        for key, value in state.items():
            if not isinstance(key, str) or not isinstance(value, Tensor):
                shown, kind = repr(key)[:60], type(value).__name__
                raise CheckpointError(f"state dict: got {shown} holding a {kind}; expected names holding tensors")
        roles = find_roles({key: tuple(tensor.shape) for key, tensor in state.items()}, ordered)
        _check_types(state)
        copied = {key: tensor.detach().cpu().contiguous().clone() for key, tensor in state.items()}
        _check_values(copied)
        return cls(copied, roles)

    @property
    def dtype(self) -> torch.dtype:
        """The floating-point type in which the weights are stored."""
        return self.state[self.roles.W1].dtype

    @property
    def layers(self) -> Layers:
        """The four arrays, as stored."""
        b1, b2 = (None if key is None else self.state[key] for key in self.roles[2:])
        return Layers(self.state[self.roles.W1], self.state[self.roles.W2], b1, b2)

    def batch(self, activation: Activation = relu, dtype: torch.dtype = torch.float64) -> Batch:
        """Return the network as a batch of one, in double precision unless told otherwise."""
        return Batch.from_layers([self.layers], activation).to(dtype=dtype)

    def with_layers(self, layers: Layers) -> Checkpoint:
        """Return the checkpoint with other weights (of any width), under the same names, in the same type."""
        changed = {
            key: tensor.to(self.dtype)
            for key, tensor in zip(self.roles, layers, strict=True)
            if key is not None and tensor is not None
        }
        return replace(self, state={key: changed[key] for key in self.state})


def read_checkpoint(path: str | os.PathLike[str]) -> Checkpoint:
    """Return the shallow network in a ``.safetensors``, ``.pt`` or ``.pth`` file, without running any of it.

    A training checkpoint that holds exactly one state dict under some key, such as ``"model_state_dict"``, will do.

    Raises:
        CheckpointError: there is no such file, it is damaged, too large, asks for code, or holds no two-layer network.
    """
    path = Path(path)
    try:
        if path.is_dir():
            raise CheckpointError(f"{str(path)!r}: got a folder; expected a file")
        kind = _format(path)
        if not path.exists():
            raise CheckpointError(f"{str(path)!r}: there is no such file")
        if not path.is_file():
            raise CheckpointError(f"{str(path)!r}: got a device or pipe; expected a file")
        size = path.stat().st_size
    except OSError as error:
        raise CheckpointError(f"{str(path)!r}: cannot be read ({error.strerror})") from None
    if size == 0:
        raise CheckpointError(f"{str(path)!r}: got an empty file; expected a checkpoint: save it again")
    if size > MAX_BYTES:
        raise CheckpointError(
            f"{str(path)!r}: got {size} bytes; expected at most {MAX_BYTES}, which is plenty for a shallow network"
        )
    try:
        return _read_safetensors(path) if kind == "safetensors" else _read_torch(path, size)
    except OSError as error:
        raise CheckpointError(f"{str(path)!r}: cannot be read ({error.strerror})") from None
    except MemoryError:
        raise CheckpointError(f"{str(path)!r}: needs more memory than there is") from None
    except CheckpointError as error:
        message = str(error).removeprefix("state dict: ")
        raise CheckpointError(message if repr(str(path)) in message else f"{str(path)!r}: {message}") from None


def write_checkpoint(checkpoint: Checkpoint, path: str | os.PathLike[str]) -> None:
    """Write the state dict, in the format that the suffix names: the file appears whole or not at all.

    Through a symbolic link the file that it points to is replaced, and the link stays.

    Raises:
        CheckpointError: the suffix is none of ours, or the file cannot be written there.
    """
    path = Path(path)
    state = dict(checkpoint.state)
    save: Callable[[str], None]
    if os.path.isdir(path):
        raise CheckpointError(f"{str(path)!r}: got a folder; expected the name of a file to write")
    if _format(path) == "safetensors":

        def save(name: str) -> None:
            safetensors.torch.save_file(state, name, metadata=dict(checkpoint.metadata) or None)

    else:

        def save(name: str) -> None:
            torch.save(state, name)

    try:
        target = path.resolve()
        if not target.parent.is_dir():
            raise CheckpointError(f"{str(path)!r}: there is no folder {str(target.parent)!r}; make it first")
        _replace_file(target, save)
    except (OSError, RuntimeError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise CheckpointError(f"{str(path)!r}: cannot be written ({reason})") from None


def _replace_file(target: Path, save: Callable[[str], None]) -> None:
    """Write beside the target, flush to disk, then rename: nobody ever sees half a file."""
    handle, temporary = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.", suffix=".partial")
    os.close(handle)
    try:
        save(temporary)
        umask = os.umask(0)
        os.umask(umask)
        os.chmod(temporary, target.stat().st_mode & 0o777 if target.exists() else 0o666 & ~umask)
        with open(temporary, "rb+") as stream:
            os.fsync(stream.fileno())
        os.replace(temporary, target)
    finally:
        Path(temporary).unlink(missing_ok=True)


def _format(path: Path) -> str:
    try:
        return SUFFIXES[path.suffix.lower()]
    except KeyError:
        known = ", ".join(SUFFIXES)
        raise CheckpointError(f"{str(path)!r}: got the suffix {path.suffix!r}; expected one of {known}") from None


def _read_safetensors(path: Path) -> Checkpoint:
    try:
        with safetensors.safe_open(path, framework="pt") as stream:
            metadata = stream.metadata() or {}
            state = {key: stream.get_tensor(key) for key in stream.keys()}  # noqa: SIM118 (a handle, no mapping)
    except safetensors.SafetensorError as error:
        raise CheckpointError(
            f"got a damaged safetensors file ({error}); expected what safetensors.torch.save_file(model.state_dict(), "
            "FILE) writes: save or copy the file again"
        ) from None
    # The format keeps entries in an order of its own, which says nothing about the layers.
    return replace(Checkpoint.from_state(state, ordered=False), metadata=metadata)


def _read_torch(path: Path, size: int) -> Checkpoint:
    refuse_code(path)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            loaded = torch.load(path, map_location="cpu", weights_only=True)
    except (OSError, MemoryError):
        raise
    except Exception as error:
        lines = [line.strip() for line in str(error).splitlines() if line.strip()]
        reason = lines[0] if lines else type(error).__name__
        raise CheckpointError(
            f"got a file that torch cannot load ({type(error).__name__}: {reason[:200]}); expected what "
            "torch.save(model.state_dict(), FILE) writes: save or copy the file again"
        ) from None
    state = _find_state(loaded)
    for key, tensor in state.items():
        # A view may claim any shape over few numbers: never make room for more than the file can hold.
        if isinstance(tensor, Tensor) and tensor.numel() * tensor.element_size() > size:
            raise CheckpointError(
                f"got {key!r} of shape {tuple(tensor.shape)} in a file of {size} bytes; expected a tensor that is "
                "stored in full: save tensor.contiguous()"
            )
    return Checkpoint.from_state(state)


def _find_state(loaded: object) -> Mapping[str, Any]:
    """The state dict in what was loaded: itself, or the one mapping from names to tensors under some key."""
    if not isinstance(loaded, Mapping):
        raise CheckpointError(
            f"got a {type(loaded).__name__}; expected a state dict: save model.state_dict() rather than the model"
        )
    if not loaded or any(isinstance(value, Tensor) for value in loaded.values()):
        return loaded
    inside = {key: value for key, value in loaded.items() if _is_state(value)}
    if len(inside) != 1:
        keys = ", ".join(repr(key)[:60] for key in list(loaded)[:6])
        raise CheckpointError(
            f"got a mapping with the keys {keys}, of which {len(inside)} hold a state dict; expected one: save "
            "model.state_dict() by itself"
        )
    return next(iter(inside.values()))


def _is_state(value: object) -> bool:
    return isinstance(value, Mapping) and bool(value) and all(isinstance(part, Tensor) for part in value.values())


def _check_types(state: Mapping[str, Tensor]) -> None:
    for key, tensor in state.items():
        if tensor.dtype not in DTYPES:
            raise CheckpointError(
                f"state dict: got {key!r} of type {tensor.dtype}; expected float16, bfloat16, float32 or float64"
            )
        if tensor.layout != torch.strided or tensor.is_meta:
            raise CheckpointError(f"state dict: got {key!r}, which is sparse or has no data; expected a dense tensor")
    kinds = sorted({str(tensor.dtype) for tensor in state.values()})
    if len(kinds) > 1:
        raise CheckpointError(f"state dict: got entries of types {', '.join(kinds)}; expected one type for all")


def _check_values(state: Mapping[str, Tensor]) -> None:
    for key, tensor in state.items():
        bad = int((~torch.isfinite(tensor)).sum())
        if bad:
            raise CheckpointError(
                f"state dict: got NaN or infinity in {bad} of {tensor.numel()} entries of {key!r}; expected finite "
                "weights: go back to a checkpoint from before training diverged"
            )
