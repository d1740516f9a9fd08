"""``manage.py add_provider``: adds a provider from the terminal and prints the ids of its models, one per line."""

import sys
from argparse import ArgumentParser
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError
from django.utils import timezone

from edits.forms.provider_fields import read_model_id, read_price
from edits.forms.providers import TAKEN, NewProviderForm
from edits.models import Provider, ProviderModel
from edits.providers.presets import CHOICES, PRESETS, makes_no_pictures
from edits.services.provider.adding import NewModel, add_provider
from edits.services.provider.choosing import public_ids
from edits.services.provider.connection_test import ConnectionFailed, list_models
from edits.services.provider.naming import NameTaken
from edits.services.provider.url_check import BadUrl, judge_url

MOST_KEY_BYTES = 64 * 1024
SECONDS_FIELDS = ("timeout_seconds", "max_concurrent", "max_per_minute")


class Command(BaseCommand):
    """Prints a summary on stderr."""

    help = (
        "Adds a provider as the page Settings > Providers does, and prints the ids of its models, one per line, as "
        "the API accepts them. Without --model, adds the models that the server lists and the preset knows. A "
        "private address or plain http in --url needs no other option."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("name", metavar="NAME", help="shown to members")
        parser.add_argument("--preset", required=True, choices=[preset.key for preset in CHOICES])
        parser.add_argument(
            "--url", default="", help="URL of its API, ending in /v1; not needed for hosted presets"
        )
        parser.add_argument("--key-file", metavar="FILE", help="file with the key; - reads standard input")
        parser.add_argument(
            "--key-variable", default="", metavar="NAME", help="the environment variable with the key"
        )
        parser.add_argument(
            "--private",
            action="store_true",
            help="also allow private networks and plain http for later changes",
        )
        parser.add_argument(
            "--model",
            action="append",
            default=[],
            metavar="ID",
            help="id of a model, not checked; can be repeated",
        )
        parser.add_argument("--price", default="", help="price per edit with these models, in US dollars")
        parser.add_argument("--default", action="store_true", help="make its first model the default")
        for name in SECONDS_FIELDS:
            parser.add_argument(
                f"--{name.replace('_', '-')}", default="", metavar="N", help="default: that of the preset"
            )

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            provider, models = _wanted(options)
            add_provider(provider, models, actor=None, now=timezone.now(), is_default=options["default"])
        except NameTaken as error:
            raise CommandError(str(TAKEN)) from error
        except ValidationError as error:
            raise CommandError(" ".join(error.messages)) from error
        except ConnectionFailed as error:
            raise CommandError(str(error)) from error
        except DatabaseError as error:
            raise CommandError(f"The database cannot be used: {error}", returncode=2) from error
        self.stderr.write(
            f"{provider.title} added with {len(models)} model{'s' if len(models) != 1 else ''}.",
            self.style.SUCCESS,
        )
        ids = public_ids(ProviderModel.objects.offered())
        for model in provider.models.order_by("position"):
            self.stdout.write(ids[model.pk])


def _wanted(options: dict[str, Any]) -> tuple[Provider, list[NewModel]]:
    """The provider and models to store.  Raises ValidationError, ConnectionFailed, CommandError."""
    price = read_price(options["price"])
    names = list(dict.fromkeys(read_model_id(name) for name in options["model"]))
    if "" in names:
        raise CommandError("A model id is empty.")
    entered = {
        "preset": options["preset"],
        "name": options["name"],
        "url": options["url"],
        "key": _key(options["key_file"]),
        "key_variable": options["key_variable"],
        "is_private": options["private"] or _names_private(options["url"]),
        **{name: options[name] for name in SECONDS_FIELDS},
    }
    form = NewProviderForm(entered)
    if not form.is_valid():
        sentences = [
            f"{form.fields[name].label or name}: {text}" if name in form.fields else str(text)
            for name, texts in form.errors.items()
            for text in texts
        ]
        raise CommandError("\n".join(sentences))
    provider = form.to_provider()
    return provider, [NewModel(name, price) for name in names or _known(provider)]


def _names_private(url: str) -> bool:
    """Whether the URL is private or plain http: at the terminal, naming it is permission enough."""
    try:
        judge_url(url, is_private=False)
    except BadUrl:
        return bool(url)
    return False


def _known(provider: Provider) -> list[str]:
    """The ids that the server lists and the preset knows."""
    listing, preset = list_models(provider), PRESETS[provider.preset]
    known = [name for name in listing.names if preset.knows(name) and not makes_no_pictures(name)]
    if not known:
        listed = ", ".join(listing.names[:20]) or "none"
        raise CommandError(
            f"The preset knows none of the models that the server lists ({listed}). Use --model to name those to add."
        )
    return known


def _key(path: str | None) -> str:
    if not path:
        return ""
    try:
        if path == "-":
            return sys.stdin.read(MOST_KEY_BYTES)
        with open(path, encoding="utf-8") as file:
            return file.read(MOST_KEY_BYTES)
    except (OSError, UnicodeDecodeError) as error:
        raise CommandError(
            f"The key cannot be read from {path}: {getattr(error, 'strerror', None) or error}"
        ) from error
