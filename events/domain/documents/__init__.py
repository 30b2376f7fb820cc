"""What is published and pinned: documents, calendars, catalogues and forms, and who publishes them.

Facts, of one stream `rulebook-ISSUER`:
    document.published      an edition of a document is there, by its digest, and never changes
    document.issuer_freed   a name is nobody's any more, nor what was published under it

What every document is made of:
    document            its id, issuer, edition, title, citation; text in two languages
    conversion          from plain values to the shape of a document's kind, or what misfits
    problems            what is wrong with one: a code with values, said in both languages
    differences         what differs between two editions, by place

Kinds of documents (the rulebook has a wing of its own):
    working_days        a calendar: which days are worked, and when a deadline ends
    catalogue           what people look for in themselves, item by item
    form                the questions that somebody answers in writing

Besides:
    periods             years, and quarters that are rated before their year ends
    issuers             under whose name an edition is published, and that none is published twice

Stands on the definitions of facts, and `aggregate` for a refusal. Reads no log and no clock.

Start with `document.Document`, then `working_days.Calendar`.
"""
