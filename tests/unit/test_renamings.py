"""Two names are those of two people where their given names are not one, however they are told."""

import pytest

from services.queries.renamings import differ


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Trần Thị Vân", "Nguyễn Văn An"),  # what stands between is nobody's given name
        ("Lê Văn Thi", "Trần Thị Hoa"),
        ("Bùi Hồng Mai", "Lý Kim Hồng"),
        ("Trần Vân", "Trần Văn Hải"),
        ("Nguyễn Thị Vân", "Nguyễn Thị Văn"),  # another mark makes another name
        ("Nguyễn Thị Lan", "Nguyễn Thị Loan"),  # as long names alike as these two are no slip
        ("Ngô Thị Hương", "Bùi Minh Phương"),
        ("Y Bhăm Niê", "H Linh Niê"),  # the clan stands last
        ("Y Bhăm Niê", "H'Bhăm Niê"),
        ("An", "Lê An Bình"),
        ("Văn Nguyễn Thị", "Thị Văn"),
    ],
)
def test_another_given_name_may_be_another_person(one: str, other: str) -> None:
    assert (differ(one, other), differ(other, one)) == (True, True)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Nguyễn Văn An", "Nguyễn Hữu An"),
        ("Trần Thị Vân", "TRAN THI VAN"),
        ("Đỗ Văn Đường", "Do Van Dương"),  # some of the marks
        ("Lê Thị Hoà", "Lê Thị Hòa"),
        ("Nguyễn Văn An", "An Nguyễn Văn"),  # the other order
        ("An Nguyen", "Nguyễn Văn An"),
        ("Y Bhăm Niê", "Y Bham Niê Kdăm"),
        ("H'Linh Niê", "H Linh Ayun"),
        ("Siu Krajanhlan", "Siu Krajanhlann"),
    ],
)
def test_the_given_name_however_it_is_written_is_one_persons(one: str, other: str) -> None:
    assert (differ(one, other), differ(other, one)) == (False, False)
