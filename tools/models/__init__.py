"""The models behind the tools, each behind a small protocol; loaded at first use, one per process."""
