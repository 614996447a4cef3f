"""TensorRT by way of PyCUDA: the backend of a Jetson. One code path for TensorRT 8.5, 10 and 11."""
