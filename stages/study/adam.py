"""Adam (Kingma and Ba 2015), for the studies that descend without torch."""

import numpy as np


class Adam:
    def __init__(self, rate: float, beta1: float, beta2: float):
        self.rate, self.beta1, self.beta2 = rate, beta1, beta2
        self.steps = 0

    def step(self, gradient: np.ndarray) -> np.ndarray:
        """What is to be added to the parameters."""
        if self.steps == 0:
            self.first, self.second = np.zeros_like(gradient), np.zeros_like(gradient)
        self.steps += 1
        self.first += (1 - self.beta1) * (gradient - self.first)
        self.second += (1 - self.beta2) * (gradient**2 - self.second)
        spread = np.sqrt(self.second)
        spread /= (1 - self.beta2**self.steps) ** 0.5
        spread += 1e-8
        return np.asarray(self.first / spread * (-self.rate / (1 - self.beta1**self.steps)))
