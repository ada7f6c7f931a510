"""Who follows, what they may see, and whether that is still so."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable
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
from eventstore.feeds.refusals import Refusal
from eventstore.grants import tenants_of

_NO_GRANT = "You have no grant in any tenant. Ask an administrator for one."


@dataclass(frozen=True, slots=True)
class Caller:
    """A user who may see something, and how to ask whether they still may.

    Attributes:
        user_id: their key.
        tenants: those they have a grant in.
        find_again: returns the user as they are now, ``None`` when they are locked out.
    """

    user_id: Any
    tenants: frozenset[str]
    find_again: Callable[[], Any]


class Access:
    """What one stream may see, asked for anew now and then."""

    def __init__(self, caller: Caller, tenants: frozenset[str]) -> None:
        """Know what was true when the stream began."""
        self._caller = caller
        self._tenants = tenants
        # Spread, so that streams that began together do not ask together.
        self._due = _now() + _interval() * random.uniform(0.5, 1)  # noqa: S311

    def seconds_left(self) -> float:
        """Return the seconds until it is to be asked for; at most 0 when it is due."""
        return self._due - _now()

    def is_still_given(self) -> bool:
        """Ask the database; not in the event loop."""
        user = self._caller.find_again()
        return (
            user is not None
            and user.pk == self._caller.user_id
            and self._tenants <= tenants_of(user)
        )

    def renew(self) -> None:
        """Have it asked for again after a while."""
        self._due = _now() + _interval()


def caller_of(request: HttpRequest) -> Caller:
    """Return who asks: by their session, or as the host's REST API knows them.

    Raises:
        Refusal: nobody that is known, or without a grant.
    """
    find_again: Callable[[], Any] = lambda: _by_session(request)  # noqa: E731 - a choice of two
    user = find_again()
    if user is None:
        user, find_again = _by_api(request)
    tenants = tenants_of(user)
    if not tenants:
        raise Refusal(403, _NO_GRANT)
    return Caller(user.pk, tenants, find_again)


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
