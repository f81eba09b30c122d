"""Render: tables and runs in, notebooks executed, HTML pages out. Pages need no network and no other file."""
