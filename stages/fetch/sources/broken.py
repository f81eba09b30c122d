"""Files from outside that cannot be read: one line that names the file, whichever library found out."""

import errno
from collections.abc import Iterator
from contextlib import contextmanager

from stages.door import UserError

OURS_NOT_THEIRS = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)  # a full disk says nothing about a file being read


@contextmanager
def reading(where: object) -> Iterator[None]:
    """Whatever a library raises on bytes from outside, the bytes are at fault; it may be any exception."""
    try:
        yield
    except UserError:
        raise
    except Exception as error:
        if isinstance(error, OSError) and error.errno in OURS_NOT_THEIRS:
            raise
        why = " ".join(str(error).split())[:200] or type(error).__name__
        raise UserError(f"{where} cannot be read ({why}); get it again or give another source") from None
