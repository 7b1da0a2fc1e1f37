def customentry(req):
    return f'customentry of {__name__}'
