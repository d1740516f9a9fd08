"""Scenes that browser tests start from, set up with the tables of a running installation."""

import json
import sys
from collections.abc import Callable
from datetime import timedelta
from functools import cache
from typing import Any

from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.core.cache import cache as login_counts
from django.core.management import call_command
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from edits.models import (
    Attempt,
    EditReference,
    EditRequest,
    OffReason,
    Provider,
    ProviderModel,
    ReviewCase,
    Role,
    Status,
    User,
    Webhook,
    rights,
)
from edits.services.api.api_keys import make_api_key, revoke_api_key
from edits.services.curating.sharing import set_star
from edits.services.pictures.renditions import make_renditions, upload_fields
from edits.services.reviewing import keep_hidden
from edits.services.team.inviting import invite
from edits.services.team.people import deactivate, make_reset_key
from edits.services.webhooks import make_webhook
from tests import canaries, factories, offers
from tests.browser.people import PASSWORD
from tests.browser.prompt_scenes import prompt_library
from tests.browser.queue_scenes import batch, hold_the_queue, let_the_queue_go
from tests.browser.recipe_scenes import recipe, recipe_run, recipe_with_runs
from tests.browser.sheet_scenes import candidates
from tests.first_rows import make_first_rows

CAST = {"alice": Role.MEMBER, "bob": Role.MEMBER, "rita": Role.REVIEWER, "root": Role.ADMINISTRATOR}

NOWHERE = "http://127.0.0.1:9/finished"
"""An address that no post is ever sent to: it is private."""

ENDS = [
    ("", 200, "yes"),
    ("", 451, "no"),
    ("busy", 429, "no"),
    ("no_answer", None, "maybe"),
    ("account", 401, "no"),
]
"""Fault, HTTP status and price of a few calls."""


@cache
def password() -> str:
    """The hash of what everybody of the cast types; made once, for it is slow on purpose."""
    return make_password(PASSWORD)


def cast() -> None:
    """Alice edits, Bob is a colleague, Rita reviews, Root administers; nobody has done anything yet."""
    call_command("flush", interactive=False, verbosity=0, inhibit_post_migrate=True)
    make_first_rows()
    login_counts.clear()
    for name, role in CAST.items():
        User.objects.create(username=name, email=f"{name}@example.com", password=password(), **rights(role))


def session(name: str) -> list[str]:
    """Name and value of the cookie of a browser in which this person is signed in."""
    client = Client()
    client.force_login(_user(name), backend="allauth.account.auth_backends.AuthenticationBackend")
    return [settings.SESSION_COOKIE_NAME, client.cookies[settings.SESSION_COOKIE_NAME].value]


def finished_edits(
    owner: str, count: int = 1, shared: bool = False, prompt: str = "turn it black and white {number}"
) -> list[str]:
    """Done edits, an hour apart, the newest first; returns their public ids in this order."""
    now = timezone.now()
    made = [
        factories.finished_edit_of(
            _user(owner),
            shared=shared,
            prompt=prompt.format(number=number),
            now=now - timedelta(hours=number),
        )
        for number in reversed(range(count))
    ]
    return [str(edit.public_id) for edit in reversed(made)]


def large_edit(owner: str, shared: bool = False) -> str:
    """A done edit of 1,800 pixels with all its renditions; returns its public id."""
    upload = factories.upload_of(width_px=1800, height_px=1200)
    upload_fields(upload)
    fields = {"shared_at": timezone.now()} if shared else {}
    edit = factories.edit_of(_user(owner), status=Status.SUCCEEDED, upload=upload, **fields)
    factories.result_of(edit, factories.picture(width_px=1800, height_px=1200))
    make_renditions(edit)
    return str(edit.public_id)


def chain_of_edits(owner: str) -> list[str]:
    """An edit, an edit of its result, and a re-run of that; returns their public ids."""
    first = factories.finished_edit_of(_user(owner))
    second = factories.finished_edit_of(_user(owner), parent=first)
    again = factories.finished_edit_of(_user(owner), parent=first, upload=second.upload, rerun_of=second)
    return [str(edit.public_id) for edit in (first, second, again)]


def lineage_tree(owner: str) -> str:
    """A source with two edits, and below the second a chain and a family that is folded; returns its third step."""
    user, source, name = _user(owner), factories.upload_of(), "harbor.png · edited"
    factories.finished_edit_of(user, upload=source, prompt="paint it in watercolors")
    first = factories.finished_edit_of(user, upload=source, prompt="turn it black and white")
    second = factories.finished_edit_of(
        user, parent=first, source_name=name, prompt="add a red hat to the sailor"
    )
    third = factories.finished_edit_of(user, parent=second, source_name=name, prompt="make the sky darker")
    factories.filtered_edit_of(user, parent=second, source_name=name, prompt="let it snow")
    for number in range(1, 9):
        prompt = f"move the boat {number} meters to the left, and leave all else as it is, waves included"
        factories.finished_edit_of(user, parent=third, source_name=name, prompt=prompt)
    return str(third.public_id)


