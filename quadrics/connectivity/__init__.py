"""Symmetry groups acting on minima, components of minima, and curves between them (Zhao et al., 2024)."""
