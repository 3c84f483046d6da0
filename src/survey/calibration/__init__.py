"""The arithmetic of weights: margins, distances, solvers, residuals."""
