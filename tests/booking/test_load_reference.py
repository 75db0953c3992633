"""`manage.py load_reference`: all or nothing, again without harm, and never over a rule that stands."""

import shutil
from datetime import date

import pytest
from django.core.management import CommandError, call_command

from booking import reference_facts
from centers import loading as supply
from centers.models import Center, District, PostcodeArea, Vaccine, VaccineAgeRule
from priority import facts, loading
from priority.models import Criterion, Evidence, Regulation
from priority.rules import assess, regulation_on
from tests.priority.law import regulations

pytestmark = pytest.mark.django_db


def counts():
    return [
        model.objects.count() for model in (Regulation, Criterion, Evidence, District, PostcodeArea, Center, Vaccine)
    ]


@pytest.fixture
def files(tmp_path, monkeypatch):
    """Copies of the data files, which the loaders read instead of the real ones."""
    for module in (loading, supply):
        copy = tmp_path / module.__name__.partition(".")[0]
        shutil.copytree(module.DATA, copy)
        monkeypatch.setattr(module.read, "__defaults__", (copy,))
    return tmp_path


def change(path, old, new):
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


def test_loads_everything_and_a_second_run_changes_nothing(capsys):
    call_command("load_reference")
    first = capsys.readouterr().out
    before = [counts(), list(Criterion.objects.order_by("pk").values())]

    call_command("load_reference")

    assert counts() == [5, 187, 6, 39, 88, 13, 5]
    assert "Facts loaded, dates moved by 0 days." in first
    assert capsys.readouterr().out == "Nothing to do: all facts are loaded.\n"
    assert [counts(), list(Criterion.objects.order_by("pk").values())] == before


def test_rules_read_back_are_those_of_the_file():
    call_command("load_reference")

    assert {rules.code: rules for rules in facts.regulations()} == regulations()


def test_a_broken_file_leaves_the_database_empty(files):
    change(files / "centers" / "vaccines.yaml", "technology: vector", "technology: victor")

    with pytest.raises(CommandError, match=r"Nothing was loaded\. vaccines\.yaml, line \d+: technology is 'victor'"):
        call_command("load_reference")

    assert counts() == [0] * 7


def test_a_changed_rule_is_refused_and_nothing_else_is_written(files):
    call_command("load_reference")
    yaml = files / "priority" / "regulations.yaml"
    change(yaml, "label_de: 80 Jahre oder älter", "label_de: Mindestens 80 Jahre alt")
    change(yaml, "paragraph: § 2 Nummer 2\n", "paragraph: § 2 Nummer 3\n")

    with pytest.raises(
        CommandError, match=r"regulations\.yaml, line \d+: P1_HOME .*paragraph would change .*never edited"
    ):
        call_command("load_reference")

    assert not Criterion.objects.filter(label_de="Mindestens 80 Jahre alt").exists()


def test_a_changed_vaccine_rule_is_refused(files):
    call_command("load_reference")
    change(files / "centers" / "vaccines.yaml", "basis: licence, min_age: 16", "basis: licence, min_age: 17")

    with pytest.raises(CommandError, match="min_age would change from 16 to 17"):
        call_command("load_reference")


def test_words_are_corrected_and_a_new_regulation_closes_the_one_before(files, capsys):
    call_command("load_reference")
    yaml = files / "priority" / "regulations.yaml"
    change(yaml, "label_de: 80 Jahre oder älter", "label_de: Mindestens 80 Jahre alt")
    change(
        yaml,
        "    valid_from: 2021-06-07\n    grouped: false\n",
        "    valid_from: 2021-06-07\n    valid_until: 2021-08-31\n    grouped: false\n",
    )
    change(
        yaml,
        "evidence:\n  - code: ID",
        "  - code: S\n    name: Neue Fassung\n    valid_from: 2021-09-01\n    grouped: false\n    source: Test\n"
        "    summary_de: Neu.\n    summary_en: New.\nevidence:\n  - code: ID",
    )
    change(
        yaml,
        "      J:\n        paragraph: § 1 Absatz 1",
        "      S: {paragraph: § 1}\n      J:\n        paragraph: § 1 Absatz 1",
    )
    capsys.readouterr()

    call_command("load_reference")

    assert "criteria: 1 added, 4 corrected" in capsys.readouterr().out
    assert [regulation_on(facts.regulations(), day).code for day in (date(2021, 8, 31), date(2021, 9, 1))] == ["J", "S"]


def test_a_center_that_the_office_corrected_is_left_alone(capsys):
    call_command("load_reference")
    Center.objects.filter(code="SN04").update(street="Am Flugplatz 3")
    capsys.readouterr()

    call_command("load_reference")

    assert Center.objects.get(code="SN04").street == "Am Flugplatz 3"
    assert "1 differ and were left as they are" in capsys.readouterr().out


def test_a_shift_moves_every_date_is_recorded_and_stays():
    call_command("load_reference", shift_days=2000)

    call_command("load_reference")  # without a word about it: the recorded one

    assert set(Regulation.objects.values_list("shift_days", flat=True)) == {2000}
    assert VaccineAgeRule.objects.get(vaccine="vaxzevria", min_age=60).valid_from == date(2026, 9, 20)
    with pytest.raises(CommandError, match="loaded with a shift of 2000 days and 0 were asked for"):
        call_command("load_reference", shift_days=0)


def test_a_shifted_rule_judges_a_shifted_person_alike():
    plain = assess((), date(1941, 2, 16), date(2021, 2, 16), regulations()["F"])
    reference_facts.load(shift_days=365)

    shifted = regulation_on(facts.regulations(), date(2022, 2, 16))

    assert shifted.code == "F"
    assert assess((), date(1942, 2, 16), date(2022, 2, 16), shifted) == plain
