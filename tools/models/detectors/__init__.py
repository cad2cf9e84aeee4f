"""Detectors: what finds things on pictures, each behind the same small protocol."""
