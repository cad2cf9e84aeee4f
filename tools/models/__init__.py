"""The models behind the tools, each behind a small protocol, and what they stand on: weights, memory, the pool."""
