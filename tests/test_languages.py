"""In which language whom is answered: by account, by switch, by browser; and what is English for everybody."""

from datetime import UTC, datetime
from typing import Any

import pytest
from django.conf import settings
from django.core import mail
from django.test import Client, override_settings
from django.utils import timezone, translation

from edits.languages import LANGUAGES, known_language
from edits.models import AuditEntry, User
from edits.services.team.first_run import setup_code
from edits.services.team.inviting import invite
from edits.services.team.mailing import mail_administrators
from edits.services.team.people import choose_language, set_role, take_language
from edits.time_zones import moment_words
from tests.conftest import signed_in

CHINESE = {"accept-language": "zh-CN,zh;q=0.9"}
SIGN_IN, NOT_FOUND = "<h1>登录</h1>", "页面不存在"
ODD = ["", "xx", "zz-zz", "../../etc/passwd", "a\0b", "%(x)s", "{}", "x" * 9000, "🎨", "-", "*"]


def language_of(answer: Any) -> str:
    """Of the page: what its root element says, which must be what the header says."""
    said = str(answer.content.decode().split('<html lang="')[1].split('"')[0])
    assert answer.headers["Content-Language"] == said
    return said


def choose(client: Client, language: str, **more: Any) -> Any:
    return client.post("/language/", {"language": language}, **more)


class TestCodes:
    @pytest.mark.parametrize(
        "code", ["zh", "zh-cn", "zh-CN", "zh-sg", "zh-tw", "zh-hk", "zh-hant", "ZH-Hans"]
    )
    def test_all_chinese_is_the_one_we_have(self, code: str) -> None:
        assert known_language(code) == "zh-hans"

    @pytest.mark.parametrize("code", [*ODD, "de", "fr-CA"])
    def test_what_we_do_not_speak_is_nothing(self, code: str) -> None:
        assert known_language(code) == ""

    def test_each_has_its_name_in_itself(self) -> None:
        for code, name in LANGUAGES:
            with translation.override("zh-hans"):
                assert translation.get_language_info(code)["name_local"] == name


class TestBrowser:
    @pytest.mark.parametrize("code", ["zh", "zh-CN", "zh-TW", "zh-HK", "zh-SG", "de, zh-CN;q=0.8, en;q=0.5"])
    def test_it_is_answered_in_its_language(self, db: None, root: User, client: Client, code: str) -> None:
        answer = client.get("/accounts/login/", headers={"accept-language": code})
        assert language_of(answer) == "zh-hans"
        assert SIGN_IN in answer.content.decode()

    @pytest.mark.parametrize(
        "code", [*(odd for odd in ODD if odd.isascii() and "\0" not in odd), "de", "en-GB"]
    )
    def test_without_a_language_of_ours_it_is_english(self, root: User, client: Client, code: str) -> None:
        assert language_of(client.get("/accounts/login/", headers={"accept-language": code})) == "en"

    def test_caches_keep_languages_apart(self, root: User, client: Client) -> None:
        vary = client.get("/accounts/login/").headers["Vary"]
        assert "Accept-Language" in vary
        assert "Cookie" in vary

    @pytest.mark.parametrize("cookie", [odd for odd in ODD if odd.isascii()])
    def test_a_cookie_of_nonsense_means_the_browser_s(self, root: User, client: Client, cookie: str) -> None:
        client.cookies[settings.LANGUAGE_COOKIE_NAME] = cookie
        assert language_of(client.get("/accounts/login/", headers=CHINESE)) == "zh-hans"
        assert language_of(client.get("/accounts/login/")) == "en"

    def test_a_request_leaves_its_thread_as_it_was(self, root: User, client: Client) -> None:
        before = translation.get_language()
        client.get("/accounts/login/", headers=CHINESE)
        assert translation.get_language() == before


