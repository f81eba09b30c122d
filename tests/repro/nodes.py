"""A Ray cluster of two nodes, which are processes on this machine."""

from collections.abc import Iterator
from contextlib import contextmanager

from ray.cluster_utils import Cluster


@contextmanager
def two_nodes() -> Iterator[Cluster]:
    """Each with room for one stage."""
    made = started()
    try:
        yield made
    finally:
        made.shutdown()


def started(tries: int = 4) -> Cluster:
    made = Cluster()
    try:
        made.add_node(num_cpus=1, include_dashboard=False)
        made.add_node(num_cpus=1)
    except Exception:  # the only kind that Ray has for a node that is not there in 30 s, as on a busy machine
        made.shutdown()
        if tries == 1:
            raise
        return started(tries - 1)
    return made
