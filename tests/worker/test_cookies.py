"""`cookies`: the table of spec http 5.5 is in `tests/e2e/test_return.py`; here is the rest."""

from __future__ import annotations

from http.cookies import CookieError

import pytest
from ferrofunc.worker.cookies import reissue, write


def test_every_cookie_of_every_header() -> None:
    assert reissue(["a=1; b=2", "c=3; Path=/"]) == [
        "a=1; domain=; path=",
        "b=2; domain=; path=",
        "c=3; domain=; path=/",
    ]


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ('a="b c"', "a=b%20c"),
        ("a=b==", "a=b%3D%3D"),
        ("a=x.y-z_~", "a=x.y-z_~"),
        ("a=b/c+d", "a=b%2Fc%2Bd"),
    ],
)
def test_values_are_percent_encoded(value: str, expected: str) -> None:
    assert reissue([value]) == [f"{expected}; domain=; path="]


@pytest.mark.parametrize(
    "value",
    [
        "",
        '""',
        "no equals sign",
        "Path=/",
        "foo=",
        "foo=bar; Max-Age=soon",
        "foo=bar; Max-Age=nan",
        "foo=bar; Secure=yes",
        "foo=bar; HttpOnly=yes",
    ],
)
def test_what_cannot_be_read_is_left_out(value: str) -> None:
    assert reissue([value, "kept=1"]) == ["kept=1; domain=; path="]


def test_a_name_that_no_cookie_may_have() -> None:
    with pytest.raises(CookieError, match="a/b"):
        reissue(["a/b=1"])


@pytest.mark.parametrize(
    ("expires", "expected"),
    [
        ("Thu, 12 Jan 2017 13:55:08 GMT", "Thu, 12 Jan 2017 13:55:08 GMT"),
        ("Thu, 12-Jan-2017 13:55:08 GMT", "Thu, 12 Jan 2017 13:55:08 GMT"),
        ("Thu, 12-Jan-17 13:55:08 GMT", "Thu, 12 Jan 2017 13:55:08 GMT"),
        ("2017-01-12", "Thu, 12 Jan 2017 00:00:00 GMT"),
        ("2017-01-12T13:55:08+01:00", "Thu, 12 Jan 2017 12:55:08 GMT"),
    ],
)
def test_dates_become_one_form(expires: str, expected: str) -> None:
    assert write("a", "1", {"expires": expires}) == f"a=1; expires={expected}; domain=; path="


@pytest.mark.parametrize(
    "expires",
    ["someday", "0", "Thu, 99 Jan 2017 13:55:08 GMT", "Fri, 31 Dec 9999 23:59:59 -0100"],
)
def test_what_is_no_date_is_an_error(expires: str) -> None:
    text = f"Can not parse value {expires} of expires in the cookie due to invalid format."
    with pytest.raises(ValueError) as caught:
        write("a", "1", {"expires": expires})
    assert str(caught.value) == text


@pytest.mark.parametrize(("given", "sent"), [("0", "0"), ("-1", "-1"), ("1.9", "1"), ("007", "7")])
def test_max_age_is_whole_seconds(given: str, sent: str) -> None:
    assert reissue([f"a=1; Max-Age={given}"]) == [f"a=1; max-age={sent}; domain=; path="]


def test_an_unknown_same_site_is_left_out() -> None:
    assert reissue(["a=1; SameSite=odd"]) == ["a=1; domain=; path="]


def test_attributes_have_one_order() -> None:
    given = "a=1; HttpOnly; SameSite=Lax; Secure; Path=/p; Domain=d; Max-Age=5"
    assert reissue([given]) == ["a=1; max-age=5; domain=d; path=/p; secure; samesite=lax; httponly"]
