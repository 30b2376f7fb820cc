"""Whether the roles of a rulebook are sound: each has a post, and each post is known."""

from collections.abc import Iterator

from events.domain.documents.problems import Problem
from events.domain.rulebook.rulebook import Rulebook
from events.domain.steps import PostRole, Step

ALWAYS = frozenset((PostRole.HEAD, PostRole.PROPOSER, PostRole.DECIDER))


def problems(rulebook: Rulebook) -> Iterator[Problem]:
    """Iterate over what is wrong with who acts, and with whatever names a post."""
    if rulebook.stated_roles is None:
        if not rulebook.stated_offices:
            yield Problem("offices", "no_offices")
        return
    if rulebook.stated_offices:
        yield Problem("offices", "offices_beside_roles")
    yield from _roles(rulebook)
    yield from _rungs(rulebook)
    yield from _others(rulebook)


def _roles(rulebook: Rulebook) -> Iterator[Problem]:
    needed = ALWAYS | {step.row.role for step in Step if rulebook.has(step)}
    for role in PostRole:
        posts = rulebook.roles.of(role)
        if role in needed and not posts:
            yield Problem(f"roles.{role}", "role_without_post")
        for post in sorted(set(posts) - rulebook.posts.keys()):
            yield Problem(f"roles.{role}", "post_without_label", post=post)


def _rungs(rulebook: Rulebook) -> Iterator[Problem]:
    """Iterate over rungs before whose post nobody could take anything up."""
    offices = rulebook.offices
    for number, rung in enumerate(rulebook.rungs):
        if rung.post not in offices:
            known = ", ".join(offices)
            yield Problem(f"rungs[{number}].post", "no_office", office=rung.post, known=known)


def _others(rulebook: Rulebook) -> Iterator[Problem]:
    """Iterate over posts of groups and meetings that no label knows: one may be misspelt."""
    named = [(f"groups.{each.id}.posts", each.posts) for each in rulebook.groups]
    named += [("meetings.posts", rulebook.meetings.posts if rulebook.meetings else ())]
    for path, posts in named:
        for post in sorted(set(posts) - rulebook.posts.keys()):
            yield Problem(path, "post_without_label", post=post)
