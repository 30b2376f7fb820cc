"""What the conditions of an edition see besides its points and figures, and what it is called."""

from events.domain.documents.document import Bilingual

COUNTED = {  # what the log tells of a member's year besides, as whole numbers
    "disciplines": Bilingual(vi="Số lần bị kỷ luật", en="Times disciplined"),
    "disciplines_self_detected": Bilingual(
        vi="Số lần bị kỷ luật mà tự phát hiện, đã khắc phục xong",
        en="Times disciplined for what was self-detected and fully remedied",
    ),
    "days_absent": Bilingual(vi="Số ngày vắng trong năm", en="Days absent in the year"),
    "days_sick": Bilingual(vi="Số ngày nghỉ ốm trong năm", en="Days sick in the year"),
    "state_level": Bilingual(
        vi="Mức xếp loại phía chính quyền (1 là cao nhất, 0 là không có)",
        en="Level on the state side (1 is the best, 0 is none)",
    ),
    "quarters_failed": Bilingual(
        vi="Số quý ở mức thấp nhất", en="Quarters rated with the last level"
    ),
    "quarters_failed_running": Bilingual(
        vi="Số quý liên tiếp ở mức thấp nhất", en="Quarters in a row with the last level"
    ),
    "unit_level": Bilingual(
        vi="Mức của tập thể mà mình đứng đầu từ nửa kỳ trở lên (1 là cao nhất, 0 là không có)",
        en="Level of the unit headed for half of the period or longer (1 is the best, 0 is none)",
    ),
    "leaders_disciplined": Bilingual(
        vi="Số người lãnh đạo bị kỷ luật trong năm", en="Leaders disciplined in the year"
    ),
    "leaders_warned": Bilingual(
        vi="Số người lãnh đạo bị kỷ luật từ cảnh cáo trở lên",
        en="Leaders disciplined with more than a reprimand",
    ),
    "units_below": Bilingual(vi="Số đơn vị trực thuộc", en="Units below"),
    "units_below_disciplined": Bilingual(
        vi="Số đơn vị trực thuộc bị kỷ luật trong năm", en="Units below disciplined in the year"
    ),
}
GIVEN = {  # what conditions see besides the points by criterion and the figures
    "total": Bilingual(vi="Tổng điểm", en="Total points"),
    "disciplined": Bilingual(vi="Bị kỷ luật trong năm", en="Disciplined in the year"),
    "earlier_faults_open": Bilingual(
        vi="Khuyết điểm các năm trước chưa khắc phục", en="Faults of earlier years still open"
    ),
    **COUNTED,
}
