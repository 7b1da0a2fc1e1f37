"""The host process: everything around the gateway that needs Python and no user code."""
