"""Staff, regulations with a few criteria, and openings."""

from datetime import UTC, date, datetime

import factory
from factory.django import DjangoModelFactory

from accounts.models import User
from priority.models import Criterion, Opening, Regulation


class UserFactory(DjangoModelFactory):
    class Meta:
        model = User

    username = factory.Sequence(lambda n: f"planner{n}")


class RegulationFactory(DjangoModelFactory):
    """The regulation of February 2021 with four grounds: 80+, care, 60+, everyone."""

    class Meta:
        model = Regulation
        django_get_or_create = ("code",)
        skip_postgeneration_save = True

    code = "F"
    name = "Coronavirus-Impfverordnung vom 8. Februar 2021"
    valid_from = date(2020, 12, 15)

    @factory.post_generation
    def grounds(self, create: bool, extracted: object, **_: object) -> None:
        for position, (code, level, kind, min_age) in enumerate(
            [
                ("P1_AGE80", 1, "age", 80),
                ("P1_HOMECARE", 1, "occupation", None),
                ("P3_AGE60", 3, "age", 60),
                ("P4_ALL", 4, "other", None),
            ]
        ):
            Criterion.objects.get_or_create(
                regulation=self,
                code=code,
                defaults={
                    "position": position, "level": level, "kind": kind, "min_age": min_age, "evidence": ["ID"],
                    "paragraph": f"§ {level + 1}", "label_de": code, "label_en": code,
                },
            )  # fmt: skip


class OpeningFactory(DjangoModelFactory):
    """Group 1, since December."""

    class Meta:
        model = Opening

    level = 1
    opens_at = datetime(2020, 12, 27, tzinfo=UTC)
    name_de = "Gruppe 1"
    name_en = "Group 1"
    created_by = factory.SubFactory(UserFactory)
    approved_by = factory.SubFactory(UserFactory)
