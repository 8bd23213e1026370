"""Theorems checked by Coq's kernel: the table, how they are run, and how they become evidence for claims."""

from __future__ import annotations

from .proof import KernelProof, asked_ahead, with_kernel_proofs
from .theorems import Theorem, table

__all__ = ["KernelProof", "Theorem", "asked_ahead", "table", "with_kernel_proofs"]
