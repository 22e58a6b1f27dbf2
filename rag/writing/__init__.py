"""A language model's words, held to the evidence: prompt, markers, binding, verdicts.

`writer.py` has the one verb, `Writer.write`; read it first. Knows no server (`rag.llm` does)
and no web framework.
"""
