"""StepFun's documentation page "Image edits", implemented exactly.

A ``finish_reason`` other than "success", even a missing one, means that a filter stopped the picture: the page
promises the field, so an answer without it is not trusted.
"""

from edits.edit_call import EditCall
from edits.providers.answers import Answer, Fetch, number_in, provider_id, read_json
from edits.providers.dialects.results import first_result, picture_of, withheld_picture_of
from edits.providers.dialects.wire import Wire, number
from edits.providers.error_bodies import ErrorBody, Meaning
from edits.providers.errors import ResultLost


class StepFunDialect:
    """Fields model, prompt, seed, steps, cfg_scale, size, response_format, and the file ``image``."""

    trace_headers: tuple[str, ...] = ("X-Trace-Id",)
    retry_after_headers: tuple[str, ...] = ("Retry-After",)

    def wire(self, call: EditCall) -> Wire:
        """One picture; empty fields are left out, as for a model without sizes."""
        options = call.options
        fields = {
            "model": call.model,
            "prompt": options.prompt,
            "seed": number(options.seed),
            "steps": number(options.steps),
            "cfg_scale": number(options.cfg_scale if options.cfg_scale is None else float(options.cfg_scale)),
            "size": options.size,
            "response_format": "b64_json",
        }
        return Wire(
            fields=tuple((name, value) for name, value in fields.items() if value),
            files=(("image", call.pictures[0]),),
        )

    def read(self, body: bytes, *, status: int, trace_id: str, fetch: Fetch) -> Answer:
        """Lenient in everything except ``finish_reason``.  Raises Unusable and whatever ``fetch`` raises."""
        document = read_json(body)
        result, notes = first_result(document)
        reason = result.get("finish_reason")
        filtered = reason != "success"
        if reason == "content_filtered":
            image = withheld_picture_of(result, fetch, notes=notes)
        else:
            try:
                image = picture_of(result, fetch, notes=notes)
            except ResultLost as lost:
                lost.seed, lost.may_come = number_in(result.get("seed")), lost.may_come and not filtered
                raise
            if filtered:
                notes.append("finish_reason_missing" if reason is None else "finish_reason_unknown")
        return Answer(
            image=image,
            finish_reason="content_filtered" if filtered else "success",
            filtered_at="result" if filtered else "",
            seed=number_in(result.get("seed")),
            provider_id=provider_id(document),
            trace_id=trace_id,
            status=status,
            created=number_in(document.get("created")),
            notes=tuple(notes),
            answer_bytes=len(body),
        )

    def meaning(self, status: int, body: ErrorBody) -> Meaning:
        """Filtered for 451, and for a 400 or 403 that names the content filter."""
        if status == 451 or (status == 400 and body.kind_says_filter):
            return "filtered"
        if status == 403 and (body.kind_says_filter or body.message_says_filter):
            return "filtered"
        return ""
