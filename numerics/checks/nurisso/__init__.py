"""Measurements for the claims of Nurisso et al. (2024)."""
