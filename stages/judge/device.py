"""Where judges compute, and that they compute the same there each time. TF32 stays off, as for what they judge."""

import os

import torch

from stages import door


def choose() -> str:
    os.environ.setdefault("CUBLAS_WORKSPACE_CONFIG", ":4096:8")
    torch.backends.cudnn.benchmark = False
    torch.backends.cudnn.allow_tf32 = False
    return door.environment_device(torch.cuda.is_available())
