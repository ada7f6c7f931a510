"""What others offer for the same work, when their packages are installed."""
