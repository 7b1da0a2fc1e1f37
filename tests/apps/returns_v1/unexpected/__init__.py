def main(req):
    return "nobody asked for it"
