"""The address of the live feed as WebSocket, for ``channels.routing.URLRouter``."""

from __future__ import annotations

from django.urls import path

from eventstore.feeds.websocket import FeedConsumer

websocket_urlpatterns = [path("api/v1/feed/", FeedConsumer.as_asgi())]
