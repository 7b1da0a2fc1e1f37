def entry_with_another_name(req):
    return "never"
