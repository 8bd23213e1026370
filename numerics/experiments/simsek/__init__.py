"""The experiments of Şimşek et al. (2021)."""
