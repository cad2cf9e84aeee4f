"""The planner for OpenAI-compatible servers."""
