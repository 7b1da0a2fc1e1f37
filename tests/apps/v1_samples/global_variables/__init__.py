import json
import uuid

CACHED_DATA = None


def main(req):
    global CACHED_DATA
    if CACHED_DATA is None:
        CACHED_DATA = load_json()

    return CACHED_DATA["loaded"]


def load_json():
    return json.loads(json.dumps({"loaded": f"loaded once: {uuid.uuid4()}"}))
