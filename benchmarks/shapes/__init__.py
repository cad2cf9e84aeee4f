"""Models of real shapes with random weights, for the benchmarks."""
