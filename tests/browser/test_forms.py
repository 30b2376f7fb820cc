"""A self-review on its form: by keyboard, on a phone, without script, and shown by section."""

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.support.looking import OPENS_WORDS
from tests.support.sites import DESK, PHONE, Site, scrolls_sideways, violations

WRITER, LEADER, READER = "SG-0028", "SG-0042", "SG-0021"
WORDS = "Tôi nhận khuyết điểm và sẽ sửa."
SIZES = [(DESK, "vi"), (PHONE, "en"), (PHONE, "vi")]
PAGE_BYTES_MAX = 100 * 1024


def form(site: Site, number: str, name: str = "self-critique") -> str:
    return f"/reviews/2026/{site.id_of(number)}/write/{name}"


def fill_in(page: Page) -> None:
    for field in page.locator("textarea[required]").all():
        field.fill(WORDS)
    for choice in page.locator("select[required]").all():
        choice.select_option(index=1)


@pytest.mark.parametrize(("width", "language"), SIZES)
@pytest.mark.parametrize("name", ["self-critique", "commitment"])
def test_a_form_is_fit_for_everybody(
    browser: Browser, on_forms: Site, name: str, width: int, language: str
) -> None:
    page = on_forms.page(browser, LEADER, width=width, language=language)

    answer = page.goto(form(on_forms, LEADER, name))

    assert answer is not None
    assert answer.status == 200
    assert len(answer.body()) < PAGE_BYTES_MAX
    assert violations(page) == []
    assert not scrolls_sideways(page)
    page.context.close()


def test_a_sheet_is_gone_through_by_keyboard(browser: Browser, on_forms: Site) -> None:
    page = on_forms.page(browser, LEADER, width=PHONE)
    page.goto(form(on_forms, LEADER))

    page.locator('[id="sheet-1.1"] input').first.focus()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Tab")
    page.keyboard.press("Space")

    expect(page.locator('[id="sheet-1.1"] input[value=slight]')).to_be_checked()
    expect(page.locator('[id="sheet-1.2"] input[value=none]')).to_be_checked()
    expect(page.locator("[data-saved]")).to_contain_text("Đã lưu nháp")
    page.reload()
    expect(page.locator('[id="sheet-1.1"] input[value=slight]')).to_be_checked()


def test_a_self_review_is_written_without_script_and_read_by_section(
    browser: Browser, on_forms: Site
) -> None:
    writer = on_forms.page(browser, WRITER, width=PHONE, java_script_enabled=False)
    writer.goto(form(on_forms, WRITER, "commitment"))
    fill_in(writer)
    writer.get_by_role("button", name="Gửi").click()
    writer.goto(form(on_forms, WRITER))
    fill_in(writer)
    expect(writer.locator("aside").first).to_contain_text(WORDS)  # the commitment

    writer.locator("#section-measures").fill(" ")
    writer.get_by_label("Mức tự nhận ở mục I.3").select_option("average")
    writer.get_by_role("group", name="1.5.").get_by_label("Rõ").check()
    writer.get_by_role("button", name="Gửi").click()
    expect(writer.get_by_role("alert")).to_contain_text("Hãy điền mục VI.")
    writer.locator("#section-measures").fill(WORDS)
    writer.get_by_role("button", name="Gửi").click()
    expect(writer.get_by_role("status")).to_have_text("Đã ghi bản tự kiểm điểm.")

    reader = on_forms.page(browser, READER, width=PHONE)
    reader.goto(f"/reviews/2026/{on_forms.id_of(WRITER)}")
    reader.locator(OPENS_WORDS).first.click()
    expect(reader.get_by_role("heading", name="Cam kết và kết quả")).to_be_visible()
    expect(reader.get_by_role("heading", name="I.3. Việc thực hiện cam kết").first).to_contain_text(
        "Trung bình"
    )
    expect(reader.get_by_role("row", name="1.5.")).to_contain_text("Rõ")
    assert violations(reader) == []
    assert not scrolls_sideways(reader)
