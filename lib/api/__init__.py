"""The HTTP API for programs under ``/api``, downloads and health checks.

Reading order: schemas (bodies), responses, threads, access (keys), feeds, streaming, metrics, health, docs,
application, routes.
"""

from lib.api.routes import routes

__all__ = ["routes"]