class TestSwitch:
    def test_a_stranger_s_is_kept_in_a_cookie_of_the_installation(self, root: User, client: Client) -> None:
        answer = choose(
            client, "zh-hans", headers={"referer": "http://testserver/accounts/login/?next=/team/"}
        )
        assert answer.headers["Location"] == "/accounts/login/?next=/team/"
        cookie = answer.cookies[settings.LANGUAGE_COOKIE_NAME]
        assert settings.LANGUAGE_COOKIE_NAME.startswith("retake_language_")
        assert (cookie.value, cookie["httponly"], cookie["samesite"]) == ("zh-hans", True, "Lax")
        assert language_of(client.get("/accounts/login/")) == "zh-hans"
        assert language_of(client.get("/never/was/")) == "zh-hans"

    @pytest.mark.parametrize("language", [*ODD, "de", "zh-CN"])
    def test_what_it_does_not_offer_changes_nothing(self, alice: User, language: str) -> None:
        client = signed_in(alice)
        answer = choose(client, language)
        assert answer.status_code == 302
        assert settings.LANGUAGE_COOKIE_NAME not in answer.cookies
        alice.refresh_from_db()
        assert alice.language == ""

    @pytest.mark.parametrize(
        "page", ["https://evil.example/", "//evil.example", "javascript:alert(1)", "x" * 9000]
    )
    def test_it_leads_to_no_other_site(self, root: User, client: Client, page: str) -> None:
        answer = client.post("/language/", {"language": "en", "next": page}, headers={"referer": page})
        assert answer.headers["Location"] == "/"

    def test_it_takes_a_form_of_ours_alone(self, root: User, alice: User) -> None:
        assert choose(Client(enforce_csrf_checks=True), "zh-hans").status_code == 403
        assert Client().get("/language/").status_code == 405

    def test_it_works_before_there_is_an_account(self, db: None, client: Client) -> None:
        choose(client, "zh-hans", headers={"referer": "http://testserver/setup/"})
        assert language_of(client.get("/setup/")) == "zh-hans"

    @pytest.mark.parametrize("page", ["/accounts/login/", "/never/was/", "/invitations/nonsense/"])
    def test_pages_for_strangers_have_it(self, root: User, client: Client, page: str) -> None:
        assert 'action="/language/"' in client.get(page).content.decode()

    def test_pages_of_people_have_it(self, alice: User) -> None:
        assert 'action="/language/"' in signed_in(alice).get("/history/").content.decode()

    def test_from_an_answer_to_a_form_it_leads_to_the_page_with_the_form(self, alice: User) -> None:
        page = {"referer": "http://testserver/settings/"}
        refused = signed_in(alice).post("/settings/profile/", {"email": "no address"}, headers=page)
        assert '<input type="hidden" name="next" value="/settings/">' in refused.content.decode()


class TestAccount:
    def test_it_is_kept_with_the_account_and_comes_first(self, alice: User) -> None:
        choose(signed_in(alice), "zh-hans")
        elsewhere = signed_in(alice)
        assert language_of(elsewhere.get("/accounts/password/change/")) == "zh-hans"
        elsewhere.cookies[settings.LANGUAGE_COOKIE_NAME] = "en"
        assert language_of(elsewhere.get("/accounts/password/change/")) == "zh-hans"

    def test_errors_before_any_view_are_in_it(self, alice: User) -> None:
        choose_language(user=alice, code="zh-hans")
        assert NOT_FOUND in signed_in(alice).get("/never/was/").content.decode()

    @pytest.mark.parametrize("kept", [odd for odd in ODD if len(odd) <= 16 and "\0" not in odd])
    def test_nonsense_in_the_row_means_the_browser_s(self, alice: User, kept: str) -> None:
        User.objects.filter(pk=alice.pk).update(language=kept)
        assert language_of(signed_in(alice).get("/accounts/password/change/", headers=CHINESE)) == "zh-hans"
        assert language_of(signed_in(alice).get("/accounts/password/change/")) == "en"

    def test_the_settings_change_it_and_go_back_to_the_browser_s(self, alice: User) -> None:
        client = signed_in(alice)
        profile = {"name": "", "email": "alice@example.com", "shortcuts": "on", "time_zone": ""}
        page = client.post("/settings/profile/", profile | {"language": "zh-hans"}, follow=True)
        assert "已保存。" in page.content.decode()
        client.post("/settings/profile/", profile | {"language": ""})
        alice.refresh_from_db()
        assert alice.language == ""
        assert language_of(client.get("/settings/", headers={"accept-language": "en"})) == "en"
        assert client.post("/settings/profile/", profile | {"language": "xx"}).status_code == 422

    def test_signing_in_takes_the_switch_s_unless_there_is_one(self, alice: User, client: Client) -> None:
        choose(client, "zh-hans")
        client.post("/accounts/login/", {"login": "alice", "password": "open sesame 7"})
        alice.refresh_from_db()
        assert alice.language == "zh-hans"
        take_language(user=alice, code="en")
        alice.refresh_from_db()
        assert alice.language == "zh-hans"

    def test_the_first_account_takes_it_too(self, db: None, client: Client) -> None:
        choose(client, "zh-hans")
        client.post("/setup/", {"code": setup_code(), "username": "root", "password": "velvet hammer 9"})
        assert User.objects.get().language == "zh-hans"


