"""For those who run the store: health, metrics and how the subscriptions stand."""
