"""Reading multipart bodies, as the SDKs and browsers write them."""

import pytest

from edits.local_engine.multipart import MAX_PARTS, Part, read_parts
from edits.local_engine.refusals import ContractError

TYPE = "multipart/form-data; boundary=XX"


def part(disposition: str, content: bytes = b"v", *, more: str = "") -> bytes:
    head = f"--XX\r\nContent-Disposition: form-data; {disposition}\r\n{more}\r\n"
    return head.encode() + content + b"\r\n"


END = b"--XX--\r\n"


def test_it_reads_fields_and_files_in_their_order() -> None:
    body = (
        part('name="prompt"', "变成".encode())
        + part('name="image"; filename="cat.jpg"', b"\xff\xd8", more="Content-Type: image/jpeg\r\n")
        + END
    )
    assert read_parts(body, content_type=TYPE) == [
        Part("prompt", "变成".encode(), is_file=False),
        Part("image", b"\xff\xd8", is_file=True),
    ]


@pytest.mark.parametrize(
    "content", [b"", b"\r\n", b"a\r\nb\nc\r", b"--X", b"\r\n--X", bytes(range(256)), b"\r\n\r\n--XY"[:6]]
)
def test_it_keeps_every_byte(content: bytes) -> None:
    assert (
        read_parts(part('name="image"; filename="a"', content) + END, content_type=TYPE)[0].content == content
    )


@pytest.mark.parametrize(
    "disposition",
    [
        'name="image"; filename="猫 %22x%22.png"',
        'filename="name=evil.png"; name="image"',
        'name="image"; filename=""',
        "name=\"image\"; filename*=UTF-8''cat.png",
        'NAME="image"; FILENAME="cat.png"',
    ],
)
def test_odd_file_names_do_not_confuse_it(disposition: str) -> None:
    found = read_parts(part(disposition) + END, content_type=TYPE)
    assert [(one.name, one.is_file) for one in found] == [("image", True)]


def test_the_header_of_a_part_may_be_written_in_any_case_and_order() -> None:
    body = b'--XX\r\ncontent-type: text/plain\r\ncontent-disposition: form-data; name="a"\r\n\r\n1\r\n--XX--'
    assert read_parts(body, content_type=TYPE) == [Part("a", b"1", is_file=False)]


def test_a_quoted_boundary_and_a_preamble_are_read() -> None:
    body = b"for old mailers\r\n" + part('name="a"') + END + b"epilogue"
    assert read_parts(body, content_type='multipart/form-data; charset=utf-8; boundary="XX"')[0].name == "a"


def test_no_parts_are_no_error() -> None:
    assert read_parts(END, content_type=TYPE) == []


@pytest.mark.parametrize(
    "content_type",
    [
        "",
        "application/json",
        "multipart/form-data",
        "multipart/mixed; boundary=XX",
        "multipart/form-data; boundary=ü",
    ],
)
def test_it_refuses_other_content_types(content_type: str) -> None:
    with pytest.raises(ContractError) as refused:
        read_parts(part('name="a"') + END, content_type=content_type)
    assert refused.value.status == 400


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"junk",
        part('name="a"'),
        part('name="image"; filename="a"', b"half a pict")[:-2],
        b"--XX\r\nno blank line\r\n" + END,
        b"--XX\r\n\r\nno name\r\n" + END,
        part('filename="no-name.png"') + END,
        b"--XXjunk" + part('name="a"') + END,
        part('name="a"', more="X-Long: " + "x" * 9000 + "\r\n") + END,
    ],
    ids=[
        "empty",
        "junk",
        "no end",
        "cut",
        "no blank",
        "no header",
        "no name",
        "bad delimiter",
        "long header",
    ],
)
def test_it_refuses_a_broken_body(body: bytes) -> None:
    with pytest.raises(ContractError) as refused:
        read_parts(body, content_type=TYPE)
    assert refused.value.status == 400


def test_it_counts_the_parts() -> None:
    assert len(read_parts(part('name="a"') * MAX_PARTS + END, content_type=TYPE)) == MAX_PARTS
    with pytest.raises(ContractError, match="more than"):
        read_parts(part('name="a"') * (MAX_PARTS + 1) + END, content_type=TYPE)
