"""TensorRT engines: built from bundles on the device itself, kept on a shelf, and proven before they look."""
