"""What a model is made of and what it costs, from its configuration alone: parameters, visual tokens, memory."""
