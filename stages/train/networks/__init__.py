"""The networks that systems are built of: a paper's own in a file each, and small dense counterparts."""
