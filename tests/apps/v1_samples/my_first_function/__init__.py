from shared_code import my_first_helper_function #(absolute)
import shared_code.my_second_helper_function #(absolute)
from . import example #(relative)


def main(req):
    return ' '.join((
        my_first_helper_function.greet(),
        str(shared_code.my_second_helper_function.double(4)),
        example.WHERE,
    ))
