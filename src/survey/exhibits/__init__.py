"""What every figure and table is: an exhibit with its numbers, and the look of figures."""
