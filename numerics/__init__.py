"""Measurement: batched torch networks, their flows and training, and the cross-check of every claim.

Importing this package loads no torch, and no claims; its functions load what they need.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .crosscheck import verify

__all__ = ["verify"]


def __getattr__(name: str) -> object:
    # Claims need engines that training does not, and that a machine with an accelerator may lack.
    if name == "verify":
        from .crosscheck import verify

        return verify
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
