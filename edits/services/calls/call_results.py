"""What a call brought, verified and in a form that can be kept on disk: a picture, or the word of a filter."""

from dataclasses import asdict, dataclass, field
from typing import Any, Self

from edits.images import BadImage, ResultImage, check_result
from edits.models import Charged, FinishReason
from edits.providers import Answer, ResultLost


@dataclass(frozen=True)
class CallResult:
    """An answer behind which nothing is doubted again.

    ``picture`` may be missing only where a filter stopped it, or where it lies behind a ``link`` still.
    """

    finish_reason: str
    filtered_at: str
    seed: int | None
    status: int
    trace_id: str
    provider_id: str
    detail: str
    answer_bytes: int | None
    picture: ResultImage | None
    sent: list[list[str]] = field(default_factory=list)
    """Fields as they were sent, files by name."""
    usage: dict[str, float] = field(default_factory=dict)
    reported: dict[str, str] = field(default_factory=dict)
    link: str = ""
    """Gives access to the picture without a key, so it is never logged or shown."""

    @property
    def is_stopped(self) -> bool:
        """The content filter stopped it: what came is for reviewers alone."""
        return self.finish_reason != FinishReason.SUCCESS

    @property
    def charged(self) -> Charged:
        """Whether the call cost something: only a request that was refused before anything was made did not."""
        return Charged.NO if self.filtered_at == "request" else Charged.YES

    def words(self) -> dict[str, Any]:
        """All but the picture's bytes, as JSON takes it."""
        return asdict(self) | {"picture": self._picture_words()}

    def _picture_words(self) -> dict[str, Any] | None:
        if self.picture is None:
            return None
        return {name: value for name, value in vars(self.picture).items() if name != "data"}

    @classmethod
    def of_words(cls, words: dict[str, Any], data: bytes) -> Self:
        """The outcome that gave these ``words()``.  Raises KeyError or TypeError where they are none."""
        picture = ResultImage(data=data, **words["picture"]) if words["picture"] else None
        return cls(**(words | {"picture": picture}))


def verified(answer: Answer) -> CallResult:
    """Decode the picture of an answer, all of it.

    Raises BadImage when the picture of a success cannot be read.  One that the filter stopped may be missing
    or damaged: there is only nothing to look at then.
    """
    stopped = answer.finish_reason != FinishReason.SUCCESS
    return CallResult(
        finish_reason=FinishReason.CONTENT_FILTERED if stopped else FinishReason.SUCCESS,
        filtered_at=answer.filtered_at,
        seed=answer.seed,
        status=answer.status,
        trace_id=answer.trace_id,
        provider_id=answer.provider_id,
        detail=", ".join(answer.notes),
        answer_bytes=answer.answer_bytes,
        picture=_withheld(answer) if stopped else check_result(answer.image or b""),
        sent=[list(field) for field in answer.sent],
        usage=dict(answer.usage),
        reported=dict(answer.reported),
    )


def linked_result(lost: ResultLost) -> CallResult:
    """What an answer brought whose picture could not be fetched yet."""
    return CallResult(
        finish_reason=FinishReason.SUCCESS,
        filtered_at="",
        seed=lost.seed,
        status=lost.status or 200,
        trace_id=lost.trace_id,
        provider_id=lost.provider_id,
        detail="from_url, fetched_later",
        answer_bytes=lost.answer_bytes,
        picture=None,
        sent=lost.sent,
        link=lost.link,
    )


def _withheld(answer: Answer) -> ResultImage | None:
    try:
        return check_result(answer.image) if answer.image else None
    except BadImage:
        return None
