import asyncio
import logging
from pathlib import Path

RUNNING = 0
MOST = 0


async def main(req):
    """Answers with how many calls ran at the same time at most, since it was last reset.

    A call takes as many seconds as `for` says, or until the file `gate` is there.
    """
    global RUNNING, MOST
    if "reset" in req.params:
        MOST = RUNNING
        return "reset"
    RUNNING += 1
    MOST = max(MOST, RUNNING)
    logging.info("entered %s", req.params.get("tag"))
    try:
        if gate := req.params.get("gate"):
            while not Path(gate).exists():
                await asyncio.sleep(0.005)
        else:
            await asyncio.sleep(float(req.params.get("for", "0.1")))
        return f"most {MOST}"
    finally:
        RUNNING -= 1
