"""The experiments of Zhao et al. (2024), a module per figure."""
