import json

import module_that_does_not_exist


def main(req):
    return json.dumps(module_that_does_not_exist.value)
