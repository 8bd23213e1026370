"""Theorems checked by Coq's kernel: the table, how they are run, and how they become evidence for claims."""

from __future__ import annotations

from .proof import KernelProof, with_kernel_proofs
from .theorems import Theorem, table

__all__ = ["KernelProof", "Theorem", "table", "with_kernel_proofs"]
