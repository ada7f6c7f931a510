"""The address of the live feed; mount it beside the API."""

from __future__ import annotations

from django.urls import path

from eventstore.feeds.sse import feed

app_name = "eventstore-feed"

urlpatterns = [path("", feed, name="feed")]
