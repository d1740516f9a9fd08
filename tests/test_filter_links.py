"""Tests of the filter chips: what each says, whether it is on, and where it leads."""

from datetime import date

from django.http import QueryDict

from edits.forms.gallery import Filters
from edits.models import User
from edits.views import filter_links

TODAY = date(2026, 11, 22)


def filters(query: str, *, of_team: bool = False) -> Filters:
    """The filters of an address."""
    return Filters.read(QueryDict(query), of_team=of_team, today=TODAY)


def shown(row: list[filter_links.FilterLink]) -> dict[str, str]:
    """Where each chip leads, by its label."""
    return {str(chip.label): chip.url for chip in row}


def lit(row: list[filter_links.FilterLink]) -> list[str]:
    """Labels of the chips that are on."""
    return [str(chip.label) for chip in row if chip.on]


def test_all_is_on_while_nothing_narrows() -> None:
    assert lit(filter_links.marks(filters("sort=oldest&density=1"), of_team=False)) == ["All"]
    assert lit(filter_links.marks(filters("q=cat"), of_team=False)) == ["All"]


def test_all_clears_what_narrows_and_keeps_how_it_is_shown() -> None:
    row = shown(filter_links.marks(filters("q=cat&is=starred&size=512&density=1"), of_team=False))
    assert row["All"] == "?density=1"


def test_a_mark_is_put_on_and_taken_off() -> None:
    off, on = filters("q=cat"), filters("q=cat&is=starred")
    assert shown(filter_links.marks(off, of_team=False))["Starred"] == "?is=starred&q=cat"
    assert shown(filter_links.marks(on, of_team=False))["Starred"] == "?q=cat"
    assert lit(filter_links.marks(on, of_team=False)) == ["Starred"]


def test_among_the_team_everything_is_shared() -> None:
    assert "Shared" not in shown(filter_links.marks(filters(""), of_team=True))


def test_a_menu_says_what_is_chosen_and_chooses_one() -> None:
    menu = filter_links.sizes(filters("size=512&is=starred"))
    assert (menu.label, menu.on) == ("512", True)
    assert shown(menu.chips)["768"] == "?is=starred&size=768x768"
    assert shown(menu.chips)["Any size"] == "?is=starred"
    assert lit(menu.chips) == ["512"]


def test_choosing_a_status_keeps_stars_which_share_its_parameter() -> None:
    menu = filter_links.states(filters("is=starred&is=failed"))
    assert menu.label == "Failed"
    assert shown(menu.chips)["Filtered"] == "?is=starred&is=filtered"


def test_a_closed_menu_names_what_it_is_for() -> None:
    assert filter_links.states(filters("q=is:failed")).label == "Status"
    assert not filter_links.sizes(filters("")).on


def test_people_are_you_and_the_others(alice: User, bob: User) -> None:
    menu = filter_links.people(filters("by=bob", of_team=True), [alice, bob], viewer=alice)
    assert [chip.label for chip in menu.chips] == ["Everyone", "You", "bob"]
    assert menu.label == "bob"


def test_dates_count_back_from_today() -> None:
    menu = filter_links.dates(filters("after=2026-11-16"), today=TODAY)
    assert menu.label == "Last 7 days"
    assert shown(menu.chips)["Today"] == "?after=2026-11-22"
    assert shown(menu.chips)["Any date"] == "?"


def test_other_dates_are_said_in_the_chip() -> None:
    assert filter_links.dates(filters("after=2026-05&before=2026-06"), today=TODAY).label == (
        "From 2026-05-01, before 2026-06-01"
    )
    assert filter_links.dates(filters("before=2026-06"), today=TODAY).label == "Before 2026-06-01"


def test_choosing_a_span_drops_another_wholly() -> None:
    menu = filter_links.dates(filters("after=2025-05&before=2025-06&is=failed"), today=TODAY)
    assert shown(menu.chips)["Last 7 days"] == "?is=failed&after=2026-11-16"
    assert shown(menu.chips)["Any date"] == "?is=failed"


def test_the_order_turns_round() -> None:
    assert filter_links.order(filters("q=cat")).url == "?q=cat&sort=oldest"
    turned = filter_links.order(filters("q=cat&sort=oldest"))
    assert (turned.url, turned.label, turned.on) == ("?q=cat", "Oldest first", True)


def test_density_has_four_steps_with_names() -> None:
    steps = filter_links.densities(filters("density=1"))
    assert [step.name for step in steps] == ["Small", "Medium", "Large", "XL, very large"]
    assert lit(steps) == ["S"]
    assert steps[2].url == "?density=3"
