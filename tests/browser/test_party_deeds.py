"""What people do in a party year, by keyboard alone: from a suggested point to a rating anew."""

from playwright.sync_api import Browser, Page, expect

from events.domain.review import review
from events.domain.steps import Step
from events.store import reference
from tests.support.keyboard import press, press_on, write
from tests.support.party_years import DECISION
from tests.support.sites import Site, violations

MEMBER, SECRETARY, SUPERIOR, AUTHORITY = "SG-0026", "SG-0022", "SG-0043", "SG-0036"
RATED, OTHER_SECRETARY = "SG-0041", "SG-0006"
POINT, ANSWER, COMMENT = "Nêu rõ việc trả hồ sơ chậm.", "Tôi nhận lỗi.", "Chi bộ nhất trí."
COUNTED = {
    "points-conduct": "27",
    "points-results": "58",
    "figures-tasks_total": "12",
    "figures-tasks_done": "12",
    "figures-tasks_on_time": "12",
    "figures-tasks_beyond": "1",
}


def says(page: Page, text: str) -> None:
    """Expect what a page says first, after a form was taken; nothing is wrong with that page."""
    expect(page.get_by_role("status")).to_contain_text(text)
    assert violations(page) == []


def test_from_a_suggested_point_to_the_notice_by_keyboard_alone(
    browser: Browser, at_meetings: Site
) -> None:
    at = f"/reviews/2025/{at_meetings.id_of(MEMBER)}"
    numbers = (MEMBER, SECRETARY, SUPERIOR, AUTHORITY)
    member, secretary, superior, authority = (at_meetings.page(browser, each) for each in numbers)

    suggest_and_answer(superior, member, at)
    hold_the_meeting(secretary)
    propose(secretary, at)
    appraise_and_decide(superior, authority, at)
    secretary.goto(at)
    press_on(secretary, "Thông báo")
    press_on(secretary, "Thông báo")
    says(secretary, "Đã thông báo")

    member.goto("/my")
    expect(member.locator("main")).to_contain_text("Quyết định: Hoàn thành tốt nhiệm vụ")
    expect(member.locator("main")).to_contain_text(COMMENT)
    expect(member.get_by_role("link", name="In thông báo (PDF)")).to_be_visible()
    state = at_meetings.year.review(at_meetings.year.subject(MEMBER))
    assert review.stage(state) == review.ANNOUNCED


def suggest_and_answer(superior: Page, member: Page, at: str) -> None:
    superior.goto(at)
    press_on(superior, "Gợi ý kiểm điểm cho người này")
    write(superior, "text", POINT)
    press_on(superior, "Gửi")
    says(superior, "Đã ghi gợi ý")

    member.goto("/inbox")
    press(member, "a")
    member.wait_for_url("**/write/point-answer**")
    expect(member.locator("main")).to_contain_text(POINT)
    write(member, "text", ANSWER)
    press_on(member, "Gửi")
    says(member, "Đã ghi trả lời")


def hold_the_meeting(secretary: Page) -> None:
    secretary.goto("/inbox")
    press(secretary, "a")
    secretary.wait_for_url("**/meeting**")
    press_on(secretary, "Mở đọc bản tự kiểm điểm")
    expect(secretary.locator("main")).to_contain_text(ANSWER)
    write(secretary, "text", COMMENT)
    press_on(secretary, "Ghi buổi họp")
    says(secretary, "Đã ghi buổi kiểm điểm")


def propose(secretary: Page, at: str) -> None:
    secretary.goto(f"{at}/proposal")
    for field, value in COUNTED.items():
        write(secretary, field, value)
    press_on(secretary, "Tính thử")
    expect(secretary.locator("main")).to_contain_text(
        "Theo quy chế, mức sẽ là: Hoàn thành tốt nhiệm vụ"
    )
    press_on(secretary, "Đề xuất")
    says(secretary, "Đã ghi đề xuất")


def appraise_and_decide(superior: Page, authority: Page, at: str) -> None:
    superior.goto(at)
    press_on(superior, "Thẩm định")
    press_on(superior, "Gửi ý kiến thẩm định")
    says(superior, "Đã ghi ý kiến thẩm định")
    authority.goto(at)
    press_on(authority, "Quyết định")
    expect(authority.locator("main")).to_contain_text("(Thẩm định)")
    press_on(authority, "Quyết định")
    says(authority, "Đã ghi quyết định")


def test_meetings_are_told_together_by_keyboard(browser: Browser, at_meetings: Site) -> None:
    page = at_meetings.page(browser, OTHER_SECRETARY)
    page.goto("/inbox")

    press(page, "x", "j", "x")
    press_on(page, "Xử lý các việc đã chọn")
    expect(page.locator("h1")).to_have_text("Sắp thực hiện 2 việc")
    press_on(page, "Thực hiện tất cả")

    expect(page.locator("tbody .yes")).to_have_count(2)
    assert violations(page) == []


def test_a_late_discipline_reopens_a_review_by_keyboard(browser: Browser, reopened: Site) -> None:
    page = reopened.page(browser, AUTHORITY)
    page.goto(f"/reviews/2025/{reopened.id_of(RATED)}")

    press_on(page, "Mở lại để xếp loại lại")
    write(page, "decision", DECISION)
    write(page, "text", POINT)
    press_on(page, "Mở lại")

    says(page, "Đã mở lại hồ sơ; mức cũ còn hiệu lực")
    member = reopened.page(browser, RATED)
    member.goto("/reviews/2025/" + reopened.id_of(RATED))
    expect(member.locator("main")).to_contain_text("Quyết định trước khi mở lại: Hoàn thành xuất")
    assert review.stage(reopened.year.review(reopened.year.subject(RATED))) == Step.PROPOSAL


def test_a_committee_publishes_its_edition_by_keyboard(browser: Browser, at_meetings: Site) -> None:
    ours = (reference.SHIPPED / "rulebooks" / "neutral.yaml").read_text("utf-8")
    page = at_meetings.page(browser, AUTHORITY)
    page.goto("/rulebooks/new?like=neutral")

    write(page, "document", ours.replace("issuer: tusoi", "issuer: suoi_guong"))
    press_on(page, "Thử")
    says(page, "Không có gì sai")
    press_on(page, "Ban hành")

    says(page, "Đã ban hành")
    expect(page.locator("main")).to_contain_text("suoi_guong")
    page.goto("/rulebooks")
    assert violations(page) == []
