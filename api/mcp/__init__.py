"""The Model Context Protocol: Dateline as tools of an assistant."""