class TestMail:
    @override_settings(MAIL_IS_SET_UP=True)
    def test_each_administrator_reads_their_own(self, root: User, rita: User) -> None:
        set_role(user=rita, role="administrator", by=root, now=timezone.now())
        choose_language(user=rita, code="zh-hans")
        mail_administrators(
            subject=translation.gettext_lazy("Saved."),
            text=lambda: moment_words(timezone.now(), "full"),
            run=lambda job: job(),
        )
        by_reader = {letter.to[0]: letter for letter in mail.outbox}
        assert by_reader[root.email].subject == "Saved."
        assert by_reader[rita.email].subject == "已保存。"
        assert "年" in str(by_reader[rita.email].body)


class TestEnglish:
    """Whatever the reader reads."""

    @pytest.mark.parametrize("path", ["/v1/edits", "/v1/models", "/v1/nothing", "/healthz", "/readyz"])
    def test_programs_are_answered_in_english(self, root: User, client: Client, path: str) -> None:
        plain, asked = client.get(path), client.get(path, headers=CHINESE)
        assert (asked.status_code, asked.content) == (plain.status_code, plain.content)
        assert "Accept-Language" not in asked.headers.get("Vary", "")

    def test_so_is_a_refused_host(self, root: User, client: Client) -> None:
        wanted = CHINESE | {"accept": "application/json", "host": "studio.lan"}
        assert "Add studio.lan to ALLOWED_HOSTS" in client.get("/", headers=wanted).json()["error"]["message"]

    def test_the_audit_log_is_written_in_english(self, root: User, alice: User) -> None:
        with translation.override("zh-hans"):
            set_role(user=alice, role="reviewer", by=root, now=timezone.now())
            invite(by=root, role="member", days=1, now=timezone.now())
        details = set(AuditEntry.objects.values_list("detail", flat=True))
        assert details == {"Member to Reviewer", "Member"}


class TestNames:
    @pytest.mark.parametrize("name", ["%(x)s", "100%", "%s %d", "{}", "{name}", "%%", "<b>%(name)s</b>"])
    @pytest.mark.parametrize("language", [code for code, _ in LANGUAGES])
    def test_a_name_like_a_format_is_shown_as_it_is(
        self, alice: User, root: User, name: str, language: str
    ) -> None:
        User.objects.filter(pk=alice.pk).update(first_name=name, language=language)
        alice.refresh_from_db()
        _, token = invite(by=root, role="member", days=1, now=timezone.now())
        answer = signed_in(alice).get(f"/invitations/{token}/")
        assert answer.status_code == 200
        assert name.replace("<", "&lt;").replace(">", "&gt;") in answer.content.decode()


class TestTimes:
    @pytest.mark.parametrize(
        ("style", "english", "chinese"),
        [
            ("clock", "14:02", "14:02"),
            ("day", "3 November 2025", "2025年11月3日"),
            ("short", "3 Nov 2025 14:02", "2025年11月3日 14:02"),
            ("full", "3 November 2025, 14:02", "2025年11月3日 14:02"),
            ("exact", "3 November 2025, 14:02:31", "2025年11月3日 14:02:31"),
        ],
    )
    def test_a_moment_has_the_order_of_the_language(self, style: Any, english: str, chinese: str) -> None:
        at = datetime(2025, 11, 3, 14, 2, 31, tzinfo=UTC)
        assert moment_words(at, style) == english
        with translation.override("zh-hans"):
            assert moment_words(at, style) == chinese
