"""Tools for trained networks in checkpoints: diagnose and repair, prune, connect two of them."""