def two_edits(owner: str) -> str:
    """Two done edits that differ in prompt, steps and size; returns their public ids with a slash between."""
    one = factories.finished_edit_of(_user(owner))
    other = factories.edit_of(
        _user(owner), status=Status.SUCCEEDED, prompt="turn it blue", steps=40, parent=one
    )
    factories.result_of(other, factories.picture(width_px=128, height_px=128))
    return f"{one.public_id}/{other.public_id}"


def api_key(owner: str) -> str:
    """Makes a key for the API; answers with its text."""
    return make_api_key(owner=_user(owner), name="tried out", now=timezone.now())[1]


def api_keys() -> str:
    """Alice has a key in use and a revoked one; answers nothing."""
    alice = _user("alice")
    make_api_key(owner=alice, name="nightly", days=90, now=timezone.now())
    revoke_api_key(
        key=make_api_key(owner=alice, name="laptop", now=timezone.now())[0], by=alice, now=timezone.now()
    )
    return ""


def webhook(owner: str, state: str) -> int:
    """A webhook that takes what it is sent, fails, or was turned off for good; answers with its key."""
    hook = make_webhook(owner=_user(owner), url=NOWHERE, now=timezone.now())
    now = timezone.now()
    delivery = {
        "edit": factories.finished_edit_of(hook.owner),
        "created_at": now,
        "tried_at": now,
        "tries": 1,
    }
    if state == "working":
        hook.deliveries.create(**delivery, answer_status=204, delivered_at=now)
    if state == "failing":
        later = now + timedelta(hours=6)
        hook.deliveries.create(**delivery, answer_status=500, problem="Answered 500.", due_at=later)
    if state == "gone":
        hook.deliveries.create(**delivery, answer_status=410, problem="Answered 410.")
        Webhook.objects.filter(pk=hook.pk).update(is_on=False, off_reason=OffReason.GONE)
    return hook.pk


def edit_in_state(owner: str, status: str, **fields: Any) -> str:
    """An edit in this state, which no worker changes; returns its public id."""
    hold_the_queue()
    if status == Status.RUNNING:
        fields["lease_until"] = timezone.now() + timedelta(hours=1)
    if status == Status.FILTERED:
        return str(factories.filtered_edit_of(_user(owner), **fields).public_id)
    return str(factories.edit_of(_user(owner), status=Status(status), **fields).public_id)


def edit_to_try_again(owner: str) -> str:
    """An edit that waits for its second try; returns its public id."""
    later = timezone.now() + timedelta(hours=1)
    edit = factories.edit_of(_user(owner), not_before=later, last_fault="busy", attempts_made=1)
    return str(edit.public_id)


def one_of_each(owner: str) -> str:
    """An edit in every state there is; returns the public id of a done one that was edited again."""
    edit_to_try_again(owner)
    for status in Status.values:
        if status != Status.SUCCEEDED:
            edit_in_state(owner, status)
    first = factories.finished_edit_of(_user(owner), shared=True)
    factories.finished_edit_of(_user(owner), parent=first, upload=first.upload)
    set_star(edit=first, user=_user(owner), starred=True, now=timezone.now())
    return str(first.public_id)


def decided_case(author: str, reviewer: str) -> str:
    """A stopped edit that stays hidden; returns its public id."""
    edit = factories.filtered_edit_of(_user(author))
    case = ReviewCase.objects.get(edit=edit)
    kept = keep_hidden(case=case, reviewer=_user(reviewer), reason="It shows gore.", now=timezone.now())
    assert kept.done, kept.sentence
    return str(edit.public_id)


def way_to_a_new_password(name: str) -> str:
    """The path of the link with which somebody sets a new password."""
    uid, key = make_reset_key(user=_user(name), by=_user("root"), now=timezone.now())
    return reverse("account_reset_password_from_key", kwargs={"uidb36": uid, "key": key})


def member_with_edits(name: str) -> str:
    """Somebody with edits that wait, one that is shared, and a key; returns their number in addresses."""
    hold_the_queue()
    member = _user(name)
    for _ in range(3):
        factories.edit_of(member)
    factories.finished_edit_of(member, shared=True)
    make_api_key(owner=member, name="nightly", now=timezone.now())
    return str(member.pk)


def deactivated_member(name: str) -> str:
    """The same after the deactivation."""
    pk = member_with_edits(name)
    deactivate(user=_user(name), by=_user("root"), now=timezone.now())
    return pk


def invitation() -> str:
    """The path of an open invitation that Root made."""
    _, token = invite(by=_user("root"), role=Role.MEMBER, note="for Bob", days=7, now=timezone.now())
    return reverse("edits:join", args=[token])


def trashed_edit(owner: str) -> str:
    """A done edit in the trash; returns its public id."""
    edit = factories.finished_edit_of(_user(owner), trashed_at=timezone.now())
    return str(edit.public_id)


