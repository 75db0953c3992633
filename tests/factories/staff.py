"""Members of staff, with their roles and the centers where they work."""

import factory
from factory.django import DjangoModelFactory

from accounts.models import User
from accounts.roles import Role
from centers.models import Center, Workplace


class UserFactory(DjangoModelFactory):
    """A center manager; `at=[center, ...]` is where she works. No password fits: tests use force_login."""

    class Meta:
        model = User
        skip_postgeneration_save = True

    username = factory.Sequence(lambda n: f"staff{n}")
    first_name = "Mandy"
    last_name = factory.Sequence(lambda n: f"Vogel-{n}")
    email = factory.LazyAttribute(lambda user: f"{user.username}@example.org")
    password = "!"
    roles = factory.LazyFunction(lambda: [Role.CENTER_MANAGER])

    @factory.post_generation
    def at(self, create: bool, extracted: list[Center] | None, **_: object) -> None:
        for center in extracted or []:
            Workplace.objects.create(user=self, center=center)
