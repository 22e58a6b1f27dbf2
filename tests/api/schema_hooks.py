"""What requests need that a schema cannot say; read by schemathesis."""

import schemathesis


@schemathesis.hook
def before_call(context, case, kwargs):
    """A range ends after it begins."""
    put_in_order(case.query)
    if isinstance(case.body, dict):
        put_in_order(case.body.get("filters"))


def put_in_order(bounds):
    if isinstance(bounds, dict):
        first, last = bounds.get("from"), bounds.get("to")
        if isinstance(first, str) and isinstance(last, str) and first[:10] >= last[:10]:
            bounds |= {"from": last[:10], "to": first[:10]}