def provider_is(state: str, owner: str) -> None:
    """The provider is open, stopped, held or asks us to wait for hours, after calls that ended in each way."""
    now = timezone.now()
    edit = factories.edit_of(_user(owner), status=Status.FAILED)
    for number, (fault, status, charged) in enumerate(ENDS, start=1):
        Attempt.objects.create(
            edit=edit, number=number, fence=1, seed_sent=edit.seed, fault=fault, status=status, charged=charged,
            started_at=now - timedelta(minutes=number), ended_at=now, trace_id=f"trace-{number}",
            answer_bytes=1_250_000,
        )  # fmt: skip
    states: dict[str, dict[str, Any]] = {
        "open": {"verified_at": now},
        "stopped": {"stopped_since": now, "stopped_by": "root"},
        "held": {"held_since": now, "held_reason": "The service refused the key (HTTP 401)", "probe_at": now},
        "waiting": {"paused_since": now, "paused_until": now + timedelta(hours=3)},
    }
    Provider.objects.update(**states[state])


def canary_of_thirty_days() -> str:
    """A model of a provider of one's own changed a fortnight ago; returns the slug of the provider."""
    provider = canaries.studio_gpu()
    now = timezone.now()
    canaries.thirty_days(canaries.qwen(provider, canary_due_at=now + timedelta(hours=20)), now=now)
    provider.models.create(name="flux-2-klein-4b", label="FLUX.2 klein 4B", price="0.002", position=1)
    return provider.slug


def added_model() -> int:
    """A provider of one's own with one model; returns the model's primary key."""
    return canaries.qwen(canaries.studio_gpu(), canary_is_on=False).pk


def edit_of_a_model_that_is_gone(owner: str) -> str:
    """A done edit of a model that nobody offers any more."""
    return str(factories.finished_edit_of(_user(owner), model="retired-model").public_id)


def several_models() -> None:
    """The practice engine with both of its models, one with references, one without a seed, one that is on hold."""
    Provider.objects.get(from_settings=True).models.update(is_on=True)
    offers.model(offers.QWEN, of=offers.provider("Studio GPU"), price="0.02", label="Qwen Image Edit")
    offers.model(offers.GPT, of=offers.provider("OpenAI"), price="0.04")
    reason = {"held_since": timezone.now(), "held_reason": "The key was refused"}
    offers.model(offers.SMALL, of=offers.provider("Old box", **reason))


def edit_with_references(owner: str) -> str:
    """A done edit with two references by the model that takes them; returns its public id."""
    qwen = ProviderModel.objects.get(provider__slug="studio-gpu")
    edit = factories.finished_edit_of(
        _user(owner),
        provider=qwen.provider,
        model=qwen.name,
        size="auto",
        steps=33,
        prompt="like reference 1",
    )
    for position in (1, 2):
        upload = factories.upload_of()
        EditReference.objects.create(edit=edit, upload=upload, position=position, name=f"{position}.png")
    return str(edit.public_id)


def edit_with_receipt(owner: str, shared: bool = False) -> str:
    """A done edit of a model without a seed, whose service reported much; returns its public id."""
    model = canaries.qwen(canaries.studio_gpu(), spec_json={}, canary_is_on=False)
    unseeded = {"seed": None, "steps": None, "cfg_scale": None, "extras": {"quality": "high"}}
    edit = canaries.edit_with_receipt(_user(owner), model, shared=shared, source_is_shared=shared, **unseeded)
    return str(edit.public_id)


def case_with_reference(author: str) -> str:
    """A stopped edit that was made with a reference; returns its public id."""
    edit = factories.filtered_edit_of(_user(author))
    edit.references.create(upload=factories.upload_of(), position=1, name="palette.png")
    return str(edit.public_id)


def count_edits(**which: Any) -> int:
    """How many edits there are."""
    return EditRequest.objects.filter(**which).count()


def _user(name: str) -> User:
    return User.objects.get(username=name)


SCENES: dict[str, Callable[..., Any]] = {
    scene.__name__: scene
    for scene in (
        cast,
        session,
        finished_edits,
        large_edit,
        chain_of_edits,
        lineage_tree,
        two_edits,
        api_key,
        api_keys,
        webhook,
        edit_in_state,
        edit_to_try_again,
        one_of_each,
        batch,
        recipe,
        recipe_run,
        recipe_with_runs,
        candidates,
        prompt_library,
        decided_case,
        way_to_a_new_password,
        member_with_edits,
        deactivated_member,
        invitation,
        trashed_edit,
        hold_the_queue,
        let_the_queue_go,
        provider_is,
        canary_of_thirty_days,
        edit_with_receipt,
        case_with_reference,
        added_model,
        edit_of_a_model_that_is_gone,
        several_models,
        edit_with_references,
        count_edits,
    )
}


def serve() -> None:
    """Play what standard input asks for, line by line, until it ends."""
    for line in sys.stdin:
        name, arguments = json.loads(line)
        print(json.dumps(SCENES[name](**arguments), default=str), flush=True)
