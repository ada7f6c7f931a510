"""The ASGI entrance of the deployment: pages, API and live feed.

``uvicorn eventstore_project.asgi:application``. With the extra ``websocket`` and
``websockets`` installed the feed is served as WebSocket as well.
"""

from __future__ import annotations

import os
import warnings
from importlib.util import find_spec
from typing import Any

from django.core.asgi import get_asgi_application

from eventstore_project import database

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "eventstore_project.settings")
database.ensure_running()
# Static files are opened synchronously by WhiteNoise; Django reads them in a thread, as
# it should, and warns at each.
warnings.filterwarnings(
    "ignore", message="StreamingHttpResponse must consume synchronous iterators"
)


def _with_websocket(http: Any) -> Any:
    if find_spec("channels") is None:
        return http
    # Imported here: the extra may be missing, and it wants the apps to be ready.
    from channels.routing import ProtocolTypeRouter, URLRouter  # noqa: PLC0415

    from eventstore.feeds.routing import websocket_urlpatterns  # noqa: PLC0415

    return ProtocolTypeRouter(
        {"http": http, "websocket": URLRouter(websocket_urlpatterns)}
    )


application = _with_websocket(get_asgi_application())
