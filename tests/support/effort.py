"""How hard Hypothesis looks where one property is tried on many things that are alike."""

from hypothesis import settings


def fewer(times: int) -> settings:
    """Return settings that look at so many times fewer examples than the profile says.

    Only for what is parametrised over things of the same few shapes: together they are looked at
    oftener than any other property. `nightly` looks at thousands of each all the same.
    """
    return settings(max_examples=settings().max_examples // times)
