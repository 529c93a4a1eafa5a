"""How gunicorn serves the demonstration: two processes of four threads; the one that holds the lock works as well."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from demonstration.parent import end_with_parent
from infrastructure.jobs import lead_and_work
from infrastructure.web.serving import control_socket_disable, preload_app, when_ready, worker_class

__all__ = ["control_socket_disable", "preload_app", "when_ready", "worker_class"]  # as in production

bind = f"127.0.0.1:{os.environ.get('PORT', '8000')}"
workers = 2
threads = 4
graceful_timeout = 5
accesslog = None
errorlog = "-"
loglevel = "warning"


def on_starting(server: Any) -> None:
    """Leave no server behind when `make run` is killed."""
    end_with_parent()


def post_worker_init(worker: Any) -> None:
    """Let one of the web processes do the worker's work, and another when that one dies."""
    app = worker.wsgi
    settings = app.extensions["house"].settings
    if settings.worker_in_web:
        lead_and_work(app.extensions["worker"], Path(settings.instance_dir) / "worker.lock")
