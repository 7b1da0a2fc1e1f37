"""End-to-end tests: the real command, a real app folder, real sockets.

Each test starts `ferrofunc start` on a copy of one of the small apps in `tests/apps` (or of an
example) and looks at it from outside: what a client receives, what the log says, which processes
live. Nothing here imports ferrofunc, so the tests hold for whatever stands behind the command.
"""
