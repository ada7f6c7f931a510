"""The live feed: the log as it grows, for many clients on one listener a process.

``path("api/v1/feed/", include("eventstore.feeds.urls"))`` serves Server-Sent Events,
``eventstore.feeds.routing.websocket_urlpatterns`` the same as WebSocket.
"""
