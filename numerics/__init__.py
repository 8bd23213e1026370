"""Measurement: batched torch networks, their flows and training, and the cross-check of every claim.

Importing this package loads no torch; its functions load what they need.
"""

from __future__ import annotations

from .crosscheck import verify

__all__ = ["verify"]
