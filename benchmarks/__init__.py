"""Measure the store beside raw PostgreSQL and its peers: ``python -m benchmarks``."""
