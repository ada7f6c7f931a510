"""Who follows, what they may see, and whether that is still so."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib import import_module
from typing import Any

from django.conf import settings
from django.contrib import auth
from django.http import HttpRequest
from rest_framework.authentication import BasicAuthentication, SessionAuthentication
from rest_framework.exceptions import APIException
from rest_framework.request import Request
from rest_framework.settings import api_settings

from eventstore.conf import store_settings
from eventstore.disclosure import VIEWING
from eventstore.feeds.refusals import Refusal
from eventstore.feeds.values import View
from eventstore.grants import permissions_of
from eventstore.keys.recognizing import bearer_key, recognize
from eventstore.roles import Permission

_NO_KEY = "This API key opens nothing here."
_BEARER = 'Bearer realm="eventstore", error="invalid_token"'
_NO_GRANT = "You have no grant in any tenant. Ask an administrator for one."


@dataclass(frozen=True, slots=True)
class Caller:
    """A user or key that may see something, and how to ask whether it still may.

    Attributes:
        identity: tells it from all others.
        views: the tenants it may see, and how much of their events.
        find_again: returns it as it is now, ``None`` when it is locked out.
    """

    identity: Any
    views: Mapping[str, View]
    find_again: Callable[[], Any]


class Access:
    """What one stream may see, asked for anew now and then."""

    def __init__(self, caller: Caller, views: Mapping[str, View]) -> None:
        """Know what was true when the stream began."""
        self._caller = caller
        self._views = views
        # Spread, so that streams that began together do not ask together.
        self._due = _now() + _interval() * random.uniform(0.5, 1)  # noqa: S311

    def seconds_left(self) -> float:
        """Return the seconds until it is to be asked for; at most 0 when it is due."""
        return self._due - _now()

    def is_still_given(self) -> bool:
        """Ask the database; not in the event loop."""
        principal = self._caller.find_again()
        if principal is None or _identity(principal) != self._caller.identity:
            return False
        now = _views_of(principal)
        return all(
            tenant in now and view <= now[tenant]
            for tenant, view in self._views.items()
        )

    def renew(self) -> None:
        """Have it asked for again after a while."""
        self._due = _now() + _interval()


def caller_of(request: HttpRequest) -> Caller:
    """Return who asks: by a key, their session, or as the host's REST API knows them.

    Raises:
        Refusal: nobody that is known, or without a grant.
    """
    find_again: Callable[[], Any] = lambda: _by_key(request)  # noqa: E731 - a choice of three
    principal = find_again()
    if principal is None and bearer_key(request) is not None:
        raise Refusal(401, _NO_KEY, {"WWW-Authenticate": _BEARER})
    if principal is None:
        find_again = lambda: _by_session(request)  # noqa: E731 - as above
        principal = find_again()
    if principal is None:
        principal, find_again = _by_api(request)
    views = _views_of(principal)
    if not views:
        raise Refusal(403, _NO_GRANT)
    return Caller(_identity(principal), views, find_again)


def _views_of(principal: Any) -> Mapping[str, View]:
    return {
        tenant: allowed & VIEWING
        for tenant, allowed in permissions_of(principal).items()
        if Permission.VIEW_EVENT in allowed
    }


def _identity(principal: Any) -> Any:
    # Keys have numbers of their own.
    key = getattr(principal, "api_key", None)
    return principal.pk if key is None else str(key)


def _by_key(request: HttpRequest) -> Any:
    text = bearer_key(request)
    return None if text is None else recognize(text, request)


def _by_session(request: HttpRequest) -> Any:
    """Look the session up as it is now: it may have ended since the request began."""
    key = request.COOKIES.get(settings.SESSION_COOKIE_NAME)
    if not key or "django.contrib.sessions" not in settings.INSTALLED_APPS:
        return None
    asking = HttpRequest()
    asking.session = import_module(settings.SESSION_ENGINE).SessionStore(key)
    user = auth.get_user(asking)
    return user if user.is_authenticated and user.is_active else None


def _by_api(request: HttpRequest) -> tuple[Any, Callable[[], Any]]:
    known: Any = api_settings.DEFAULT_AUTHENTICATION_CLASSES
    classes = [found for found in known if not issubclass(found, SessionAuthentication)]

    def ask() -> Request:
        return Request(request, authenticators=[found() for found in classes])

    def find_again() -> Any:
        try:
            return ask().user
        except APIException:
            return None

    asked = ask()
    try:
        user: Any = asked.user
    except APIException as error:
        raise _unknown(request, known, str(error.detail)) from None
    if user is None or not user.is_authenticated:
        raise _unknown(request, known, "Log in, or send your credentials.")
    if isinstance(asked.successful_authenticator, BasicAuthentication):
        # A password is slow to check, by intent: it must only be the same as it was.
        return user, lambda: _unchanged(user)
    return user, find_again


def _unchanged(user: Any) -> Any:
    same = type(user)._default_manager.filter(  # noqa: SLF001 - Django's documented API of models
        pk=user.pk, password=user.password, is_active=True
    )
    return same.first()


def _unknown(request: HttpRequest, known: Any, detail: str) -> Refusal:
    """Answer as the REST API does: 401 where there is a way to authenticate."""
    challenge = known[0]().authenticate_header(request) if known else None
    if challenge:
        return Refusal(401, detail, {"WWW-Authenticate": challenge})
    return Refusal(403, detail)


def _interval() -> float:
    return float(store_settings().FEED_RECHECK_SECONDS)


def _now() -> float:
    return asyncio.get_running_loop().time()
