"""The machinery of the benchmarks: variants, worker processes, figures, the table."""
