"""ferrofunc: a drop-in local host for Python Azure Functions apps.

This module holds the version and nothing else: the command line, the host and every worker
import it before anything else, so it must never import.
"""

from __future__ import annotations

__all__ = ["__version__"]

__version__ = "0.1.0"
