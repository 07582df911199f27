"""What a program's request lacks: a key, a scope, an address, a size that fits."""

from __future__ import annotations

from lib.domain.errors.base import Invalid, StudioError


class NotAuthenticated(StudioError):
    """The request has no API key, or one that is malformed, unknown, expired or revoked."""

    code = "not_authenticated"
    status = 401


class ScopeMissing(StudioError):
    """The API key lacks the scope that the route requires."""

    code = "scope_missing"
    status = 403


class TenantNotFound(StudioError):
    """The request names a tenant other than the API key's own."""

    code = "tenant_not_found"
    status = 404


class TooManyRequests(StudioError):
    """The API key used up its requests; it gets the next one in ``seconds``."""

    code = "too_many_requests"
    status = 429
    retryable = True


class ServerFull(StudioError):
    """All slots for generations of programs are in use."""

    code = "server_full"
    status = 503
    retryable = True


class BodyTooLarge(StudioError):
    """The request's body has more than ``most`` bytes."""

    code = "body_too_large"
    status = 413


class BodyTooSlow(StudioError):
    """The request's body was not there after ``seconds``."""

    code = "body_too_slow"
    status = 408
    retryable = True


class InvalidRequest(Invalid):
    """The request does not fit the API's description."""

    code = "invalid_request"


class NoSuchAddress(StudioError):
    """No route has this path."""

    code = "no_such_address"
    status = 404


class WrongHost(StudioError):
    """The request's ``Host`` is not in ``server.allowedHosts``."""

    code = "wrong_host"
    status = 421


class WrongOrigin(StudioError):
    """The request's ``Origin`` is neither the server's own nor in ``server.corsAllowedOrigins``."""

    code = "wrong_origin"
    status = 403


class MethodNotAllowed(StudioError):
    """The route exists and does not take the method."""

    code = "method_not_allowed"
    status = 405


class KeyNotFound(StudioError):
    """The tenant has no live API key with this id."""

    code = "key_not_found"
    status = 404


class TooManyKeys(StudioError):
    """The tenant has ``most`` live API keys of this name already."""

    code = "too_many_keys"
    status = 409
