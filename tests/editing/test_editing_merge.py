"""Two people's edits become one; where they cannot, the field is named with what each of them wrote."""

from __future__ import annotations

from small_content import BAKERY, CONTENT, PARTY, RULE, edited

from augenblick.editing import merge
from augenblick.editing.difference_text import conflicts


def test_merge_of_edits_in_different_fields_takes_both() -> None:
    merged = merge(CONTENT, edited(PARTY, "3.2", "2.6"), edited(BAKERY, '"bakery"@en', '"baker"@en'))
    assert [(edit.field.subject.rpartition("/")[2], edit.field.language) for edit in merged.edits] == [("bakery", "en")]
    assert merged.conflicts == ()


def test_merge_of_additions_to_one_field_takes_both() -> None:
    ours, theirs = (edited(BAKERY, '"CAKE"', f'"CAKE", "{word}"') for word in ("TARTE", "KUCHEN"))
    merged = merge(CONTENT, ours, theirs)
    ((edit,), found) = merged.edits, merged.conflicts
    assert ([value.lexical for value in edit.added], edit.removed, found) == (["KUCHEN"], (), ())


def test_merge_of_two_weights_is_a_conflict_told_by_field() -> None:
    merged = merge(CONTENT, edited(PARTY, "3.2", "2.6"), edited(PARTY, "3.2", "4.0"))
    assert merged.edits == ()
    assert conflicts(merged.conflicts, CONTENT, "de") == (
        "- Gewicht von „Torte“\n  - vorher: 3.2\n  - eins: 2.6\n  - zwei: 4.0"
    )


def test_merge_of_the_same_edit_is_no_conflict_and_nothing_to_do() -> None:
    both = edited(PARTY, "3.2", "2.6")
    merged = merge(CONTENT, both, both)
    assert (merged.edits, merged.files, merged.conflicts) == ((), (), ())


def test_merge_of_one_value_replaced_twice_is_a_conflict_though_the_field_has_many() -> None:
    ours, theirs = (edited(BAKERY, '"CAKE"', f'"{word}"') for word in ("TARTE", "KUCHEN"))
    (conflict,) = merge(CONTENT, ours, theirs).conflicts
    assert (conflict.ours, conflict.theirs) == (("TARTE", "TORTE"), ("KUCHEN", "TORTE"))


def test_merge_of_one_rule_rewritten_twice_is_a_conflict_and_of_one_side_is_none() -> None:
    ours, theirs = (edited(RULE, "?a a ?b }\n", f"?a a ?{name} }}\n") for name in ("c", "d"))
    assert [conflict.place for conflict in merge(CONTENT, ours, theirs).conflicts] == [RULE]
    one = merge(CONTENT, CONTENT, theirs)
    assert ([edit.path for edit in one.files], one.conflicts) == ([RULE], ())
