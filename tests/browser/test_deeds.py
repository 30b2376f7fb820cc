"""What people do on pages: by keyboard alone, without script, and with what they typed kept."""

from pathlib import Path

from playwright.sync_api import Browser, Page, expect

from events.domain.plan import plan
from events.domain.review import review
from services.commands import plans
from tests.support.keyboard import press, press_on, tab_to, tick
from tests.support.looking import OPENS_WORDS
from tests.support.sites import PASSWORD, Site, scrolls_sideways, violations

FOLLOWED, FOLLOWER = "SG-0028", "SG-0022"
LATE, SECRETARY, AUTHORITY, PEER = "SG-0046", "SG-0042", "SG-0036", "SG-0043"
WORDS = "Tôi nhận khuyết điểm và sẽ sửa."


def status_of(site: Site) -> plan.Status:
    stream = plans.stream_of(site.year.subject(FOLLOWED))
    state = plan.fold(site.system.store.read_stream(stream).events)
    return state.milestones[0].status


def review_of(site: Site, number: str) -> review.State:
    return site.year.review(site.year.subject(number))


def test_from_sign_in_to_approval_by_keyboard_alone(browser: Browser, in_april: Site) -> None:
    in_april.account(FOLLOWER)
    page = in_april.page(browser)
    page.goto("/sign-in")

    expect(page.locator("#login")).to_be_focused()
    page.keyboard.type(FOLLOWER.lower())
    press(page, "Tab")
    page.keyboard.type(PASSWORD)
    press(page, "Enter")
    page.wait_for_url("**/reviews/**")
    tab_to(page, "Việc chờ tôi")
    press(page, "Enter")
    page.wait_for_url("**/inbox")
    press(page, "o")
    expect(page.locator("article")).to_contain_text("Mười hai tin nhắn báo cáo")
    tick(page, "unopened")  # of what was handed in, the file
    press_on(page, "Duyệt")
    page.wait_for_url("**done=milestone_approval")

    expect(page.get_by_role("status")).to_have_text("Đã duyệt mốc.")
    assert status_of(in_april) is plan.Status.APPROVED
    page.get_by_role("link", name="Rút lại quyết định vừa rồi").click()
    page.get_by_role("button", name="Rút lại quyết định vừa rồi").click()
    expect(page.get_by_role("status")).to_have_text("Đã rút lại quyết định.")
    assert status_of(in_april) is plan.Status.HANDED_IN


def test_keys_can_be_switched_off_and_are_listed(browser: Browser, in_april: Site) -> None:
    page = in_april.page(browser, FOLLOWER)
    page.goto("/inbox")
    before = status_of(in_april)

    press(page, "?")
    expect(page.get_by_role("dialog")).to_be_visible()
    press(page, "Escape")
    page.get_by_role("button", name="Tắt phím tắt").click()
    page.reload()
    page.keyboard.press("a")
    page.keyboard.press("r")

    expect(page.get_by_role("button", name="Bật phím tắt")).to_be_visible()
    assert status_of(in_april) is before


def test_a_letter_typed_into_a_field_is_no_command(browser: Browser, in_april: Site) -> None:
    page = in_april.page(browser, FOLLOWER)
    page.goto("/inbox")
    before = status_of(in_april)

    page.locator("#text").focus()
    page.keyboard.type("a c r x")

    expect(page.locator("#text")).to_have_value("a c r x")
    assert status_of(in_april) is before


def test_a_return_without_a_reason_is_refused_and_a_file_opens(
    browser: Browser, in_april: Site
) -> None:
    page = in_april.page(browser, FOLLOWER)
    page.goto(f"/plans/2025/{in_april.id_of(FOLLOWED)}")
    page.locator(OPENS_WORDS).first.click()

    form = page.locator("table form").first
    token = form.locator("input[name=csrf]").get_attribute("value") or ""
    file = page.request.post(form.get_attribute("action") or "", form={"csrf": token})
    page.get_by_role("button", name="Trả lại").click()

    assert file.status == 200
    assert file.headers["content-type"].startswith("text/plain")
    assert "sandbox" in file.headers["content-security-policy"]
    expect(page.get_by_role("alert")).to_contain_text("Chưa gửi được")
    assert violations(page) == []


def test_a_follower_sees_a_file_beside_the_verdict_and_that_is_recorded(
    browser: Browser, in_april: Site
) -> None:
    page = in_april.page(browser, FOLLOWER)
    page.goto("/inbox")
    page.locator(OPENS_WORDS).first.click()

    page.locator("summary", has_text="Xem trước").first.click()
    page.get_by_role("button", name="Xem trước").first.click()

    preview = page.frame_locator("iframe").first.locator("body")
    expect(preview).to_contain_text("Mười hai tin nhắn báo cáo hằng tuần")
    reviewed = in_april.page(browser, FOLLOWED)
    reviewed.goto("/my")
    expect(reviewed.locator("#readers + ul")).to_contain_text("người theo dõi khắc phục")


def test_evidence_of_a_wrong_type_is_refused_and_the_words_are_kept(
    browser: Browser, in_april: Site, tmp_path: Path
) -> None:
    script = tmp_path / '<img src=x onerror="alert(1)">.pdf'
    script.write_bytes(b"MZ\x00\x00 no PDF at all")
    page = in_april.page(browser, FOLLOWED)
    page.goto(f"/milestones/2025-{in_april.id_of(FOLLOWED)}-1/evidence")

    page.locator("#files").set_input_files(script)
    page.locator("#text").fill(WORDS)
    page.get_by_role("button", name="Nộp minh chứng").click()

    expect(page.get_by_role("alert")).to_contain_text("Không nhận loại tệp này")
    expect(page.locator("#text")).to_have_value(WORDS)
    assert violations(page) == []


