"""The tables of the log. Nobody outside `events.store` touches them.

The migrations in `events/store/migrations` make them; a test holds the two against each other.
Times are whole microseconds since 1970 in UTC, so that both databases keep them exactly.
"""

import sqlalchemy as sa

metadata = sa.MetaData()


class Place(sa.BigInteger):
    """A number by which rows are found, as each database counts best; see `sqlite.py`."""


# One row an event, never changed. `arrival` says in which order rows were written; it has gaps.
events = sa.Table(
    "events",
    metadata,
    sa.Column("arrival", Place, sa.Identity(cache=1), primary_key=True),
    sa.Column("stream", sa.Text, nullable=False),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Column("source", sa.Text, nullable=False),
    sa.Column("id", sa.Text, nullable=False),
    sa.Column("type", sa.Text, nullable=False),
    sa.Column("entry", sa.LargeBinary, nullable=False),
    sa.Column("leaf_hash", sa.LargeBinary, nullable=False),
    sa.Column("request_digest", sa.LargeBinary),  # HMAC of what the sender sent, if one did
    sa.UniqueConstraint("stream", "version", name="events_stream_version"),
    sa.UniqueConstraint("id", "source", name="events_source_id"),  # ids are looked up,
)

# Committed and not yet numbered. A row lives for milliseconds.
pending = sa.Table(
    "pending", metadata, sa.Column("arrival", Place, primary_key=True, autoincrement=False)
)

# The total order: gap-free positions from 1, given after commit by the one sequencer.
log = sa.Table(
    "log",
    metadata,
    sa.Column("position", Place, primary_key=True, autoincrement=False),
    sa.Column("arrival", sa.BigInteger, nullable=False),
    sa.Column("sequencedat", sa.BigInteger, nullable=False),
    sa.UniqueConstraint("arrival", name="log_arrival"),
)

# One row: how far the log goes, the root of its tree, and the tree's right edge.
head = sa.Table(
    "head",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("size", sa.BigInteger, nullable=False),
    sa.Column("root", sa.LargeBinary, nullable=False),
    sa.Column("edge", sa.LargeBinary, nullable=False),
    sa.Column("sequencedat", sa.BigInteger, nullable=False),
    sa.CheckConstraint("id = 1", name="head_one_row"),
)

# Every signed tree head, kept for ever.
checkpoints = sa.Table(
    "checkpoints",
    metadata,
    sa.Column("origin", sa.Text, primary_key=True),
    sa.Column("size", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("note", sa.Text, nullable=False),
    sa.Column("link", sa.Text, nullable=False),  # likewise signed, and published nowhere
)

# The tree's hashes, 256 at a time, as C2SP's tlog-tiles has them; full tiles only, made when there
# is time.
tiles = sa.Table(
    "tiles",
    metadata,
    sa.Column("level", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("number", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("hashes", sa.LargeBinary, nullable=False),
)

# The vault: sealed words. A row may go once its key is destroyed; no event ever does.
texts = sa.Table(
    "texts",
    metadata,
    sa.Column("commitment", sa.Text, primary_key=True),
    sa.Column("owner", sa.Text, nullable=False),
    sa.Column("scope", sa.Text, nullable=False),
    sa.Column("box", sa.LargeBinary, nullable=False),
    sa.Index("texts_owner_scope", "owner", "scope"),
)

# Evidence files, sealed as words are; their content lies in `chunks`, 1 MiB in each.
files = sa.Table(
    "files",
    metadata,
    sa.Column("commitment", sa.Text, primary_key=True),
    sa.Column("owner", sa.Text, nullable=False),
    sa.Column("scope", sa.Text, nullable=False),
    sa.Column("size", sa.BigInteger, nullable=False),
    sa.Column("mediatype", sa.Text, nullable=False),
    sa.Column("header", sa.LargeBinary, nullable=False),
    sa.Column("storedat", sa.BigInteger, nullable=False),
    sa.Index("files_owner_scope", "owner", "scope"),
)
chunks = sa.Table(
    "chunks",
    metadata,
    sa.Column("commitment", sa.Text, primary_key=True),
    sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("box", sa.LargeBinary, nullable=False),
)

# Other systems' numbers of units and members, by keyed digest, and whom we know under them.
numbers = sa.Table(
    "numbers",
    metadata,
    sa.Column("digest", sa.LargeBinary, primary_key=True),
    sa.Column("id", sa.Text, nullable=False),
    sa.Index("numbers_id", "id"),
)

# Events that told what is in the log already: which fact of their stream says so.
retold = sa.Table(
    "retold",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("source", sa.Text, primary_key=True),
    sa.Column("stream", sa.Text, nullable=False),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Column("type", sa.Text, nullable=False),
    sa.Column("heldat", sa.BigInteger, nullable=False),  # of which time it was told
    sa.Column("recordedat", sa.BigInteger, nullable=False),  # when that fact was
    sa.Column("toldat", sa.BigInteger, nullable=False),
    sa.Column("principal", sa.Text, nullable=False),
    sa.Column("request_digest", sa.LargeBinary),
    sa.Index("retold_stream", "stream"),
    sa.Index("retold_toldat", "toldat"),
)

# Content-addressed documents: rulebooks, catalogues, calendars, forms. No personal text.
documents = sa.Table(
    "documents",
    metadata,
    sa.Column("digest", sa.Text, primary_key=True),
    sa.Column("body", sa.LargeBinary, nullable=False),
)

# How far each subscriber has come. A projection has a row for each build of its tables.
subscriptions = sa.Table(
    "subscriptions",
    metadata,
    sa.Column("name", sa.Text, primary_key=True),
    sa.Column("build", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("edition", sa.Integer, nullable=False),
    sa.Column("serving", sa.Boolean, nullable=False),
    sa.Column("position", sa.BigInteger, nullable=False),
)

# Events that a subscriber could not deal with, and the later ones of their streams.
parked = sa.Table(
    "parked",
    metadata,
    sa.Column("name", sa.Text, primary_key=True),
    sa.Column("build", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("position", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("stream", sa.Text, nullable=False),
    sa.Column("error", sa.Text, nullable=False),  # the class of the error and no data
    sa.Column("parkedat", sa.BigInteger, nullable=False),
    sa.Index("parked_stream", "name", "build", "stream"),
)

# What no statement may ever change; the migrations put triggers on them.
IMMUTABLE = ("events", "log", "checkpoints", "tiles")
