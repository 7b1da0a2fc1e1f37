"""Other people's HTTP clients against a running host: what they do of themselves has to work."""
