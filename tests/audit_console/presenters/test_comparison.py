from __future__ import annotations

from audit_console.presenters import comparison
from audit_console.presenters.masking import Mask

MASK = Mask((("data", "who"),))


def test_whether_hidden_values_are_the_same_is_not_told():
    for documents in ([{"who": "anna"}, {"who": "anna"}], [{"who": "a"}, {"who": "b"}]):
        (place,), _complete = comparison.compare(documents, base="/data", mask=MASK)

        assert (place.path, place.differs, place.is_hidden) == ("who", False, True)


def test_no_name_below_a_hidden_place_is_told():
    places, _complete = comparison.compare(
        [{"who": {"anna@x": 1}, "n": 1}, {"n": 2}], base="/data", mask=MASK
    )

    assert [place.path for place in places] == ["who", "n"]
    assert [place.differs for place in places] == [False, True]
