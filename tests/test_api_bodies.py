"""Bodies of calls: what is no whole form is refused with a sentence, as are chunks that are too many."""

import errno
from io import BytesIO
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from gunicorn.http.errors import InvalidChunkSize

from editor_site.request_body import BoundedBody, DrainedResponse, read_off, read_to_the_end
from edits.http.upload_errors import IncomingFile
from edits.models import EditRequest, User
from tests.api_calls import ADDRESS, AT_ONCE, PHOTO, ask, error_of, form, refusal_of, taken, usual_parts
from tests.callers import caller_of


@pytest.fixture
def program(alice: User) -> Client:
    """A script of Alice's."""
    return caller_of(alice)


def send(program: Client, body: bytes, content_type: str) -> Any:
    return program.generic("POST", ADDRESS, body, content_type=content_type, headers=AT_ONCE)


class TestForms:
    def test_a_whole_one_is_taken(self, program: Client) -> None:
        assert taken(send(program, *form(*usual_parts()))).source_name == "cat.jpg"

    def test_what_follows_the_last_boundary_is_ignored(self, program: Client) -> None:
        body, content_type = form(*usual_parts())
        taken(send(program, body + b"\r\nepilogue", content_type))

    @pytest.mark.parametrize("name", ["", "..", "/", "../../etc/passwd", "C:\\\\x\\\\y.jpg", "\u202egpj.exe"])
    def test_a_file_with_a_useless_name_is_one_all_the_same(self, program: Client, name: str) -> None:
        *fields, (_, picture) = usual_parts()
        edit = taken(send(program, *form(*fields, (f'name="image"; filename="{name}"', picture))))
        assert "/" not in edit.source_name

    @pytest.mark.slow
    def test_a_nameless_file_is_one_wherever_the_body_is_cut_while_it_is_read(self, program: Client) -> None:
        for filler in range(65_536 - 330, 65_536 - 90, 3):
            parts = [*usual_parts()[:2], ('name="note"', b"x" * filler), ('name="image"; filename=""', PHOTO)]
            assert taken(send(program, *form(*parts))).source_name, filler
            EditRequest.objects.all().delete()  # there is an end to how many wait

    @pytest.mark.slow
    def test_an_empty_file_is_none_wherever_the_body_is_cut(self, program: Client) -> None:
        for filler in range(65_536 - 330, 65_536 - 90, 7):
            parts = [*usual_parts()[:2], ('name="note"', b"x" * filler), ('name="image"; filename=""', b"")]
            assert refusal_of(send(program, *form(*parts))) == ("image", "required"), filler

    def test_where_no_file_was_chosen_there_is_none(self, program: Client) -> None:
        *fields, _ = usual_parts()
        nothing = ('name="image"; filename=""\r\nContent-Type: application/octet-stream', b"")
        assert refusal_of(send(program, *form(*fields, nothing))) == ("image", "required")

    @pytest.mark.parametrize("missing_bytes", [1, 5, 60, 200, len(PHOTO) // 2])
    def test_one_that_was_cut_off_is_refused(self, program: Client, missing_bytes: int) -> None:
        body, content_type = form(*usual_parts(), end=False)
        assert refusal_of(send(program, body[:-missing_bytes], content_type)) == (None, "bad_request")

    def test_half_a_prompt_is_none(self, program: Client) -> None:
        picture, model, prompt = (
            usual_parts()[2],
            usual_parts()[0],
            ('name="prompt"', b"Turn the cat into a dog"),
        )
        body, content_type = form(picture, model, prompt, end=False)
        assert refusal_of(send(program, body[:-8], content_type)) == (None, "bad_request")

    @pytest.mark.parametrize(
        ("content_type", "status"),
        [("application/json", 400), ("text/plain", 415), ("", 415), ("application/jsonlines", 415),
         ("multipart/form-data", 400),
         ("multipart/form-data; boundary=", 400), ("multipart/form-data; boundary=other", 400),
         ("multipart/form-data; boundary=ü", 400), ("multipart/mixed; boundary=x", 415),
         ("application/x-www-form-urlencoded; charset=utf-16", 400)],
    )  # fmt: skip
    def test_what_is_no_form_is_refused(self, program: Client, content_type: str, status: int) -> None:
        response = send(program, form(*usual_parts())[0], content_type)
        code = {415: "unsupported_media_type", 400: "bad_request"}[status]
        assert refusal_of(response, status=status) == (None, code)

    @pytest.mark.parametrize(("count", "status"), [(200, 202), (2000, 400)])
    def test_many_fields(self, program: Client, count: int, status: int) -> None:
        more = [(f'name="field{number}"', b"x") for number in range(count)]
        response = send(program, *form(*usual_parts(), *more))
        assert response.status_code == status
        if status == 400:
            assert refusal_of(response) == (None, "bad_request")
            assert "1,000 fields" in error_of(response)["message"]

    def test_a_text_field_of_megabytes_is_refused(self, program: Client) -> None:
        response = send(program, *form(*usual_parts(), ('name="note"', b"x" * 2_700_000)))
        assert refusal_of(response) == (None, "bad_request")
        assert "2,621,440 bytes" in error_of(response)["message"]

    def test_bytes_that_are_no_text_are_no_crash(self, program: Client) -> None:
        fields = [('name="model"', b"step-1x-edit"), ('name="prompt"', b"\xff\xfe caf\xe9"), usual_parts()[2]]
        assert send(program, *form(*fields)).status_code == 202

    def test_a_disk_that_does_not_take_the_file_is_no_fault_of_the_call(
        self, program: Client, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def full(handler: IncomingFile, raw_data: bytes, start: int) -> None:
            raise OSError(errno.ENOSPC, "full")

        monkeypatch.setattr("edits.http.upload_errors.TemporaryFileUploadHandler.receive_data_chunk", full)
        response = ask(program, picture=PHOTO + b"\0" * 3_000_000)
        assert (response.status_code, error_of(response)["code"]) == (507, "no_room")

    def test_a_storage_that_does_not_take_the_picture_is_none_either(
        self, program: Client, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def away(**_: Any) -> None:
            raise OSError(errno.EIO, "away")

        monkeypatch.setattr("edits.services.queue.inserting.store_upload", away)
        response = ask(program)
        assert (response.status_code, error_of(response)["code"]) == (503, "unavailable")
        assert response.headers["Retry-After"]


class Body:
    """A body as a server hands it on; ``fault`` is raised at its end."""

    def __init__(self, data: bytes, fault: Exception | None = None) -> None:
        self.data, self.fault = BytesIO(data), fault

    def read(self, size: int) -> bytes:
        piece = self.data.read(size)
        if size and not piece and self.fault:
            raise self.fault
        return piece

    def readline(self, size: int) -> bytes:
        return self.data.readline(size)


class TestChunks:
    def test_what_fits_comes_as_it_was_sent(self) -> None:
        body = BoundedBody(Body(b"x" * 100), most=100)
        assert [body.read(60), body.read(60), body.read(60)] == [b"x" * 60, b"x" * 40, b""]

    def test_one_byte_more_is_an_error_where_it_is_read(self) -> None:
        body = BoundedBody(Body(b"x" * 101), most=100)
        assert body.read(60) == b"x" * 60
        with pytest.raises(OSError) as raised:
            body.read(60)
        assert raised.value.errno == errno.EFBIG

    def test_chunks_that_make_no_sense_are_an_error_of_the_line(self) -> None:
        body = BoundedBody(Body(b"x", InvalidChunkSize(b"zz")), most=100)
        body.read(60)
        with pytest.raises(OSError) as raised:
            body.read(60)
        assert raised.value.errno == errno.EPROTO

    def test_lines_are_bounded_too(self) -> None:
        body = BoundedBody(Body(b"one\ntwo\n" + b"x" * 100), most=50)
        assert [body.readline(), body.readline()] == [b"one\n", b"two\n"]
        with pytest.raises(OSError):
            body.readline()


JSON_BYTES = 12345


def most_bytes(*, is_json: bool = False) -> int:
    return JSON_BYTES if is_json else settings.API_MOST_BYTES


class TestReadingOff:
    def wrapped(self, environ: dict[str, Any], *, seen: dict[str, Any]) -> Any:
        def application(given: dict[str, Any], start_response: Any) -> list[bytes]:
            seen.update(given)
            return [b"answer"]

        return read_to_the_end(application, most_bytes=most_bytes)(environ, None)

    def test_what_was_not_read_is_read_after_the_answer(self) -> None:
        body = Body(b"x" * 100_000)
        answer = self.wrapped({"PATH_INFO": ADDRESS, "CONTENT_LENGTH": "100000", "wsgi.input": body}, seen={})
        assert list(answer) == [b"answer"]
        assert body.data.tell() == 0
        answer.close()
        assert body.data.tell() == 100_000

    @pytest.mark.parametrize(
        ("content_type", "most_bytes"),
        [("multipart/form-data; boundary=x", settings.API_MOST_BYTES),
         ("Multipart/Form-Data; boundary=x", settings.API_MOST_BYTES),
         ("application/json; charset=utf-8", JSON_BYTES), ("", settings.DATA_UPLOAD_MAX_MEMORY_SIZE)],
    )  # fmt: skip
    def test_chunks_are_given_a_length(self, content_type: str, most_bytes: int) -> None:
        seen: dict[str, Any] = {}
        chunked = {"PATH_INFO": ADDRESS, "HTTP_TRANSFER_ENCODING": "chunked", "wsgi.input": Body(b"x" * 50)}
        self.wrapped(chunked | {"CONTENT_TYPE": content_type}, seen=seen)
        assert seen["CONTENT_LENGTH"] == str(most_bytes)
        assert seen["wsgi.input"].read(100) == b"x" * 50

    @pytest.mark.parametrize(
        "environ",
        [{"PATH_INFO": "/history/", "CONTENT_LENGTH": "5"}, {"PATH_INFO": "/v1/edits"},
         {"PATH_INFO": "/v1/edits", "CONTENT_LENGTH": "0"}, {"PATH_INFO": "/v1/edits", "CONTENT_LENGTH": "٣"}],
    )  # fmt: skip
    def test_nothing_else_is_touched(self, environ: dict[str, Any]) -> None:
        body, seen = Body(b"hello"), dict[str, Any]()
        assert self.wrapped(environ | {"wsgi.input": body}, seen=seen) == [b"answer"]
        assert seen["wsgi.input"] is body

    def test_a_line_that_broke_is_no_crash(self) -> None:
        DrainedResponse([b"x"], body=Body(b"x", ConnectionResetError()), line=None).close()
        DrainedResponse([b"x"], body=Body(b"x", InvalidChunkSize(b"zz")), line=None).close()

    def test_it_ends_although_the_body_does_not(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("editor_site.request_body.MOST_READ_OFF_BYTES", 50_000)
        body = Body(b"x" * 1_000_000)
        assert not read_off(body, line=None)
        assert body.data.tell() < 100_000