def test_a_draft_saves_itself_and_comes_back(browser: Browser, in_december: Site) -> None:
    writer = in_december.page(browser, PEER)
    form = f"/reviews/2025/{in_december.id_of(LATE)}/write/criticism"
    writer.goto(form)

    writer.locator("#text").fill(WORDS)
    expect(writer.locator("[data-saved]")).to_contain_text("Đã lưu nháp")
    again = in_december.page(browser, PEER)
    again.goto(form)

    expect(again.locator("#text")).to_have_value(WORDS)
    again.get_by_role("button", name="Bỏ nháp").click()
    expect(again.locator("#text")).to_have_value("")


def test_a_review_goes_all_its_way_without_script(browser: Browser, in_december: Site) -> None:
    at = f"/reviews/2025/{in_december.id_of(LATE)}"
    member = in_december.page(browser, LATE, java_script_enabled=False)
    secretary = in_december.page(browser, SECRETARY, java_script_enabled=False)
    authority = in_december.page(browser, AUTHORITY, java_script_enabled=False)

    member.goto("/my")
    member.get_by_role("link", name="Tự kiểm điểm", exact=True).click()
    member.locator("#text").fill(WORDS)
    member.get_by_role("button", name="Lưu nháp").click()
    expect(member.locator("#text")).to_have_value(WORDS)
    member.locator("#points-conduct").fill("26")
    member.get_by_role("button", name="Gửi").click()
    expect(member.get_by_role("status")).to_have_text("Đã ghi bản tự kiểm điểm.")

    secretary.goto(f"{at}/proposal")
    secretary.locator(OPENS_WORDS).first.click()
    expect(secretary.locator("main")).to_contain_text(WORDS)
    fill_in_points(secretary)
    secretary.get_by_role("button", name="Tính thử").click()
    expect(secretary.get_by_role("heading", name="Theo quy chế, mức sẽ là: Tốt")).to_be_visible()
    secretary.get_by_role("button", name="Đề xuất").click()
    expect(secretary.get_by_role("status")).to_have_text("Đã ghi đề xuất.")

    authority.goto(f"{at}/decision")
    authority.get_by_label("Đạt", exact=True).check()
    authority.get_by_role("button", name="Quyết định").click()
    expect(authority.get_by_role("alert")).to_contain_text("phải nêu lý do")
    authority.get_by_label("Lý do").fill(WORDS)
    authority.get_by_role("button", name="Quyết định").click()
    secretary.goto(f"{at}/announcement")
    secretary.get_by_role("button", name="Thông báo").click()

    member.goto("/my")
    expect(member.locator("main")).to_contain_text("Quyết định: Đạt")
    expect(member.locator("#readers + ul")).to_contain_text("với tư cách bí thư đơn vị")
    assert review.stage(review_of(in_december, LATE)) == review.ANNOUNCED


def fill_in_points(page: Page) -> None:
    figures = {
        "points-conduct": "26",
        "points-results": "57",
        "figures-tasks_total": "15",
        "figures-tasks_on_time": "15",
        "figures-tasks_beyond": "4",
    }
    for name, value in figures.items():
        page.locator(f"#{name}").fill(value)


def test_notices_are_given_all_at_once_each_with_its_result(
    browser: Browser, decided: Site
) -> None:
    page = decided.page(browser, SECRETARY)
    page.goto("/inbox")

    for each in page.locator("input[name=row]").all()[:3]:
        each.check()
    page.get_by_role("button", name="Xử lý các việc đã chọn").click()
    assert violations(page) == []
    page.get_by_role("button", name="Thực hiện tất cả").click()

    assert page.locator("tbody .yes").count() == 3
    assert page.locator("tbody th a[href^='/reviews/']").count() == 3
    assert violations(page) == []
    assert not scrolls_sideways(page)


def test_evidence_goes_to_its_verdict_without_script(
    browser: Browser, in_april: Site, tmp_path: Path
) -> None:
    """The follower sent it back in March: it is handed in again, and approved from the inbox."""
    paper = tmp_path / "bien-ban.txt"
    paper.write_text(WORDS, encoding="utf-8")
    member = in_april.page(browser, LATE, java_script_enabled=False)
    follower = in_april.page(browser, "SG-0053", java_script_enabled=False)

    member.goto(f"/plans/2025/{in_april.id_of(LATE)}")
    member.get_by_role("link", name="Nộp minh chứng").first.click()
    member.locator("#files").set_input_files(paper)
    member.get_by_role("button", name="Nộp minh chứng").click()
    expect(member.get_by_role("status")).to_have_text("Đã nộp minh chứng.")
    follower.goto("/inbox")  # where the escalation may still wait too: a reaction will settle it
    evidence = follower.get_by_role("listitem").filter(has_text="Duyệt minh chứng")
    evidence.get_by_role("link").click()
    follower.get_by_role("button", name="Mở đọc nội dung").first.click()
    expect(follower.locator("article")).to_contain_text("bien-ban.txt")
    follower.get_by_label("Tôi duyệt dù chưa mở đọc 1 mục").check()  # the file
    follower.get_by_role("button", name="Duyệt").click()

    expect(follower.get_by_role("status")).to_have_text("Đã duyệt mốc.")
    stream = plans.stream_of(in_april.year.subject(LATE))
    state = plan.fold(in_april.system.store.read_stream(stream).events)
    assert state.milestones[0].status is plan.Status.APPROVED
