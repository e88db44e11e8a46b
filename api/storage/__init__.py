"""What the server has to remember: conversations, feedback and API keys, in SQLite or PostgreSQL.

    database       the connection, its settings, transactions, and what deletion leaves behind
    migrating      brings the tables up to date at start
    models         the tables
    conversations  what was said, what was thought of it, and its erasure
    rating         what can be thought of a reply
    keys           API keys, stored hashed
    token_use      how many tokens of the language model were used today
    errors         what can go wrong
    migrations/    how an older database becomes the current one (Alembic)

All of it is synchronous and safe across threads: call it in worker threads, never on the event loop.
"""
