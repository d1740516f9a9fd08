"""Reading the body of a request, and not more of it than is allowed."""

import io
from email.message import Message

import pytest

from edits.local_engine.body import MAX_BODY_BYTES, read_body
from edits.local_engine.refusals import ContractError
from edits.model_specs import MODEL_SPECS


def headers(**fields: str) -> Message:
    message = Message()
    for name, value in fields.items():
        message[name.replace("_", "-")] = value
    return message


def read_sized(data: bytes, length: str) -> bytes:
    return read_body(io.BytesIO(data), headers=headers(Content_Length=length), most_bytes=10)


def read_chunked(data: bytes) -> bytes:
    return read_body(io.BytesIO(data), headers=headers(Transfer_Encoding="chunked"), most_bytes=10)


def test_every_picture_that_a_model_takes_fits() -> None:
    assert all(spec.max_upload_bytes < MAX_BODY_BYTES for spec in MODEL_SPECS.values())


def test_it_reads_as_much_as_announced_and_leaves_the_next_request() -> None:
    stream = io.BytesIO(b"hello" + b"GET /")
    assert read_body(stream, headers=headers(Content_Length="5")) == b"hello"
    assert stream.read() == b"GET /"


def test_no_length_is_an_empty_body() -> None:
    assert read_body(io.BytesIO(b"GET /"), headers=headers()) == b""


def test_it_joins_chunks_and_leaves_the_next_request() -> None:
    stream = io.BytesIO(b"3\r\nabc\r\n4;name=x\r\ndefg\r\n0\r\nTrailer: 1\r\n\r\nGET /")
    assert read_body(stream, headers=headers(Transfer_Encoding="Chunked")) == b"abcdefg"
    assert stream.read() == b"GET /"


def test_it_refuses_too_much_before_reading_it() -> None:
    stream = io.BytesIO(b"x" * 11)
    with pytest.raises(ContractError) as refused:
        read_body(stream, headers=headers(Content_Length="11"), most_bytes=10)
    assert refused.value.status == 413
    assert stream.tell() == 0


@pytest.mark.parametrize(
    "data", [b"b\r\n" + b"x" * 11, b"6\r\nxxxxxx\r\n5\r\nxxxxx\r\n0\r\n\r\n", b"ffffffff\r\n"]
)
def test_it_refuses_too_much_in_chunks(data: bytes) -> None:
    with pytest.raises(ContractError) as refused:
        read_chunked(data)
    assert refused.value.status == 413


def test_the_limit_itself_is_allowed() -> None:
    assert len(read_sized(b"x" * 10, "10")) == 10
    assert len(read_chunked(b"5\r\nxxxxx\r\n5\r\nxxxxx\r\n0\r\n\r\n")) == 10


@pytest.mark.parametrize("length", ["-1", "abc", "1.0", "0x5", "٣", "9" * 30, ""])
def test_it_refuses_a_length_that_is_no_number(length: str) -> None:
    with pytest.raises(ContractError) as refused:
        read_sized(b"hello", length)
    assert refused.value.status == 400


@pytest.mark.parametrize(
    "data", [b"", b"zz\r\n", b"-3\r\nabc\r\n", b"3\r\nabcdef", b"3\r\nab", b"3\r\nabc\r\n", b"\r\n"]
)
def test_it_refuses_broken_chunks(data: bytes) -> None:
    with pytest.raises(ContractError) as refused:
        read_chunked(data)
    assert refused.value.status == 400


def test_a_body_that_is_cut_off_is_not_taken_for_a_shorter_one() -> None:
    with pytest.raises(ContractError, match="cut off"):
        read_sized(b"hell", "5")
