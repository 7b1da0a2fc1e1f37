import time

time.sleep(1)


def main(req):
    return "started"
