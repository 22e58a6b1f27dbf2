"""The engine of one machine: store, FAISS and tantivy kept in step."""
