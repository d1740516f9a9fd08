"""Benchmarks a running Retake on this machine.  ``make bench`` prints the figures and writes them to results.md."""
