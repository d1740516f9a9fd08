"""The API's document for programs, and for administrators a page on which its calls can be tried."""

import hashlib
from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.cache import get_conditional_response
from django.utils.http import quote_etag
from django.views.decorators.cache import never_cache

from edits.api.access import wrong_method
from edits.api.openapi import calls, document_of, shapes
from edits.http.access import administrators_only
from edits.http.site_root import site_root
from edits.models import ProviderModel
from edits.services.webhooks.events import FINISHED

View = Callable[[HttpRequest], HttpResponse]
READ = ("GET", "HEAD")
FRESH_SECONDS = 60


def read_only(view: View) -> View:
    """Reject methods other than GET, in the error format of /v1/."""

    @wraps(view)
    def guarded(request: HttpRequest) -> HttpResponse:
        if request.method not in READ:
            return wrong_method(request, READ).to_response()
        return view(request)

    return guarded


@login_not_required
@read_only
def openapi(request: HttpRequest) -> HttpResponse:
    """The OpenAPI document; it contains nothing private."""
    response = JsonResponse(_document(request), json_dumps_params={"ensure_ascii": False})
    etag = quote_etag(hashlib.sha256(response.content).hexdigest()[:32])
    response["ETag"] = etag
    response["Cache-Control"] = f"public, max-age={FRESH_SECONDS}"
    return get_conditional_response(request, etag=etag, response=response) or response


@never_cache
@administrators_only
@read_only
def docs(request: HttpRequest) -> HttpResponse:
    """The reference page, on which calls can be tried."""
    document = _document(request)
    shown = {
        "address": document["servers"][0]["url"],
        "root": reverse("edits:studio").rstrip("/"),
        "about": document["info"]["description"],
        "calls": calls(document),
        "webhooks": document["webhooks"],
        "signed": document["webhooks"][FINISHED]["post"]["parameters"],
        "shapes": shapes(document),
    }
    return render(request, "api/docs.html", shown)


def _document(request: HttpRequest) -> dict[str, Any]:
    offered = ProviderModel.objects.all_offered()
    default = ProviderModel.objects.default_of(offered) or ProviderModel.objects.of_settings()
    return document_of(
        [default, *(model for model in offered if model != default)], address=site_root(request)
    )
