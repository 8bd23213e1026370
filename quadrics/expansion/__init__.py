"""Expansions of networks to a greater width (Şimşek et al., 2021): affine subspaces, their graph, and their numbers."""
