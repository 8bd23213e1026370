"""Every exception that the three packages raise on purpose.

One tree, so that ``except QuadricsError`` catches all of them and each is also the builtin a caller would expect
(``ValueError``, ``KeyError``, ...). Messages say what we got, what was expected, and what to do about it.

>>> issubclass(ShapeError, ValueError), issubclass(UnknownClaimError, KeyError)
(True, True)
"""

from __future__ import annotations


class QuadricsError(Exception):
    """Base of every deliberate error of the project."""

    def __str__(self) -> str:
        # KeyError quotes its argument; a message for people should not be quoted.
        return str(self.args[0]) if self.args else ""


class DimensionError(QuadricsError, ValueError):
    """A dimension, width or count is no integer in the allowed range."""


class ShapeError(QuadricsError, ValueError):
    """Matrices or tensors whose shapes do not fit each other."""


class ImbalanceError(QuadricsError, ValueError):
    """An imbalance ``c`` that is no real, finite number (text, a complex number, NaN, infinity)."""


class NonFiniteError(QuadricsError, ValueError):
    """NaN or infinity where finite numbers are needed."""


class SchemeError(QuadricsError, ValueError):
    """An initialization scheme with a scale that is not positive, or a question that it has no formula for."""


class OffQuadricError(QuadricsError, ValueError):
    """A point that does not satisfy the equation of the quadric or the invariant set."""


class ReducibleError(QuadricsError, ValueError):
    """A network with two equal incoming weight vectors or a zero outgoing one, where an irreducible one is needed."""


class OffManifoldError(QuadricsError, ValueError):
    """A point that does not lie on the set in question: an expansion manifold, a minimum, the complement of a curve."""


class DisconnectedError(QuadricsError, ValueError):
    """A path was asked for between points of different connected components."""


class RescalingError(QuadricsError, ValueError):
    """A neuron that no positive rescaling (or no unique one) takes to the wanted quadric."""


class PruningError(QuadricsError, ValueError):
    """A pruned network that differs from the original by more than its bound."""


class SymmetryError(QuadricsError, ValueError):
    """A transformation that is not the symmetry it was taken for, or a symmetry that an activation does not have."""


class UnknownActivationError(QuadricsError, KeyError):
    """No activation has this name, or it is one of which the question cannot be decided."""


class NoRealLogarithmError(SymmetryError):
    """A matrix without a real logarithm, where a one-parameter subgroup through it is needed."""


class HypothesisError(QuadricsError, ValueError):
    """A bound or theorem was asked about numbers that violate its hypotheses."""


class ClaimError(QuadricsError, ValueError):
    """A claim, derivation or graph of claims that is not well formed."""


class UnknownClaimError(QuadricsError, KeyError):
    """No claim has this id."""


class BridgeError(QuadricsError, TypeError):
    """A SymPy expression that has no translation to torch."""


class CheckpointError(QuadricsError, ValueError):
    """A file that is no checkpoint of a shallow network, or one that would run code when loaded."""


class DataError(QuadricsError, ValueError):
    """A file that holds no data of the expected form, or a file to write of a kind that is not known."""


class DeviceError(QuadricsError, RuntimeError):
    """A device that this machine does not have."""


class MissingPackageError(QuadricsError, ImportError):
    """A package that an optional part needs and that is not installed."""


class ResultsError(QuadricsError, ValueError):
    """A results file that cannot be read, or that belongs to another experiment."""


class SweepError(QuadricsError, RuntimeError):
    """A sweep that cannot go on for want of memory, of a worker or of a scheduler; what it finished is kept."""


class OptimizerError(QuadricsError, RuntimeError):
    """An optimizer that cannot make its step: gradients that are missing, or that are not those of the loss alone."""


class NativeError(QuadricsError, RuntimeError):
    """A C++ compiler that is not there, or that refuses a kernel."""


class OutOfMemoryError(QuadricsError, MemoryError):
    """Memory, of the machine or of its accelerator, that does not suffice."""
