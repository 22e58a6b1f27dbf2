"""What requests need that a schema cannot say; read by schemathesis."""

import schemathesis


@schemathesis.hook
def map_query(context, query):
    return in_order(query)


@schemathesis.hook
def map_body(context, body):
    if isinstance(body, dict) and isinstance(body.get("filters"), dict):
        return body | {"filters": in_order(body["filters"])}
    return body


def in_order(bounds):
    """A range ends after it begins."""
    if not isinstance(bounds, dict):
        return bounds
    first, last = bounds.get("from"), bounds.get("to")
    if isinstance(first, str) and isinstance(last, str) and first[:10] >= last[:10]:
        return bounds | {"from": last[:10], "to": first[:10]}
    return bounds
