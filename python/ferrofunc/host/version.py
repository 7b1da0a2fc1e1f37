"""The versions the host shows to tools that ask which official host they are talking to.

Tools compare the numbers before the `+`; what follows says who really answers. Used by `banner`
and `admin`.
"""

from __future__ import annotations

from ferrofunc import __version__

RUNTIME_VERSION = "4.1052.200.0"
"""The release of the official runtime whose behaviour is followed."""

RUNTIME_VERSION_DETAILS = f"4.1052.200+ferrofunc.{__version__}"

TOOLS_VERSION = f"4.14.0+ferrofunc.{__version__}"
"""The release of the official tools whose command line is followed."""
