"""How the C allocator of workers is tuned: memory of large bodies is kept for the next ones.

Fresh pages cost many times what the copy into them costs, and the allocator's defaults give those
of a body of some megabytes back after each call. Variables that the user has set win. The zygote
starts with these and forgets them, so that programs started by user code do not inherit them.
Called by `host.processes` and `worker.zygote`; imports nothing.
"""

from __future__ import annotations

TUNING = {
    # One heap for all threads: the GIL lets one of them allocate at a time anyway.
    "MALLOC_ARENA_MAX": "1",
    # Bytes from which a block gets pages of its own, given back when it is freed.
    "MALLOC_MMAP_THRESHOLD_": "33554432",
    # Free bytes at the heap's end that are kept.
    "MALLOC_TRIM_THRESHOLD_": "134217728",
}
