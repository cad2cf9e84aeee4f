"""The chat: drop pictures, ask, watch the agent work, point at things, and see what an answer rests on."""
