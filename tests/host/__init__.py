"""Tests of the host's Python side: what it reads, decides and prints, without a worker."""
