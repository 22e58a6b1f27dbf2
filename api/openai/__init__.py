"""The API that OpenAI's clients speak, over the same answers: docs/openai.md."""
