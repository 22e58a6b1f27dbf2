"""A chat model behind an OpenAI-compatible server: asked within limits, failing by name.

Knows nothing of news, prompts or answers.
"""
