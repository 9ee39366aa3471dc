"""The same network on containers: keys, settings and server configurations for `compose.yaml`."""
