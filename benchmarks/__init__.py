"""How fast, how small and how right the package is: each module is one command, `python -m benchmarks.<name>`."""
