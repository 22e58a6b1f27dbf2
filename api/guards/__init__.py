"""Who may come in: keys, rates, hosts and origins, in front of every route."""
