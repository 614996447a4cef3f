"""Faces: aligned, embedded, searched for among those who agreed to be recognised."""
