"""What fetch leaves behind: arrays written as they come, and the facts for a card."""
