"""How an older database becomes the current one: the steps that ``migrating`` runs at every start.

Each file in ``versions`` is a step upwards; there are none downwards. A step that has been released is never
changed. After a change in ``models``, tests/api/test_storage_migrations.py names what the steps lack.
"""
