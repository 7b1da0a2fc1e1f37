def main(req):
    return "unclosed
