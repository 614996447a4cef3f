"""Beffroi on the device: cameras in, confirmed and durable incidents out."""
