"""An edition of the rules: its language, whether it is sound, and what it makes of facts.

Facts: none of its own. That an edition was published is told by document.published, which the wing
`documents` judges; cycles and reviews pin it by its digest, so a year keeps the rules under which
it began.

The language, as documents hold it:
    rulebook            levels, criteria, figures, rules, limits, days of steps, the ladder
    roles               which posts act, of whatever name, where the law needs somebody
    step_terms          what an edition says of a step: which, who, by when, what holds without
    grounds             on which grounds a rating is given again, who may, and until when
    terms               who is reviewed, where, by which vote, under which cap
    variables           what conditions see besides points and figures
    conditions          the conditions themselves: CEL over whole numbers and truth values

What it makes of facts:
    rating              the level, the total, and which rule held: the one calculation of tusoi

Whether it is sound, told all at once, with place and remedy:
    validity            the whole of it; `read` makes a rulebook of a document
    roles_validity      its roles, and whatever names a post
    steps_validity      its steps, and how several of a kind follow one another
    terms_validity      its terms
    cut_offs            whether its bounds on points leave somebody out or overlap
    sound               whether a document of any kind is: by which reader
    cases               whether cases worked by hand come to their levels, and try every rule

What a step is stands in the table of steps, also in which unit and by which role it is taken. An
edition says by when, and which posts have the role; what it is called there; and of appraisals how
many there are, in which units and by which of these posts.

Stands on `documents`, `aggregate` (a refusal) and the table of steps. Reads no log and no clock.

Start with `rulebook.Rulebook` beside `events/reference/rulebooks/neutral.yaml`, then
`rating.outcome`.
"""
