"""Models behind any OpenAI-compatible server: vLLM, `transformers serve`, Ollama, llama.cpp, hosted ones."""
