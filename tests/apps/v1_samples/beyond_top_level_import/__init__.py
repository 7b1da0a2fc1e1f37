from ..shared_code import my_first_helper_function #(deprecated beyond top-level relative import)


def main(req):
    return f'{my_first_helper_function.greet()} in {my_first_helper_function.__name__}'
