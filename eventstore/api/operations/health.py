"""Whether the process lives, and whether it can serve."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from django.db import Error, connections
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, JsonResponse
from rest_framework import status as http
from rest_framework.response import Response

from eventstore.api.contract import ContractView
from eventstore.api.operations import status
from eventstore.api.permissions import GrantedView
from eventstore.api.renderers import ExactJSONRenderer
from eventstore.conf import store_settings
from eventstore.exceptions import EventStoreError
from eventstore.roles import Permission

if TYPE_CHECKING:
    from rest_framework.request import Request

_UNCACHED = {"Cache-Control": "no-store"}


def live(_request: HttpRequest) -> JsonResponse:
    """Answer: the process lives. It asks nobody, since a restart mends nobody else."""
    return JsonResponse({"status": "ok"}, headers=_UNCACHED)


class ReadyView(ContractView, GrantedView):
    """Whether the database answers and is migrated; anybody may ask for the outcome.

    What is wrong, and how the workers stand, is for those who may see operations. That
    no worker lives does not keep this process from serving.
    """

    permission_classes = ()
    throttle_classes = ()
    renderer_classes = (ExactJSONRenderer,)
    #: Whether all migrations were applied; that once true is not asked for again.
    is_migrated: ClassVar[bool] = False

    def perform_authentication(self, request: Request) -> None:
        """Leave it until the database has answered."""

    def get(self, _request: Request) -> Response:
        """Return the outcome: 200 or 503."""
        checks = {"database": False, "migrations": False}
        workers = status.Workers(0, None)
        try:
            workers = status.workers()
            checks["database"] = True
            checks["migrations"] = self._migrated()
        except EventStoreError:  # it answers, and lacks the tables
            checks["database"] = True
        except Error:
            pass
        is_ready = all(checks.values())
        answer: dict[str, Any] = {"status": "ok" if is_ready else "unavailable"}
        if is_ready and self.tenants_with(Permission.VIEW_OPERATIONS):
            answer |= {"checks": checks, "workers": workers._asdict()}
        return Response(
            answer,
            status=http.HTTP_200_OK if is_ready else http.HTTP_503_SERVICE_UNAVAILABLE,
            headers=_UNCACHED,
        )

    @classmethod
    def _migrated(cls) -> bool:
        if not ReadyView.is_migrated:
            executor = MigrationExecutor(connections[store_settings().DATABASE])
            leaves = executor.loader.graph.leaf_nodes("eventstore")
            ReadyView.is_migrated = not executor.migration_plan(leaves)
        return ReadyView.is_migrated
