"""How people were chosen: designs, targets, replicate weights."""
