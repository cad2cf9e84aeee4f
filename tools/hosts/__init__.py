"""Where a tool runs: in this process, or in a worker that can be killed."""
