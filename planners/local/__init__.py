"""The local planner: any image-text-to-text or causal model of `transformers`, with exact reuse of what it has read."""
