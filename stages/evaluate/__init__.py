"""Evaluate: arrays and a judge in, numbers out. It reads no model and shares no network with train."""
