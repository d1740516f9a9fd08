"""A real LiteLLM proxy for tests, in .venv/gateway: `make install-dev` puts it there, pinned by litellm.txt."""
