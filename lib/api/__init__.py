"""The door for programs: an HTTP API under ``/api``, and whether the server is well, for whoever watches over it.

Reading order: schemas (what travels), problems (what went wrong), threads (who waits where), access (who asks), feeds,
streaming, metrics, health, docs, application, routes.
"""

from lib.api.routes import routes

__all__ = ["routes"]
