"""A unit's review by keyboard alone: its leader writes in its name, those above rate it."""

from playwright.sync_api import Browser, Page, expect

from events.domain.review import review
from events.domain.steps import Step
from tests.support.keyboard import press, press_on, write
from tests.support.sites import Site, violations
from tests.support.unit_years import (
    ABOVE,
    FOLLOWS,
    HEAD_OF_WRITES,
    ITS_DEPUTY,
    UNIT,
    WRITES,
)

ANSWER, WRITTEN = "Chi bộ nhận và sửa.", "Sinh hoạt đủ kỳ; quỹ công khai chậm hai quý."


def says(page: Page, text: str) -> None:
    """Expect what a page says first, after a form was taken; nothing is wrong with that page."""
    expect(page.get_by_role("status")).to_contain_text(text)
    assert violations(page) == []


def test_a_leader_answers_for_the_unit_writes_and_tells_its_meeting(
    browser: Browser, of_units: Site
) -> None:
    page = of_units.page(browser, HEAD_OF_WRITES)
    for step in ("answer", "point-answer"):
        page.goto("/inbox")
        press(page, "a")
        page.wait_for_url(f"**/write/{step}**")
        write(page, "text", ANSWER)
        press_on(page, "Gửi")
        says(page, "Đã ghi trả lời")

    page.goto(f"/reviews/2025/{of_units.id_of(WRITES)}")
    press_on(page, "Tự kiểm điểm")
    for field in page.locator("textarea[required]").all():
        write(page, field.get_attribute("id") or "", WRITTEN)
    for choice in page.locator("select[required]").all():
        choice.select_option(index=1)
    press_on(page, "Gửi")
    says(page, "Đã ghi bản tự kiểm điểm")
    expect(page.locator("main")).to_contain_text("Tự kiểm điểm, thay mặt đơn vị: Hà Thị Lan")

    press_on(page, "Họp kiểm điểm")
    expect(page.locator("main")).to_contain_text(WRITTEN)
    press_on(page, "Ghi buổi họp")
    says(page, "Đã ghi buổi kiểm điểm")
    state = of_units.year.review(of_units.year.subject(WRITES))
    assert review.stage(state) == Step.PROPOSAL


def test_a_leader_is_offered_no_step_of_those_above(browser: Browser, of_units: Site) -> None:
    page = of_units.page(browser, HEAD_OF_WRITES)
    unit = f"/reviews/2025/{of_units.id_of(WRITES)}"
    page.goto(unit)

    for step in ("proposal", "appraisal", "decision", "announcement", "deadline", "reopening"):
        assert page.locator(f"a[href^='{unit}/{step}']").count() == 0
        refused = page.request.get(f"{unit}/{step}")
        assert refused.status == 403


def test_those_above_agree_to_a_units_plan_and_name_who_follows(
    browser: Browser, of_units: Site
) -> None:
    above, leader = of_units.page(browser, ABOVE), of_units.page(browser, ITS_DEPUTY)
    above.goto("/inbox")
    press(above, "a")
    above.wait_for_url("**/plans/**")

    above.locator("#follower").select_option(of_units.id_of(FOLLOWS))
    press_on(above, "Duyệt kế hoạch")

    says(above, "Đã duyệt kế hoạch")
    leader.goto(f"/plans/2025/{of_units.id_of(UNIT)}")
    expect(leader.get_by_role("link", name="Nộp minh chứng")).to_be_visible()
