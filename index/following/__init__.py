"""Following feeds: subscriptions, polls, and giving way to questions."""
