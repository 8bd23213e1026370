"""Exact mathematics of the invariant sets, symmetries and minima of shallow networks: SymPy in, SymPy out."""
