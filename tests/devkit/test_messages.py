"""The catalogue tool: what it finds in code and templates, and what it complains about."""

import polib
import pytest

from devkit import messages
from devkit.messages import Found, Key


def found(tmp_path, name, text):
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    return dict(messages.calls(path))


def test_calls_in_python_with_plural_and_context(tmp_path):
    source = """
from django.utils.translation import gettext_lazy as _, ngettext, pgettext
A = _("One")
B = ngettext("%(n)s place", "%(n)s places", 3)
C = pgettext("verb", "book")
"""
    assert found(tmp_path, "a.py", source) == {
        Key(None, "One"): "",
        Key(None, "%(n)s place"): "%(n)s places",
        Key("verb", "book"): "",
    }


def test_calls_in_templates_with_trimmed_blocks_quotes_and_odd_indentation(tmp_path):
    source = """
{% load i18n %}
      <p title="It's">{% translate 'Say "yes"' %}</p>
  {% blocktranslate trimmed count n=list|length with name=person.name %}
      {{ name }} has one
      thing
  {% plural %}{{ name }} has {{ n }} things{% endblocktranslate %}
 {{ _("In a variable") }} {% translate "May" context "month" %}
"""
    assert found(tmp_path, "a.html", source) == {
        Key(None, 'Say "yes"'): "",
        Key(None, "%(name)s has one thing"): "%(name)s has %(n)s things",
        Key(None, "In a variable"): "",
        Key("month", "May"): "",
    }


@pytest.mark.parametrize(
    ("path", "room"),
    [
        ("templates/base.html", "frame"),
        ("web/public/register.py", "public"),
        ("web/public/start.py", "frame"),
        ("templates/public/my/days.html", "visit"),
        ("booking/entitlement.py", "booking"),
    ],
)
def test_every_file_has_one_room(path, room):
    assert messages.room_of(path) == room


def merged(msgstr, *, text="Hello %(name)s", flags=()):
    old = polib.POEntry(msgid=text, msgstr=msgstr, flags=list(flags))
    return messages.merge({Key(None, text): Found(files=["a.py"])}, {Key(None, text): old})


def test_a_finished_translation_is_kept_and_passes():
    fresh = merged("Hallo %(name)s")

    assert fresh[0].msgstr == "Hallo %(name)s"
    assert messages.problems("room", fresh) == []


@pytest.mark.parametrize(
    ("msgstr", "flags", "complaint"),
    [
        ("", (), "no German"),
        ("Hallo %(name)s", ("fuzzy",), "unsure"),
        ("Hallo", (), "loses"),
        ("Hallo %(name)s %(nom)s", (), "nothing to show for"),
    ],
)
def test_what_a_reader_would_stumble_over_is_named(msgstr, flags, complaint):
    complaints = messages.problems("room", merged(msgstr, flags=flags))

    assert len(complaints) == 1
    assert complaint in complaints[0]


def test_a_message_nobody_says_any_more_is_dropped():
    old = polib.POEntry(msgid="Gone", msgstr="Weg")

    assert len(messages.merge({}, {Key(None, "Gone"): old})) == 0
