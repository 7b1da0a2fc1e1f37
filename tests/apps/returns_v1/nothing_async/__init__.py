async def main(req):
    return None
