"""A worker process: the only place where user code is imported and run."""
