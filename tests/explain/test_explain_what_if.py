"""The smallest change that would change what is said, worked out from the explanation alone."""

from __future__ import annotations

from datetime import date
from math import exp, log

import pytest

from augenblick.content import Content, Words
from augenblick.explain import Change, Contribution, Explanation, for_offer, what_if
from augenblick.policy import Access, read_policy

DAY = date(2026, 4, 14)
ADVISER = Access(role="adviser", purpose="advice", actor_id="t", at=DAY)


def explanation(content: Content, *weights: float, prior: float = -4.0) -> Explanation:
    found = content.moment("childbirth")
    label = Words("Hinweis", "indication")
    seen = tuple(Contribution(f"p{n}", label, label, weight, DAY, True) for n, weight in enumerate(weights))
    sure = 1 / (1 + exp(-(prior + sum(weights))))
    state = "confirmed" if sure >= float(found.confirmed_from) else "tentative"
    days = (DAY, DAY, DAY, DAY)
    return Explanation("m", "c", "childbirth", found.label, *days, sure, state, prior, seen)


def missing(content: Content, told: Explanation) -> list[tuple[str, ...]]:
    changes = what_if(told, content, read_policy(content), ADVISER)
    return [change.without for change in changes if change.kind == "data"]


def test_one_indication_that_suffices_is_named_and_of_several_the_weakest(shipped: Content) -> None:
    found = shipped.moment("childbirth")
    likely = log(float(found.tentative_from) / (1 - float(found.tentative_from)))
    told = explanation(shipped, 1.0, 9.0, 8.0, prior=likely - 10.5)  # 7.5 too much
    assert missing(shipped, told)[-1] == ("p2",)


def test_where_no_single_indication_suffices_the_fewest_are_named(shipped: Content) -> None:
    found = shipped.moment("childbirth")
    likely = log(float(found.tentative_from) / (1 - float(found.tentative_from)))
    told = explanation(shipped, 5.0, 4.0, 3.0, 0.5, prior=likely - 5.0)  # 7.5 too much
    assert missing(shipped, told)[-1] == ("p0", "p1")


def test_objection_to_advice_is_told_as_what_would_withhold_the_moment(shipped: Content) -> None:
    changes = what_if(explanation(shipped, 12.0), shipped, read_policy(shipped), ADVISER)
    (change,) = [each for each in changes if each.kind == "consent"]
    assert "Widerspruch" in change.sentence.de
    assert "objection" in change.sentence.en


@pytest.mark.parametrize(("language", "quoted"), [("de", "„Hinweis“"), ("en", "“indication”")])
def test_change_names_the_indication_in_both_languages(shipped: Content, language, quoted: str) -> None:
    changes = what_if(explanation(shipped, 12.0), shipped, read_policy(shipped), ADVISER)
    assert quoted in changes[-2].sentence.in_language(language)


LABEL = Words("Junior-Depot", "junior depot")
HELD = Words("Es gibt schon ein Depot.", "There is a depot already.")
REFUSED = Words("Werbung wurde abgelehnt.", "Advertising was refused.")


@pytest.mark.parametrize(
    ("reasons", "kind"),
    [((HELD,), "data"), ((REFUSED,), "consent"), ((HELD, REFUSED), "data and consent")],
)
def test_change_that_would_make_an_offer_names_data_and_consent_together(reasons: tuple[Words, ...], kind: str) -> None:
    (change,) = for_offer(LABEL, reasons, frozenset({REFUSED.de}), ())
    assert (change.kind, change.size) == (kind, len(reasons))
    for reason in reasons:
        assert reason.de in change.sentence.de
        assert reason.en in change.sentence.en


def test_offer_that_is_made_goes_with_what_takes_its_moment_away() -> None:
    takes = Change("consent", Words("Ein Widerspruch genügt.", "An objection is enough."))
    (change,) = for_offer(LABEL, (), frozenset(), (takes,))
    assert change.sentence.de == "Ein Widerspruch genügt. Damit entfiele das Angebot „Junior-Depot“."
    assert change.kind == "consent"


def test_changes_of_data_and_consent_stand_in_one_order_the_smallest_first(shipped: Content) -> None:
    changes = what_if(explanation(shipped, 2.0, 2.0, 2.0, 2.0), shipped, read_policy(shipped), ADVISER)
    assert {change.kind for change in changes} == {"data", "consent"}
    sizes = [change.size for change in changes]
    assert sizes == sorted(sizes)
    assert all(change.size == len(change.without) for change in changes if change.kind == "data")


def test_indication_that_carries_the_moment_alone_is_not_said_to_make_it_tentative(shipped: Content) -> None:
    changes = what_if(explanation(shipped, 12.0), shipped, read_policy(shipped), ADVISER)
    (change,) = [each for each in changes if each.kind == "data"]
    assert "no longer found" in change.sentence.en
