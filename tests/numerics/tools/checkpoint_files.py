"""Files of networks, honest ones and one that would run code; for the tests of checkpoints."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
import safetensors.torch
import torch
from torch import nn

from numerics.tools.checkpoint import read_checkpoint
from quadrics.errors import CheckpointError

SUFFIXES = (".pt", ".pth", ".safetensors")


class Hostile:
    """Unpickled without care, this leaves a file behind."""

    def __init__(self, trace: Path) -> None:
        self.trace = trace

    def __reduce__(self) -> tuple[object, tuple[str]]:
        return os.mkdir, (str(self.trace),)


def network(d_in: int = 3, width: int = 4, d_out: int = 1, bias: bool = True) -> nn.Sequential:
    return nn.Sequential(nn.Linear(d_in, width, bias=bias), nn.ReLU(), nn.Linear(width, d_out, bias=bias))


def save(state: object, path: Path) -> Path:
    if path.suffix == ".safetensors":
        safetensors.torch.save_file(state, path)  # type: ignore[arg-type]
    else:
        torch.save(state, path)
    return path


def reading(path: Path) -> str:
    """The message with which a file is refused."""
    with pytest.raises(CheckpointError) as caught:
        read_checkpoint(path)
    message = str(caught.value)
    assert repr(str(path)) in message
    assert "\n" not in message
    return message
