def main(request):
    return "never"
